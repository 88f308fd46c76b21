import { AppError } from '../../contract/errors.ts';
import { present } from '../../lib/assert.ts';
import { yieldToEvents } from '../../lib/yield-to-events.ts';
import { checkRun } from '../check-run.ts';
import { MOST_SCORED_TOKENS, type KvSnapshot, type LanguageModel } from '../language-model.ts';
import type { Leaders } from '../next-token.ts';
import { LEADERS, MAX_DECODE_ROWS } from './kernel-exports.ts';
import type { MemoryPlan } from './memory-map.ts';
import type { SharedKernels, ThreadPool } from './thread-pool.ts';
import { FORM_NUMBERS, type Tuning } from './tune.ts';

export interface SimdParts {
  readonly shared: SharedKernels;
  readonly plan: MemoryPlan;
  /** Ready: weights in place, workspace made. */
  readonly pool: ThreadPool;
  /** Starts new threads in place of those of a pool that lost one. */
  readonly restart: () => Promise<ThreadPool>;
  /** How products read activations; results are the same. */
  readonly forms: Tuning['forms'];
}

/**
 * `LanguageModel` on the kernels of src/kernels: cache and results lie in the shared memory, a step copies nothing. When a thread is
 * lost, the call that finds out rejects with `worker-died`, and the next one starts new threads on the same memory: the
 * weights and all that the cache held before the failed call are still there.
 */
export class SimdLanguageModel implements LanguageModel {
  readonly vocabulary: number;
  readonly contextTokens: number;
  readonly #shared: SharedKernels;
  readonly #plan: MemoryPlan;
  readonly #restart: () => Promise<ThreadPool>;
  readonly #results: Results;
  readonly #forms: Tuning['forms'];
  #pool: ThreadPool | null;
  #hasFailed = false;
  #length = 0;

  constructor({ shared, plan, pool, restart, forms }: SimdParts) {
    this.vocabulary = plan.shape.vocabulary;
    this.contextTokens = plan.contextTokens;
    this.#shared = shared;
    this.#plan = plan;
    this.#pool = pool;
    this.#restart = restart;
    this.#forms = forms;
    this.#results = new Results(shared, plan);
  }

  get length(): number {
    return this.#length;
  }

  get threads(): number {
    return this.#pool?.threads ?? 0;
  }

