import { Tensor, type InferenceSession } from '#ort';
import { AppError } from '../../contract/errors.ts';
import type { DecoderShape } from '../../contract/model.ts';
import { checkRun } from '../check-run.ts';
import type { KvSnapshot, LanguageModel } from '../language-model.ts';
import type { NextToken } from '../next-token.ts';
import { decoderFeeds } from './feeds.ts';
import { KvCache } from './kv-cache.ts';
import { toAppError } from './session.ts';

export interface Embedding {
  embed(token: number, target: Float32Array, at: number): void;
}

/** `LanguageModel` on a session that src/compile/wasm-dialect.ts describes. */
export class OrtLanguageModel implements LanguageModel {
  readonly vocabulary: number;
  readonly contextTokens: number;
  readonly #shape: DecoderShape;
  readonly #cache: KvCache;
  readonly #embedding: Embedding;
  readonly #onDispose: () => void;
  #session: InferenceSession | null;

  constructor(
    session: InferenceSession,
    shape: DecoderShape,
    embedding: Embedding,
    contextTokens: number,
    onDispose: () => void = () => {},
  ) {
    this.#session = session;
    this.#shape = shape;
    this.#embedding = embedding;
    this.#onDispose = onDispose;
    this.#cache = new KvCache(shape, contextTokens);
    this.vocabulary = shape.vocabulary;
    this.contextTokens = contextTokens;
  }

  get length(): number {
    return this.#cache.length;
  }

  async prefill(tokens: readonly number[]): Promise<NextToken> {
    return { of: 'all', logits: await this.score(tokens, 1) };
  }

  decode(token: number): Promise<NextToken> {
    return this.prefill([token]);
  }

  /**
   * `prefill` that returns the raw logits of the last `wanted` tokens, `[wanted][vocabulary]`: 600 kB each for
   * Qwen2.5. For measuring quality and for verifying drafts.
   */
  async score(tokens: readonly number[], wanted: number): Promise<Float32Array> {
    const session = this.#session;
    if (session === null) throw new AppError('not-loaded', 'the model was disposed');
    checkRun(tokens, this);
    if (wanted < 1 || wanted > tokens.length) {
      throw new RangeError(`no logits for ${wanted} of ${tokens.length} tokens`);
    }
    const { width } = this.#shape;
    const embeds = new Float32Array(tokens.length * width);
    for (const [i, token] of tokens.entries()) this.#embedding.embed(token, embeds, i * width);
    const feeds = decoderFeeds(this.#shape, this.#cache, embeds, tokens.length, wanted);
    const { logits, new_kv: newKv } = await session.run(feeds).catch((error: unknown) => {
      throw toAppError(error);
    });
    this.#cache.append(floats(newKv), tokens.length);
    return floats(logits);
  }

  truncate(length: number): void {
    this.#cache.truncate(length);
  }

  async snapshot(): Promise<KvSnapshot> {
    return this.#cache.snapshot();
  }

  async restore(snapshot: KvSnapshot): Promise<void> {
    this.#cache.restore(snapshot);
  }

  async dispose(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.release();
    if (session !== null) this.#onDispose();
  }
}

function floats(tensor: Tensor | undefined): Float32Array {
  const data = tensor?.data;
  if (!(data instanceof Float32Array)) throw new AppError('runtime-failed', 'an output is missing');
  return data;
}
