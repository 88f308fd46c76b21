import type { GenerateRequest } from '../../src/contract/engine.ts';
import { fromWire } from '../../src/contract/errors.ts';
import type { GenerationEvent, StopReason } from '../../src/contract/events.ts';
import type { GenerationSummary } from '../../src/contract/stats.ts';
import { createEngine } from '../../src/engine/create-engine.ts';
import { openModel } from '../../src/engine/ort/open-model.ts';
import { Inbox } from '../../src/lib/inbox.ts';
import { nodeModelFolder } from './open-compiled-folder.ts';
import { cpuThreads } from './threads.ts';

export interface Reply {
  readonly text: string;
  readonly tokenIds: readonly number[];
  readonly reason: StopReason;
  readonly summary: GenerationSummary;
}

/** The page's engine with a model in it: any number of requests, one after another. */
export interface Answerer {
  /** @throws AppError as `EngineApi.generate`, and what a generation fails with */
  answer(request: GenerateRequest, onText?: (text: string) => void): Promise<Reply>;
  close(): Promise<void>;
}

/** Loads the compiled model in `folder`. @throws AppError as `EngineApi.load` */
export async function openAnswerer(folder: string, contextTokens: number): Promise<Answerer> {
  const engine = createEngine({
    openModel: (path, options, onProgress) =>
      openModel(nodeModelFolder(path), { ...options, runtime: { folderUrl: null } }, onProgress),
  });
  const loading = new MessageChannel();
  await engine.load(
    folder,
    { rung: 'wasm-int8', contextTokens, threads: cpuThreads() },
    loading.port2,
  );
  loading.port1.close();

  return {
    async answer(request, onText = () => {}) {
      const { port1, port2 } = new MessageChannel();
      const inbox = new Inbox<GenerationEvent>(port1, new AbortController().signal);
      await engine.generate(request, port2);
      let text = '';
      const tokenIds: number[] = [];
      for (;;) {
        const event = await inbox.next();
        if (event.type === 'failed') throw fromWire(event.error);
        if (event.type === 'step') {
          for (const token of event.tokens) {
            tokenIds.push(token.id);
            text += token.text;
            onText(token.text);
          }
        }
        if (event.type !== 'end') continue;
        inbox.close();
        onText(event.tail);
        return { text: text + event.tail, tokenIds, reason: event.reason, summary: event.summary };
      }
    },
    close: () => engine.unload(),
  };
}
