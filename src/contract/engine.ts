import type { CompiledManifest } from './model.ts';
import type { WayOutTried } from './requests.ts';
import type { Capability, Rung } from './rungs.ts';
import type { LoadSummary } from './stats.ts';

/** All the page may ask of the inference worker. If it is not here, it does not cross. */
export interface EngineApi {
  /** What this browser offers to run a model on. Loads nothing; may be asked at any time. */
  probe(): Promise<Capability>;

  /**
   * Loads a compiled model that is already on disk. Never touches the network. Steps arrive on `events`
   * as `LoadEvent`s. Rejects with `compiled-damaged` when a file is missing or has the wrong size,
   * `out-of-memory` when the heap cannot grow. One load per worker: a second is refused with `busy`.
   */
  load(folder: string, options: LoadOptions, events: MessagePort): Promise<LoadedModel>;

  /**
   * Resolves when the request is accepted. What follows, including the ending,
   * arrives on `events` as `GenerationEvent`s; post 'cancel' there to stop.
   * One generation at a time: a second request is refused with `busy`, not queued. Also refused, with no event:
   * `prompt-empty`, `invalid-request`, `not-loaded`. A prompt that proves too long is an ending, `failed`.
   */
  generate(request: GenerateRequest, events: MessagePort): Promise<void>;

  unload(): Promise<void>;

  /** Tries to reach a host beyond this page from within the worker, and says what the browser did. Any time. */
  tryWaysOut(): Promise<readonly WayOutTried[]>;
}

export interface LoadOptions {
  /** How to run it; the folder is one compiled for the target of this rung. */
  readonly rung: Rung;
  /** Prompt plus reply, in tokens. Sizes the KV cache, so it is memory, not a preference. */
  readonly contextTokens: number;
  /** WASM threads; 1 where the page is not cross-origin isolated. */
  readonly threads: number;
}

export interface LoadEvent {
  readonly type: 'loading';
  readonly phase: LoadSummary['phases'][number]['name'];
  /** 0–1 over the whole load. */
  readonly fraction: number;
}

export interface LoadedModel {
  readonly manifest: CompiledManifest;
  readonly contextTokens: number;
  readonly summary: LoadSummary;
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
  /**
   * Ids this reply was generated as, so that the next prompt repeats them exactly and the cache is found again.
   * Takes the place of `content` in the prompt: leave it out for an edited reply, and for one that ended at a stop
   * string, whose last ids are not part of the text.
   */
  readonly tokenIds?: readonly number[];
}

export interface GenerateRequest {
  /** Maybe one system message, first; the last is the person's. Without a system message there is an empty one. */
  readonly messages: readonly ChatMessage[];
  readonly sampling: Sampling;
  readonly maxNewTokens: number;
  /** The reply ends before the first of these to be completed; none is part of the text. At most 16 of 1–256 characters. */
  readonly stopStrings: readonly string[];
  /**
   * Ids of this very reply that an engine generated before it died: it goes on after them, with the text and the draws
   * that would have followed. They are part of the prompt; none of them is sent again. Absent: from the beginning.
   */
  readonly begun?: readonly number[];
  /**
   * 1–20: each token comes with so many of the most likely ones, and the prompt is told piece by piece. Absent: neither.
   * Changes nothing of what is chosen.
   */
  readonly alternatives?: number;
  /**
   * A measurement: nothing of the prompt is taken from the cache or kept beside the model, no token is drafted, and stop tokens do not
   * end the reply, so that prompt and reply have the length that was asked for. Absent: as for a person.
   */
  readonly isMeasured?: true;
}

/**
 * How a token is chosen, in this order: penalty, temperature, top-k, top-p, min-p, draw. On a GPU the 64 most likely
 * tokens leave it and the choice is among these: `topK` is then at most 64, and the penalty reaches only them.
 */
export interface Sampling {
  /** 0 is greedy: always the most likely token. Otherwise 0.01–5. */
  readonly temperature: number;
  /** Keep the k most likely; 0 keeps all. */
  readonly topK: number;
  /** Keep the fewest tokens whose probabilities sum to p, 0–1; 1 keeps all. */
  readonly topP: number;
  /** Drop tokens less likely than this share of the most likely one, 0–1; 0 keeps all. */
  readonly minP: number;
  /** Divides positive logits and multiplies negative ones of tokens in prompt and reply, 0.1–10; 1 changes nothing. */
  readonly repetitionPenalty: number;
  /** Unsigned 32-bit. The same seed, prompt and model give the same text. */
  readonly seed: number;
}
