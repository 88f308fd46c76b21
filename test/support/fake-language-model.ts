import { checkRun } from '../../src/engine/check-run.ts';
import {
  MOST_SCORED_TOKENS,
  type KvSnapshot,
  type LanguageModel,
} from '../../src/engine/language-model.ts';
import type { Leaders, NextToken } from '../../src/engine/next-token.ts';

export interface FakeModelOptions {
  /** Token that shall be far more likely than all others after `cached`; without it the logits look random. */
  readonly follow?: (cached: readonly number[]) => number;
  /** Tell only this many of the most likely tokens. */
  readonly leaders?: number;
}

/**
 * A `LanguageModel` whose logits are a function of all the tokens in its cache: a step that is skipped, repeated
 * or run at another place shows. Keeps the contract; its "keys" and "values" are the ids.
 */
export class FakeLanguageModel implements LanguageModel {
  readonly vocabulary: number;
  readonly contextTokens: number;
  /** Lengths of the runs so far: what a test asks to see how a prompt was cut. */
  readonly runs: number[] = [];
  readonly #options: FakeModelOptions;
  #cached: number[] = [];
  #isDisposed = false;

  constructor(vocabulary: number, contextTokens: number, options: FakeModelOptions = {}) {
    this.vocabulary = vocabulary;
    this.contextTokens = contextTokens;
    this.#options = options;
  }

  get length(): number {
    return this.#cached.length;
  }

  get cached(): readonly number[] {
    return this.#cached;
  }

  async prefill(tokens: readonly number[]): Promise<NextToken> {
    if (this.#isDisposed) throw new Error('disposed');
    checkRun(tokens, this);
    this.runs.push(tokens.length);
    this.#cached.push(...tokens);
    return this.#expect();
  }

  decode(token: number): Promise<NextToken> {
    return this.prefill([token]);
  }

  truncate(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.length) {
      throw new RangeError(`cannot truncate ${this.length} tokens to ${length}`);
    }
    this.#cached.length = length;
  }

  async snapshot(): Promise<KvSnapshot> {
    const values = Float32Array.from([...this.#cached, ...this.#cached]);
    return { length: this.length, layers: 1, keyValueHeads: 1, headSize: 1, values };
  }

  async restore({ length, layers, keyValueHeads, headSize, values }: KvSnapshot): Promise<void> {
    const isOfThisShape = layers === 1 && keyValueHeads === 1 && headSize === 1;
    if (!isOfThisShape || values.length !== 2 * length || length > this.contextTokens) {
      throw new RangeError('snapshot of another shape');
    }
    this.#cached = [...values.subarray(0, length)];
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
  }

  /** `scoreEach`, for the model below that has it. */
  protected expectEach(tokens: readonly number[]): readonly NextToken[] {
    checkRun(tokens, this);
    this.runs.push(tokens.length);
    return tokens.map((token) => {
      this.#cached.push(token);
      return this.#expect();
    });
  }

  #expect(): NextToken {
    const logits = this.logits();
    const { leaders } = this.#options;
    return leaders === undefined ? { of: 'all', logits } : leadersOf(logits, leaders);
  }

  /** All logits after what is cached, `[vocabulary]`. */
  logits(): Float32Array {
    // FNV-1a over the ids, then one more round per entry.
    let state = 0x811c9dc5;
    for (const id of this.#cached) state = Math.imul(state ^ id, 0x01000193);
    const logits = Float32Array.from({ length: this.vocabulary }, (_, id) => {
      const mixed = Math.imul((state ^ id) + 0x9e3779b9, 0x85ebca6b);
      return (((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32) * 4;
    });
    const { follow } = this.#options;
    if (follow !== undefined) logits[follow(this.#cached)] = 20;
    return logits;
  }
}

/** One that verifies drafts. */
export class FakeScoringModel extends FakeLanguageModel {
  async scoreEach(tokens: readonly number[]): Promise<readonly NextToken[]> {
    if (tokens.length > MOST_SCORED_TOKENS) throw new RangeError('too many to score');
    return this.expectEach(tokens);
  }
}

/** The `count` most likely of `logits`, as a model that tells its leaders would. */
export function leadersOf(logits: Float32Array, count: number): Leaders {
  const order = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
  const ids = Int32Array.from(order.slice(0, count));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
  return {
    of: 'leaders',
    ids,
    logits: Float32Array.from(ids, (id) => logits[id] ?? 0),
    logNormaliser: Math.log(sum),
  };
}
