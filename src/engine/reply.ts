import type { GenerateRequest } from '../contract/engine.ts';
import { toWire } from '../contract/errors.ts';
import type { GenerationEvent, Piece, TokenInsight } from '../contract/events.ts';
import type { RunTimes } from '../contract/stats.ts';
import { Prng } from '../lib/prng.ts';
import { fitContext } from './fit-context.ts';
import { generate, type Clock } from './generate.ts';
import { MOST_SCORED_TOKENS, type LanguageModel } from './language-model.ts';
import type { PromptCache } from './prompt-cache.ts';
import { PromptLookup } from './prompt-lookup.ts';
import type { Alternatives, Sampler } from './sampling/sampler.ts';
import { summarise } from './stats.ts';
import type { SystemPrompt } from './system-prompt.ts';
import type { ChatTemplate } from './text/chat-template.ts';
import { ReplyText } from './text/reply-text.ts';
import type { TextCodec } from './text/tokenizer.ts';

/** A loaded model, ready to reply, and what lasts from one reply to the next. */
export interface Speaker {
  readonly model: LanguageModel;
  readonly codec: TextCodec;
  readonly template: ChatTemplate;
  readonly stopTokens: ReadonlySet<number>;
  readonly cache: PromptCache;
  /** Null where nothing can be kept. */
  readonly systemPrompt: SystemPrompt | null;
  readonly sampler: Sampler;
  readonly chunkTokens: number;
  readonly clock: Clock;
}

/** One request and where its events go. */
export interface Call {
  /** Checked. */
  readonly request: GenerateRequest;
  readonly acceptedAtMs: number;
  readonly isCancelled: () => boolean;
  readonly post: (event: GenerationEvent) => void;
}

const NO_TOKENS: ReadonlySet<number> = new Set();

/** One generation as events, of which exactly one is an ending, whatever happens. Never rejects. */
export async function reply(speaker: Speaker, call: Call): Promise<void> {
  try {
    await speaker.clock.yieldToEvents(); // the caller learns first that the request is accepted
    call.post(await speak(speaker, call));
    void speaker.systemPrompt?.save(); // takes care of its failures; the next request need not wait
  } catch (thrown) {
    call.post({ type: 'failed', error: toWire(thrown) });
  }
}

async function speak(speaker: Speaker, call: Call): Promise<GenerationEvent> {
  const { model, codec, template, cache, systemPrompt, sampler, clock } = speaker;
  const { request, acceptedAtMs, post } = call;
  const begun = request.begun ?? [];
  const { tokens, omittedMessages } = fitContext(
    request.messages,
    template,
    codec,
    model.contextTokens,
    begun.length,
  );
  const prompt = [...tokens, ...begun];
  const promptTokens = prompt.length;
  const prng = new Prng(request.sampling.seed);
  const text = new ReplyText(codec, request.stopStrings);
  const wanted = request.alternatives ?? 0;
  let begunText = '';
  for (const id of begun) {
    begunText += text.push(id); // a character or stop string may be open at its end
    if (request.sampling.temperature > 0) prng.nextFraction(); // as it was drawn
  }
  const pieceOf = toPieces(codec);
  if (wanted > 0) post({ type: 'prompt', pieces: prompt.map(pieceOf), begunText });
  const isMeasured = request.isMeasured === true;
  if (isMeasured) cache.truncate(0);
  else await systemPrompt?.warm(cache, prompt);
  const pauseAfterTokens = isMeasured
    ? 0
    : (systemPrompt?.tokensToKeep(request.messages, prompt) ?? 0);
  const progress = generate(
    cache,
    {
      prompt,
      chunkTokens: speaker.chunkTokens,
      pauseAfterTokens,
      choose: (next, seen) => sampler.sample(next, seen, request.sampling, prng, wanted),
      text,
      stopTokens: isMeasured ? NO_TOKENS : speaker.stopTokens,
      maxNewTokens: request.maxNewTokens,
      lookup: cache.canScore && !isMeasured ? new PromptLookup(MOST_SCORED_TOKENS - 1) : null,
      isCancelled: call.isCancelled,
    },
    clock,
  );

  let reusedTokens = 0;
  let ranTokens = 0;
  let prefillMs = 0;
  const sampledAtMs: number[] = [];
  const runTimes: RunTimes[] = [];
  for (;;) {
    const { value, done } = await progress.next();
    if (done === true) {
      const summary = summarise({
        acceptedAtMs,
        endedAtMs: clock.now(),
        promptTokens,
        reusedTokens,
        ranTokens,
        prefillMs,
        sampledAtMs,
        runTimes,
        contextUsedTokens: cache.length,
        contextTokens: model.contextTokens,
      });
      return { type: 'end', reason: value, tail: text.flush(), summary };
    }
    if (value.type === 'prefill') {
      const { doneTokens } = value;
      ({ reusedTokens } = value);
      ranTokens = doneTokens - reusedTokens;
      prefillMs += value.runMs;
      post({ type: 'prefill', doneTokens, promptTokens, reusedTokens, omittedMessages });
      if (doneTokens > 0 && doneTokens === pauseAfterTokens) await systemPrompt?.keep(cache);
    } else {
      // The first token came of the prompt's last run.
      const { latestTimes = null } = model;
      if (sampledAtMs.length > 0 && latestTimes !== null) runTimes.push(latestTimes);
      for (const { atMs } of value.tokens) sampledAtMs.push(atMs);
      const tokens = value.tokens.map(({ alternatives, ...token }) => ({
        ...token,
        atMs: token.atMs - acceptedAtMs,
        ...(alternatives === undefined ? {} : { insight: toInsight(alternatives, pieceOf) }),
      }));
      post({ type: 'step', tokens, drafted: value.drafted });
    }
  }
}

function toInsight(
  { before, entropyNats, tokens }: Alternatives,
  pieceOf: (id: number) => Piece,
): TokenInsight {
  return {
    before,
    entropyNats,
    alternatives: tokens.map((token) => ({ ...token, ...pieceOf(token.id) })),
  };
}

/** Tokens as one reads them, each by itself. */
function toPieces(codec: TextCodec): (id: number) => Piece {
  const names = new Map([...codec.controlTokens].map(([name, id]) => [id, name]));
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return (id) => {
    const name = names.get(id);
    return name === undefined
      ? { text: decoder.decode(codec.bytesOf(id)), isControl: false }
      : { text: name, isControl: true };
  };
}
