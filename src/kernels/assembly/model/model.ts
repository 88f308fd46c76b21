/** Where everything of a model lies: written once, read by all threads. What the fields are is said where they are given (describe.ts). */
import { alignBytes } from '../align';
import { headCacheBytes } from '../attention/cache';

@unmanaged
export class Model {
  // Shape.
  layers: i32;
  width: i32;
  queryHeads: i32;
  keyValueHeads: i32;
  headSize: i32;
  feedForwardWidth: i32;
  vocabulary: i32;
  contextTokens: i32;
  rmsEpsilon: f32;

  // Ends.
  embedding: usize;
  head: usize;
  outputNorm: usize;
  cosines: usize;
  sines: usize;

  // How it runs.
  form: i32;
  team: usize;

  // Workspace.
  /** int32 [chunkRows]. */
  tokens: usize;
  /** float32 [chunkRows][padded width]: the residual stream. */
  hidden: usize;
  /** Activations as products take them (activations.ts), [chunkRows][the widest]. */
  packed: usize;
  /** float32 [chunkRows]. */
  packedScales: usize;
  /** float32 [chunkRows][the wider of q, k, v and gate]. */
  wide: usize;
  /** float32 [chunkRows][padded feedForwardWidth]. */
  up: usize;
  /** Rotated queries, packed: for each row and key and value head the query heads that share it. */
  queries: usize;
  /** float32 [chunkRows][queryHeads]. */
  queryScales: usize;
  /** Attention's states (attention/state.ts). */
  states: usize;
  /** float32 [headRows][padded vocabulary]. */
  logits: usize;
  /** For each share of the head's rows and each row of logits the greatest one and Σ e^(logit − greatest), float32. */
  shareSums: usize;
  leaderIds: usize;
  leaderLogits: usize;
  logNormalisers: usize;
  // For each thread (workspace.ts).
  threadRows: usize;
  threadScratch: usize;
  threadStates: usize;
  threadLists: usize;
  /** Rows of logits that a thread has lists for. */
  listsOfThread: i32;

  // Step.
  rows: i32;
  start: i32;
  firstLayer: i32;
  endLayer: i32;
  firstHeadRow: i32;
  headRows: i32;
}

@unmanaged
export class Layer {
  attentionNorm: usize;
  qkv: usize;
  qkvBias: usize;
  attentionOutput: usize;
  feedForwardNorm: usize;
  gate: usize;
  up: usize;
  down: usize;
  keys: usize;
  values: usize;
}

export function modelBytes(layers: i32): usize {
  return alignBytes(offsetof<Model>()) + (layers as usize) * offsetof<Layer>();
}

export function layerOf(model: usize, layer: i32): Layer {
  const layers = model + alignBytes(offsetof<Model>());
  return changetype<Layer>(layers + (layer as usize) * offsetof<Layer>());
}

/** Outputs of the matrix of q, k and v. */
export function qkvWidth(m: Model): i32 {
  return (m.queryHeads + 2 * m.keyValueHeads) * m.headSize;
}

/** Query heads that share a key and value head. */
export function groupHeads(m: Model): i32 {
  return m.queryHeads / m.keyValueHeads;
}

/** Bytes of one layer's keys; its values take as many. */
export function cacheBytes(model: usize): usize {
  const m = changetype<Model>(model);
  return (m.keyValueHeads as usize) * headCacheBytes(m.contextTokens, m.headSize);
}

/** Address of one head's part of a layer's keys or values. */
export function headCacheOf(m: Model, keysOrValues: usize, head: i32): usize {
  return keysOrValues + (head as usize) * headCacheBytes(m.contextTokens, m.headSize);
}
