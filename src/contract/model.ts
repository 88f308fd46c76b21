/** What a model on this device is called and what is known of it: plain values for every thread. */

declare const modelId: unique symbol;
/** SHA-256 of the source GGUF, 64 lower-case hex digits. */
export type ModelId = string & { readonly [modelId]: 'ModelId' };

/** Throws a plain `Error` for anything but 64 lower-case hex digits: ids become folder names. */
export function toModelId(hex: string): ModelId {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error('a model id is 64 lower-case hex digits');
  return hex as ModelId;
}

/**
 * What an engine wants a model to be: for ORT a graph (the WebGPU ones are named by the type of activations and KV cache), for
 * `simd-int8`, the engine on our own kernels, the GGUF itself.
 */
export type Target = 'simd-int8' | 'wasm-int8' | WebGpuTarget;
export type WebGpuTarget = 'webgpu-f16' | 'webgpu-f32';

/** Sizes of a Qwen2 decoder, as its GGUF states them. */
export interface DecoderShape {
  readonly layers: number;
  /** Width of the residual stream (`embedding_length`). */
  readonly width: number;
  readonly feedForwardWidth: number;
  readonly queryHeads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** Rows of the head: at least as many as the tokenizer has tokens. */
  readonly vocabulary: number;
  readonly ropeBase: number;
  readonly rmsEpsilon: number;
  /** Context the model was trained for, in tokens. */
  readonly trainedContextTokens: number;
}

/** `manifest.json` of a compiled model. Written last: a folder without it is not a compiled model. */
export type CompiledManifest = SimdManifest | WasmManifest | WebGpuManifest;

/** What the manifests of all targets say. */
interface ManifestBase {
  readonly format: 1;
  readonly target: Target;
  readonly compilerVersion: number;
  readonly source: { readonly id: ModelId; readonly fileName: string; readonly totalBytes: number };
  readonly title: string;
  readonly shape: DecoderShape;
  /** Ids that end a reply, from the GGUF's tokenizer. */
  readonly stopTokens: readonly number[];
  /** It was not prepared here: it came in a pack (src/store/pack), whose hashes it passed. */
  readonly isFromPack?: true;
  /** Every other file of the folder with its exact size; checked before use. */
  readonly files: readonly { readonly name: string; readonly totalBytes: number }[];
}

/** The weights stay in the source: this says where they lie there, and how to see that it is still the same file. */
export interface SimdManifest extends ManifestBase {
  readonly target: 'simd-int8';
  /** Of the whole source, as `createFingerprint` of src/lib/fingerprint.ts gives it. */
  readonly fingerprint: string;
  /** Embedding and head are one matrix: that of the head is used. */
  readonly isTied: boolean;
  /** In the order of the file. */
  readonly tensors: readonly SourceTensor[];
  /** Null until somebody has run some of the weights in plain arithmetic. */
  readonly selfTest: SimdSelfTest | null;
}

/** A tensor of a GGUF. */
export interface SourceTensor {
  readonly name: string;
  /** `ggmlId` of src/gguf/block-types.ts. */
  readonly ggmlType: number;
  /** 1 for a vector. */
  readonly rows: number;
  readonly columns: number;
  /** In bytes from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

/** Offsets are bytes from the start of `weights.bin`. */
export interface WasmManifest extends ManifestBase {
  readonly target: 'wasm-int8';
  /**
   * Embedding and head in one: `vocabulary` rows of `width` int8, row-major, a scale (float32, little-endian)
   * per row. ORT sees it as transposed slices of `rowsPerPart` rows each, the last one shorter.
   */
  readonly head: {
    readonly rowsOffset: number;
    readonly scalesOffset: number;
    readonly rowsPerPart: number;
  };
  /** Present when the embedding is a matrix of its own (untied): same layout as `head`. */
  readonly embedding: { readonly rowsOffset: number; readonly scalesOffset: number } | null;
}

/** The graph holds everything: src/compile/webgpu-decoder.ts names its inputs and outputs. */
export interface WebGpuManifest extends ManifestBase {
  readonly target: WebGpuTarget;
  /** No buffer of weights is larger: the device's `maxStorageBufferBindingSize` and `maxBufferSize` must allow it. */
  readonly maxTensorBytes: number;
  /** How many leading candidates a run returns: 64, or all of a smaller vocabulary. */
  readonly leaders: number;
  /** How the matrices are stored, by kind and bits; what `model -- inspect` and the statistics show. */
  readonly matrices: readonly StoredMatrices[];
  /** Weights that lie on the GPU while the model is loaded: matrices, scales, norms, biases. */
  readonly weightBytes: number;
  /** Of these, what one decoded token reads. */
  readonly bytesPerToken: number;
  /** Null until somebody has run the compiled weights on the CPU; without it a GPU cannot be checked. */
  readonly selfTest: SelfTest | null;
}

export type MatrixKind = 'qkv' | 'output' | 'gate_up' | 'down' | 'head' | 'embedding';

/** The matrices of one kind that are stored alike. */
export interface StoredMatrices {
  readonly kind: MatrixKind;
  readonly bits: 4 | 8;
  /** Weights that share a scale. */
  readonly blockSize: number;
  readonly matrices: number;
  /** Blocks and scales together. */
  readonly totalBytes: number;
}

/** What a right engine on a right device answers: from a CPU run of ORT on the same weights. Natural logarithms. */
export interface SelfTest {
  readonly promptTokens: readonly number[];
  /** The most likely token at every step, each fed back. */
  readonly greedyTokens: readonly number[];
  /** Per greedy token: the most likely candidates, descending, and their log-probabilities. */
  readonly steps: readonly {
    readonly ids: readonly number[];
    readonly logprobs: readonly number[];
  }[];
}

/** What right kernels make of a few tokens, through a few layers of a model, from plain arithmetic on the same file. */
export interface SimdSelfTest {
  readonly tokens: readonly number[];
  /** Through which the tokens go, in this order; then come output norm and head. The first is 0. */
  readonly layers: readonly number[];
  /** What follows each of the last tokens. */
  readonly steps: SelfTest['steps'];
}

/** A model as the list on the page shows it. */
export interface StoredModel {
  readonly id: ModelId;
  readonly title: string;
  readonly fileName: string;
  readonly sourceBytes: number;
  /**
   * `published`: the hash equals the one the catalogue pins. `told`: it equals the one that the host of the file
   * tells. `recorded`: computed here, nobody vouches for it.
   */
  readonly trust: 'published' | 'told' | 'recorded';
  readonly origin: ModelOrigin;
  /** ISO 8601, UTC; so is `verifiedAt`. */
  readonly addedAt: string;
  /** When every byte of the source was last compared with its hash. */
  readonly verifiedAt: string;
  /** Compiled by the present compiler, one for a target at most. What is missing can be built from the source. */
  readonly forms: readonly StoredForm[];
}

/** Where a source came from. */
export type ModelOrigin =
  | { readonly type: 'download'; readonly url: string }
  /** `url` is missing in records of earlier versions. */
  | { readonly type: 'served'; readonly url?: string }
  | { readonly type: 'guide' }
  | { readonly type: 'file' };

/** A compiled model on this device. */
export interface StoredForm {
  readonly target: Target;
  readonly folder: string;
  readonly totalBytes: number;
  /** It came in a pack and was prepared on another device. */
  readonly isFromPack?: true;
}
