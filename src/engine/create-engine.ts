/**
 * The engine behind the worker's contract: one model, one generation at a time. Knows neither ORT nor files; both
 * come in through `openModel`.
 */
import type {
  EngineApi,
  GenerateRequest,
  LoadEvent,
  LoadedModel,
  LoadOptions,
} from '../contract/engine.ts';
import { AppError } from '../contract/errors.ts';
import type { GenerationEvent } from '../contract/events.ts';
import type { CompiledManifest } from '../contract/model.ts';
import type { LoadSummary } from '../contract/stats.ts';
import { yieldToEvents } from '../lib/yield-to-events.ts';
import { checkLoadOptions, checkRequest } from './check-request.ts';
import type { Clock } from './generate.ts';
import type { LanguageModel } from './language-model.ts';
import { PromptCache } from './prompt-cache.ts';
import { reply, type Speaker } from './reply.ts';
import { Sampler } from './sampling/sampler.ts';
import { SystemPrompt, type PrefixFile } from './system-prompt.ts';
import type { ChatTemplate } from './text/chat-template.ts';
import type { TextCodec } from './text/tokenizer.ts';

/** A model with all that turns text into its tokens and back. The engine disposes it. */
export interface OpenedModel {
  readonly model: LanguageModel;
  readonly codec: TextCodec;
  readonly template: ChatTemplate;
  readonly manifest: CompiledManifest;
  readonly summary: LoadSummary;
  /** Prompt tokens per run: how long a cancel may wait during prefill. */
  readonly chunkTokens: number;
}

/** What a browser offers is asked of the worker, not of its engine. */
export type ModelEngine = Omit<EngineApi, 'probe' | 'tryWaysOut'>;

export interface EngineParts {
  /** Rejects with an `AppError`; must leave nothing behind when it does. */
  readonly openModel: (
    folder: string,
    options: LoadOptions,
    onProgress: (event: LoadEvent) => void,
  ) => Promise<OpenedModel>;
  /** Where the system prompt of the model in `folder` is kept, run, from one load to the next. Without it: nowhere. */
  readonly prefixFile?: (folder: string) => PrefixFile;
  readonly clock?: Clock;
}

type State =
  | { readonly is: 'empty' }
  | { readonly is: 'loading' }
  | { readonly is: 'unloading' }
  | { readonly is: 'ready'; readonly speaker: Speaker }
  | { readonly is: 'generating'; readonly speaker: Speaker; readonly stop: () => Promise<void> };

const REAL_CLOCK: Clock = { now: () => performance.now(), yieldToEvents };

/** The engine closes its end of each port that it is given, once nothing more will come. */
export function createEngine(parts: EngineParts): ModelEngine {
  const { openModel, prefixFile, clock = REAL_CLOCK } = parts;
  let state: State = { is: 'empty' };

  async function load(
    folder: string,
    options: LoadOptions,
    events: MessagePort,
  ): Promise<LoadedModel> {
    try {
      if (state.is !== 'empty') throw new AppError('busy', `asked to load while ${state.is}`);
      checkLoadOptions(options);
      state = { is: 'loading' };
      try {
        const opened = await openModel(folder, options, (event) => events.postMessage(event));
        const { manifest, summary, model, codec } = opened;
        if (codec.vocabulary > model.vocabulary) {
          await model.dispose();
          const message = `${codec.vocabulary} tokens for ${model.vocabulary} logits`;
          throw new AppError('vocabulary-mismatch', message);
        }
        state = { is: 'ready', speaker: await toSpeaker(opened, folder) };
        return { manifest, contextTokens: model.contextTokens, summary };
      } catch (thrown) {
        state = { is: 'empty' };
        throw thrown;
      }
    } finally {
      events.close();
    }
  }

  async function toSpeaker(opened: OpenedModel, folder: string): Promise<Speaker> {
    const { model, codec, template, manifest, chunkTokens } = opened;
    const file = prefixFile?.(folder);
    return {
      model,
      codec,
      template,
      stopTokens: new Set(manifest.stopTokens),
      cache: new PromptCache(model),
      systemPrompt: file === undefined ? null : await SystemPrompt.open(template, file),
      sampler: new Sampler(model.vocabulary),
      chunkTokens,
      clock,
    };
  }

  function accept(request: GenerateRequest, events: MessagePort): void {
    const acceptedAtMs = clock.now();
    if (state.is === 'generating') throw new AppError('busy', 'a generation is running');
    if (state.is !== 'ready') throw new AppError('not-loaded', `the engine is ${state.is}`);
    const { speaker } = state;
    checkRequest(request, speaker.model.vocabulary);

    let isCancelled = false;
    events.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data === 'cancel') isCancelled = true;
    };
    const ended = reply(speaker, {
      request,
      acceptedAtMs,
      isCancelled: () => isCancelled,
      post: (event: GenerationEvent) => events.postMessage(event),
    }).finally(() => {
      if (state.is === 'generating') state = { is: 'ready', speaker };
      events.close();
    });
    const stop = () => {
      isCancelled = true;
      return ended;
    };
    state = { is: 'generating', speaker, stop };
  }

  async function generate(request: GenerateRequest, events: MessagePort): Promise<void> {
    try {
      accept(request, events);
    } catch (thrown) {
      events.close();
      throw thrown;
    }
  }

  /** Stops a reply first; its ending is sent. Nothing to do when nothing is loaded. */
  async function unload(): Promise<void> {
    if (state.is === 'empty') return;
    if (state.is === 'loading' || state.is === 'unloading') {
      throw new AppError('busy', `asked to unload while ${state.is}`);
    }
    const { speaker } = state;
    const ended = state.is === 'generating' ? state.stop() : Promise.resolve();
    state = { is: 'unloading' };
    try {
      await ended;
      await speaker.model.dispose();
    } finally {
      state = { is: 'empty' };
    }
  }

  return { load, generate, unload };
}
