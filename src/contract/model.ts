/** What a model on this device is called and what is known of it: plain values for every thread. */

declare const modelId: unique symbol;
/** SHA-256 of the source GGUF, 64 lower-case hex digits. */
export type ModelId = string & { readonly [modelId]: 'ModelId' };

/** Throws a plain `Error` for anything but 64 lower-case hex digits: ids become folder names. */
export function toModelId(hex: string): ModelId {
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new Error('a model id is 64 lower-case hex digits');
  return hex as ModelId;
}

/** What one ORT backend wants its graph to be. */
export type Target = 'wasm-int8';

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

/**
 * `manifest.json` of a compiled model. Written last: a folder without it is not a compiled model.
 * Offsets are bytes from the start of `weights.bin`.
 */
export interface CompiledManifest {
  readonly format: 1;
  readonly target: Target;
  readonly compilerVersion: number;
  readonly source: { readonly id: ModelId; readonly fileName: string; readonly totalBytes: number };
  readonly title: string;
  readonly shape: DecoderShape;
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
  /** Ids that end a reply, from the GGUF's tokenizer. */
  readonly stopTokens: readonly number[];
  /** Every other file of the folder with its exact size; checked before use. */
  readonly files: readonly { readonly name: string; readonly totalBytes: number }[];
}

/** A model as the list on the page shows it. */
export interface StoredModel {
  readonly id: ModelId;
  readonly title: string;
  readonly fileName: string;
  readonly sourceBytes: number;
  /** `published`: the hash equals the one the catalogue pins. `recorded`: computed here, nobody vouches for it. */
  readonly trust: 'published' | 'recorded';
  readonly addedAt: string;
  /** Null while the compiled form is missing (new compiler version, or cleared): it can be rebuilt. */
  readonly compiled: {
    readonly folder: string;
    readonly totalBytes: number;
    readonly target: Target;
  } | null;
}