  prefill(tokens: readonly number[]): Promise<Leaders>;
  prefill(tokens: readonly number[], isCancelled: () => boolean): Promise<Leaders | 'cancelled'>;
  async prefill(
    tokens: readonly number[],
    isCancelled: () => boolean = () => false,
  ): Promise<Leaders | 'cancelled'> {
    const pool = await this.#usePool();
    checkRun(tokens, this);
    const { chunkTokens } = this.#plan;
    for (let at = 0; at < tokens.length; at += chunkTokens) {
      const chunk = tokens.slice(at, at + chunkTokens);
      const isLast = at + chunk.length === tokens.length;
      const wanted = isLast ? 1 : 0;
      if (!(await this.#runChunk(pool, chunk, this.#length + at, wanted, isCancelled))) {
        return 'cancelled';
      }
    }
    this.#length += tokens.length;
    return this.#results.leadersOf(0);
  }

  async decode(token: number): Promise<Leaders> {
    return this.prefill([token]);
  }

  async scoreEach(tokens: readonly number[]): Promise<readonly Leaders[]> {
    const pool = await this.#usePool();
    checkRun(tokens, this);
    if (tokens.length > MOST_SCORED_TOKENS)
      throw new RangeError(`${tokens.length} tokens to score`);
    this.#runWhole(pool, tokens, this.#length, tokens.length);
    this.#length += tokens.length;
    return tokens.map((_, row) => this.#results.leadersOf(row));
  }

  /**
   * `prefill` that returns the raw logits of the last `wanted` tokens, `[wanted][vocabulary]`. For measuring quality.
   */
  async score(tokens: readonly number[], wanted: number): Promise<Float32Array> {
    const pool = await this.#usePool();
    checkRun(tokens, this);
    if (wanted < 1 || wanted > tokens.length) {
      throw new RangeError(`no logits for ${wanted} of ${tokens.length} tokens`);
    }
    const { chunkTokens, headRows } = this.#plan;
    const logits = new Float32Array(wanted * this.vocabulary);
    let filled = 0;
    for (let at = 0; at < tokens.length; at += chunkTokens) {
      const chunk = tokens.slice(at, at + chunkTokens);
      this.#runWhole(pool, chunk, this.#length + at, 0);
      const firstWanted = Math.max(0, tokens.length - wanted - at);
      for (let row = firstWanted; row < chunk.length; row += headRows) {
        const rows = Math.min(headRows, chunk.length - row);
        this.#runHead(pool, row, rows);
        for (let of = 0; of < rows; of++, filled += this.vocabulary) {
          logits.set(this.#results.logitsOf(of), filled);
        }
      }
    }
    this.#length += tokens.length;
    return logits;
  }

  /**
   * Takes tokens (at most a chunk) through some of the layers alone, the first of them 0, after `start` that went through the same
   * before; tells what comes next. For the self-test. The cache counts as empty afterwards.
   */
  async runLayers(
    layers: readonly number[],
    tokens: readonly number[],
    start: number,
  ): Promise<Leaders> {
    const pool = await this.#usePool();
    this.truncate(0);
    this.#writeTokens(tokens);
    for (const layer of layers) this.#run(pool, tokens.length, start, layer, layer + 1, 0, 0);
    this.#runHead(pool, tokens.length - 1, 1);
    return this.#results.leadersOf(0);
  }

  truncate(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.#length) {
      throw new RangeError(`cannot truncate ${this.#length} tokens to ${length}`);
    }
    this.#length = length;
  }

  async snapshot(): Promise<KvSnapshot> {
    this.#present();
    const { kernels, map } = this.#shared;
    const { layers, keyValueHeads, headSize } = this.#plan.shape;
    const length = this.#length;
    const layerCopy = this.#layerCopy(length);
    const values = new Uint8Array(layers * layerCopy.byteLength);
    for (let layer = 0; layer < layers; layer++) {
      kernels.saveLayer(map.model, layer, length, map.snapshot);
      values.set(layerCopy, layer * layerCopy.byteLength);
    }
    return { length, layers, keyValueHeads, headSize, values };
  }

  async restore(snapshot: KvSnapshot): Promise<void> {
    this.#present();
    const { kernels, map } = this.#shared;
    const { layers, keyValueHeads, headSize } = this.#plan.shape;
    const { length, values } = snapshot;
    if (length > this.contextTokens) throw new RangeError('the snapshot is too long');
    const layerCopy = this.#layerCopy(length);
    const isOfThisShape =
      snapshot.layers === layers &&
      snapshot.keyValueHeads === keyValueHeads &&
      snapshot.headSize === headSize &&
      values.length === layers * layerCopy.byteLength;
    if (!isOfThisShape || !(values instanceof Uint8Array)) {
      throw new RangeError('the snapshot is of another model');
    }
    for (let layer = 0; layer < layers; layer++) {
      const from = layer * layerCopy.byteLength;
      layerCopy.set(values.subarray(from, from + layerCopy.byteLength));
      kernels.restoreLayer(map.model, layer, length, map.snapshot);
    }
    this.#length = length;
  }

  async dispose(): Promise<void> {
    const pool = this.#pool;
    this.#pool = null;
    await pool?.terminate();
  }

  /**
   * A pool to run on: a new one after a step has failed.
   * @throws AppError `not-loaded` after `dispose`, and what starting threads fails with
   */
  async #usePool(): Promise<ThreadPool> {
    const pool = this.#present();
    if (!this.#hasFailed) return pool;
    await pool.terminate();
    this.#pool = await this.#restart();
    this.#hasFailed = false;
    return this.#pool;
  }

  #present(): ThreadPool {
    if (this.#pool === null) throw new AppError('not-loaded', 'the model was disposed');
    return this.#pool;
  }

  /**
   * One chunk of a prompt, layer by layer: between two layers a cancel gets in, also where this thread is the only one.
   * @returns false when it was cancelled
   */
  async #runChunk(
    pool: ThreadPool,
    tokens: readonly number[],
    start: number,
    wanted: 0 | 1,
    isCancelled: () => boolean,
  ): Promise<boolean> {
    if (tokens.length <= MAX_DECODE_ROWS) {
      this.#runWhole(pool, tokens, start, wanted);
      return true;
    }
    const { layers } = this.#plan.shape;
    this.#writeTokens(tokens);
    for (let layer = 0; layer < layers; layer++) {
      const headRows = layer === layers - 1 ? wanted : 0;
      this.#run(pool, tokens.length, start, layer, layer + 1, tokens.length - 1, headRows);
      await yieldToEvents();
      if (isCancelled()) return false;
    }
    return true;
  }

  /** All layers in one step, and the logits of the last `wanted` tokens. */
  #runWhole(pool: ThreadPool, tokens: readonly number[], start: number, wanted: number): void {
    const { layers } = this.#plan.shape;
    this.#writeTokens(tokens);
    this.#run(pool, tokens.length, start, 0, layers, tokens.length - wanted, wanted);
  }

