/**
 * What a module built from src/kernels exports: the one place where TypeScript and the kernels' AssemblyScript meet. `src/kernels/README.md` tells
 * how the pieces work together.
 *
 * The module imports one shared memory, `env.memory`, and all threads instantiate the module on it. It allocates nothing: whoever
 * calls decides where things lie, asks the module how many bytes they take, and hands over addresses. The first `FIRST_FREE_BYTE` bytes are the
 * module's own, for constants that every instantiation writes again.
 *
 * Addresses and sizes are unsigned 32-bit integers. Pass them as they are; of a returned one take `>>> 0`, as JavaScript reads it with a sign.
 * Every address is a multiple of `KERNEL_ALIGNMENT_BYTES`, but sources of blocks (`source`), which lie as the file has them.
 * Arguments are believed: the kernels check nothing.
 */
export interface KernelExports {
  /** 1 in the relaxed-SIMD build, 0 in the plain one. */
  isRelaxed(): number;

  // Matrices: int8 rows, a scale for each. How they lie is the kernels' own business and differs between the builds.

  /** Bytes of a matrix, scales and sums included. */
  matrixBytes(rows: number, columns: number): number;
  /** Makes an empty matrix at `matrix`; its rows come by `decodeRows`. Once, by one thread, before anyone fills it. */
  createMatrix(matrix: number, rows: number, columns: number): void;
  /** Bytes of `decodeRows`' scratch: one row as float32. */
  rowScratchBytes(columns: number): number;
  /**
   * Turns rows of GGUF blocks into rows of a matrix: value ≈ q × scale with scale = max|value| / 127 and q in −127 … 127, ties rounded to even.
   * Threads may fill different rows of a matrix at a time; rows of several tensors may go into one matrix, one below the other.
   *
   * @param ggmlType `ggmlId` of src/gguf/block-types.ts; any that stands there
   * @param source `rows` rows of the tensor, one after the other, as the file has them
   * @param firstRow of the matrix
   * @param scratch of `rowScratchBytes(columns)`, for this thread alone
   */
  decodeRows(
    ggmlType: number,
    source: number,
    matrix: number,
    firstRow: number,
    rows: number,
    scratch: number,
  ): void;
  /** Blocks as float32, the bits of the Python package `gguf`. `elements` fill whole blocks. */
  decodeFloats(ggmlType: number, source: number, elements: number, destination: number): void;

  // The model: addresses of all its parts, written once, read by all threads.

  /** Bytes of the description. */
  modelBytes(layers: number): number;
  /** @param headSize a multiple of 16 */
  describeModel(
    model: number,
    layers: number,
    width: number,
    queryHeads: number,
    keyValueHeads: number,
    headSize: number,
    feedForwardWidth: number,
    vocabulary: number,
    contextTokens: number,
    rmsEpsilon: number,
  ): void;
  /**
   * @param embedding matrix [vocabulary][width]
   * @param head matrix [vocabulary][width]; where the model ties them, the same
   * @param outputNorm float32 [width]
   * @param cosines float32 [contextTokens][headSize / 2]: cos(position · base^(−2i / headSize)), in double precision until stored
   * @param sines the same of sin
   */
  describeEnds(
    model: number,
    embedding: number,
    head: number,
    outputNorm: number,
    cosines: number,
    sines: number,
  ): void;
  /**
   * @param attentionNorm float32 [width]
   * @param qkv matrix [(queryHeads + 2 · keyValueHeads) · headSize][width]: the rows of q, then k, then v
   * @param qkvBias float32 [(queryHeads + 2 · keyValueHeads) · headSize]; zeros where the model has none
   * @param attentionOutput matrix [width][queryHeads · headSize]
   * @param feedForwardNorm float32 [width]
   * @param gate matrix [feedForwardWidth][width]
   * @param up matrix [feedForwardWidth][width]
   * @param down matrix [width][feedForwardWidth]
   * @param keys of `cacheBytes(model)`, whatever it holds
   * @param values likewise
   */
  describeLayer(
    model: number,
    layer: number,
    attentionNorm: number,
    qkv: number,
    qkvBias: number,
    attentionOutput: number,
    feedForwardNorm: number,
    gate: number,
    up: number,
    down: number,
    keys: number,
    values: number,
  ): void;
  /** Bytes of one layer's keys; its values take as many. */
  cacheBytes(model: number): number;

