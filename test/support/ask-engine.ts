import type { GenerateRequest } from '../../src/contract/engine.ts';
import type { GenerationEvent } from '../../src/contract/events.ts';
import type { ModelEngine } from '../../src/engine/create-engine.ts';

/**
 * Every event of one reply, in a worker as in Node.
 * @param onTokens told how many tokens have come; what it returns is posted, so 'cancel' stops the reply
 */
export async function askEngine(
  engine: ModelEngine,
  request: GenerateRequest,
  onTokens: (tokens: number) => 'cancel' | null = () => null,
): Promise<readonly GenerationEvent[]> {
  const { port1: own, port2: far } = new MessageChannel();
  const events: GenerationEvent[] = [];
  let tokens = 0;
  const ended = new Promise<void>((resolve) => {
    own.onmessage = ({ data }: MessageEvent<GenerationEvent>) => {
      events.push(data);
      if (data.type === 'end' || data.type === 'failed') resolve();
      if (data.type !== 'step') return;
      tokens += data.tokens.length;
      const answer = onTokens(tokens);
      if (answer !== null) own.postMessage(answer);
    };
  });
  try {
    await engine.generate(request, far);
    await ended;
    return events;
  } finally {
    own.close();
  }
}

export function tokensIn(events: readonly GenerationEvent[]): readonly number[] {
  return events.flatMap((event) => (event.type === 'step' ? event.tokens.map(({ id }) => id) : []));
}