  /** Logits of rows of the step before. */
  #runHead(pool: ThreadPool, firstRow: number, rows: number): void {
    const { layers } = this.#plan.shape;
    this.#run(pool, 0, 0, layers, layers, firstRow, rows);
  }

  #run(
    pool: ThreadPool,
    rows: number,
    start: number,
    firstLayer: number,
    endLayer: number,
    firstHeadRow: number,
    headRows: number,
  ): void {
    const { kernels, map } = this.#shared;
    const form = Math.max(rows, headRows) === 1 ? this.#forms.decode : this.#forms.prompt;
    kernels.setForm(map.model, FORM_NUMBERS[form]);
    kernels.prepareStep(map.model, rows, start, firstLayer, endLayer, firstHeadRow, headRows);
    try {
      pool.runStep();
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  #writeTokens(tokens: readonly number[]): void {
    const { kernels, map, memory } = this.#shared;
    new Int32Array(memory.buffer, kernels.stepTokens(map.model) >>> 0, tokens.length).set(tokens);
  }

  /** Where the kernels copy the first `length` tokens of one layer's cache to and from. */
  #layerCopy(length: number): Uint8Array {
    const { kernels, map, memory } = this.#shared;
    const bytes = kernels.layerSnapshotBytes(map.model, length) >>> 0;
    return new Uint8Array(memory.buffer, map.snapshot, bytes);
  }
}

/** The kernels' rows of logits begin at multiples of this many. */
const LOGITS_STRIDE = 16;

/** Where the kernels leave what a step gives, for each row of logits: views that are made once. */
class Results {
  readonly #logits: readonly Float32Array[];
  readonly #ids: readonly Int32Array[];
  readonly #leaderLogits: readonly Float32Array[];
  readonly #logNormalisers: Float32Array;

  constructor({ kernels, map, memory }: SharedKernels, { shape, headRows }: MemoryPlan) {
    const { model } = map;
    const { buffer } = memory;
    const { vocabulary } = shape;
    const leaders = Math.min(LEADERS, vocabulary);
    const stride = Math.ceil(vocabulary / LOGITS_STRIDE) * LOGITS_STRIDE;
    const ids = kernels.leaderIds(model) >>> 0;
    const leaderLogits = kernels.leaderLogits(model) >>> 0;
    const logits = kernels.logits(model) >>> 0;
    const rows = Array.from({ length: headRows }, (_, row) => 4 * row);
    this.#logits = rows.map((at) => new Float32Array(buffer, logits + at * stride, vocabulary));
    this.#ids = rows.map((at) => new Int32Array(buffer, ids + at * LEADERS, leaders));
    this.#leaderLogits = rows.map(
      (at) => new Float32Array(buffer, leaderLogits + at * LEADERS, leaders),
    );
    this.#logNormalisers = new Float32Array(buffer, kernels.logNormalisers(model) >>> 0, headRows);
  }

  leadersOf(row: number): Leaders {
    return {
      of: 'leaders',
      ids: present(this.#ids[row], 'a row of ids'),
      logits: present(this.#leaderLogits[row], 'a row of leading logits'),
      logNormaliser: present(this.#logNormalisers[row], 'a normaliser'),
    };
  }

  /** `[vocabulary]` */
  logitsOf(row: number): Float32Array {
    return present(this.#logits[row], 'a row of logits');
  }
}