  // Snapshots: the first `length` positions of one layer's keys and values, bit for bit, for a model of the same shape with room for as many. Also across
  // builds. Not during a step.

  /** Bytes of one layer's snapshot. */
  layerSnapshotBytes(model: number, length: number): number;
  saveLayer(model: number, layer: number, length: number, to: number): void;
  restoreLayer(model: number, layer: number, length: number, from: number): void;

  // The workspace: activations, what each thread needs for itself, results. After `describeModel`.

  /**
   * Forgets the workspace that there is: `createWorkspace` comes next.
   * @param chunkRows most tokens of one step
   * @param headRows most rows of logits of one step
   * @param threads most threads
   */
  workspaceBytes(model: number, chunkRows: number, headRows: number, threads: number): number;
  createWorkspace(
    model: number,
    workspace: number,
    chunkRows: number,
    headRows: number,
    threads: number,
  ): void;
  /** How many threads share the steps from now on; 1 ≤ threads ≤ those of the workspace. Not during a step. */
  setThreads(model: number, threads: number): void;
  /** How products read activations from the next step on: a `FORM_…`; `FORM_WORDS` at first. Results have the same bits in both; which is faster depends on the CPU. */
  setForm(model: number, form: number): void;

  // A step: tokens through all layers, then logits of some rows. Thread 0 prepares it, then all threads run it.

  /** Address of int32 [chunkRows]: the ids of the step's tokens, written before the step. */
  stepTokens(model: number): number;
  /**
   * A step may be run in pieces: tokens through some of the layers, then through more of them, as long as the workspace stays.
   *
   * @param rows tokens of this step; 0 for logits alone, of rows that the step before has left
   * @param start how many tokens the cache holds before it
   * @param firstLayer where to begin; with the first layer (0) the tokens are looked up in the embedding
   * @param endLayer the layer after the last to run
   * @param firstHeadRow the first row of the step to get logits, once all layers are run
   * @param headRows how many do, at most those of the workspace and `MAX_DECODE_ROWS`; 0 for none
   */
  prepareStep(
    model: number,
    rows: number,
    start: number,
    firstLayer: number,
    endLayer: number,
    firstHeadRow: number,
    headRows: number,
  ): void;
  /**
   * Runs this thread's share, and returns when all have finished theirs. A row's results have the same bits however many rows and threads run,
   * in both builds.
   *
   * @param thread 0 ≤ thread < threads, each of them exactly once
   * @returns a `STEP_…`
   */
  runStep(model: number, thread: number): number;
  /** Address of an int32. Anything but 0 there, stored with Atomics, ends all waiting within 100 ms, and with it the step: `STEP_LOST`. */
  stopWord(model: number): number;

  // What a step leaves, for each row of logits r. Valid until the next step with logits.

  /** Address of float32 [headRows][vocabulary rounded up to a multiple of 16]. */
  logits(model: number): number;
  /** Address of int32 [headRows][`LEADERS`]: ids by falling logit, ties by rising id; −1 beyond the vocabulary. */
  leaderIds(model: number): number;
  /** Address of float32 [headRows][`LEADERS`]: their logits; −Infinity beyond the vocabulary. */
  leaderLogits(model: number): number;
  /** Address of float32 [headRows]: log of the sum of e^logit over the vocabulary. */
  logNormalisers(model: number): number;

  // Waiting, for the pool between steps. Only where waiting is allowed: workers, and Node.

  /**
   * Waits until the int32 at `address` is no longer `seen`: looks `spins` times, then sleeps until notified.
   * @returns what stands there then
   */
  waitForChange(address: number, seen: number, spins: number): number;
}

export const KERNEL_ALIGNMENT_BYTES = 64;

/** The memory below is the module's own. */
export const FIRST_FREE_BYTE = 1024;

/** How many of the likeliest tokens a step returns. */
export const LEADERS = 64;

/** Most rows for which a product streams the weights once and is split by rows of weights alone; above, a step is a prompt's chunk. */
export const MAX_DECODE_ROWS = 8;

/** Activations as int16s: on every CPU. */
export const FORM_WORDS = 0;
/** Activations as two halves of seven bits, in the relaxed build alone: faster where the CPU has dot products of bytes. */
export const FORM_HALVES = 1;

export const STEP_DONE = 0;
/** The stop word is set: by somebody, or because no thread has done anything for 1.5 s. `createWorkspace` again, on threads that are known to be alive. */
export const STEP_LOST = 1;

/** For the stop word. */
export const STOP_NOW = 1;
