import type { KvSnapshot, LanguageModel } from '../../src/engine/language-model.ts';

/** Chooses what follows the tokens in the cache. */
export type NextToken = (cached: readonly number[]) => number;

/**
 * A `LanguageModel` whose logits are a function of all the tokens in its cache: a step that is skipped, repeated
 * or run at another place shows. Keeps the contract; its "keys" and "values" are the ids.
 */
export class FakeLanguageModel implements LanguageModel {
  readonly vocabulary: number;
  readonly contextTokens: number;
  /** Lengths of the runs so far: what a test asks to see how a prompt was cut. */
  readonly runs: number[] = [];
  readonly #nextToken: NextToken | null;
  #cached: number[] = [];
  #isDisposed = false;

  /** @param nextToken makes one token far more likely than all others; without it the logits look random */
  constructor(vocabulary: number, contextTokens: number, nextToken: NextToken | null = null) {
    this.vocabulary = vocabulary;
    this.contextTokens = contextTokens;
    this.#nextToken = nextToken;
  }

  get length(): number {
    return this.#cached.length;
  }

  get cached(): readonly number[] {
    return this.#cached;
  }

  async prefill(tokens: readonly number[]): Promise<Float32Array> {
    if (this.#isDisposed) throw new Error('disposed');
    if (tokens.length === 0) throw new RangeError('nothing to run');
    if (this.length + tokens.length > this.contextTokens) throw new RangeError('context is full');
    if (tokens.some((id) => !Number.isInteger(id) || id < 0 || id >= this.vocabulary)) {
      throw new RangeError('no such token');
    }
    this.runs.push(tokens.length);
    this.#cached.push(...tokens);
    return this.#logits();
  }

  decode(token: number): Promise<Float32Array> {
    return this.prefill([token]);
  }

  truncate(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.length) {
      throw new RangeError(`cannot truncate ${this.length} tokens to ${length}`);
    }
    this.#cached.length = length;
  }

  snapshot(): KvSnapshot {
    const values = Float32Array.from([...this.#cached, ...this.#cached]);
    return { length: this.length, layers: 1, keyValueHeads: 1, headSize: 1, values };
  }

  restore({ length, layers, keyValueHeads, headSize, values }: KvSnapshot): void {
    const isOfThisShape = layers === 1 && keyValueHeads === 1 && headSize === 1;
    if (!isOfThisShape || values.length !== 2 * length || length > this.contextTokens) {
      throw new RangeError('snapshot of another shape');
    }
    this.#cached = [...values.subarray(0, length)];
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
  }

  #logits(): Float32Array {
    // FNV-1a over the ids, then one more round per entry.
    let state = 0x811c9dc5;
    for (const id of this.#cached) state = Math.imul(state ^ id, 0x01000193);
    const logits = Float32Array.from({ length: this.vocabulary }, (_, id) => {
      const mixed = Math.imul((state ^ id) + 0x9e3779b9, 0x85ebca6b);
      return (((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32) * 4;
    });
    if (this.#nextToken !== null) logits[this.#nextToken(this.#cached)] = 20;
    return logits;
  }
}
