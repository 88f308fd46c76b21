import type { WasmManifest } from '../../contract/model.ts';
import type { SyncByteSource } from '../../lib/bytes.ts';
import { checkFiles } from './check-files.ts';
import { HeadRows } from './head-rows.ts';
import { OrtLanguageModel } from './ort-language-model.ts';
import { openSession, type RuntimeFiles } from './session.ts';

/** The folder of a compiled model, as the engine needs it. */
export interface CompiledFiles {
  readonly manifest: WasmManifest;
  readonly graph: Uint8Array;
  /** Stays open as long as the model lives: embeddings are read from it. Closed by `dispose`. */
  readonly weights: SyncByteSource;
}

export interface OrtOptions {
  /** Prompt plus reply, in tokens; at most what the model was trained for. */
  readonly contextTokens: number;
  readonly threads: number;
  readonly runtime: RuntimeFiles;
  /** Share of the weights that ORT has taken, 0–1. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * @throws AppError `compiled-damaged` when the files do not fit the manifest, or as `openSession` does.
 * On any failure `files.weights` is closed.
 */
export async function openCompiled(
  files: CompiledFiles,
  options: OrtOptions,
): Promise<OrtLanguageModel> {
  const { manifest, graph, weights } = files;
  try {
    checkFiles(manifest, { 'weights.bin': weights.totalBytes, 'model.onnx': graph.byteLength });
    const { shape, head: layout } = manifest;
    const head = new HeadRows(weights, layout, shape.vocabulary, shape.width, layout.rowsPerPart);
    const embedding =
      manifest.embedding === null
        ? head
        : new HeadRows(
            weights,
            manifest.embedding,
            shape.vocabulary,
            shape.width,
            layout.rowsPerPart,
          );
    let taken = 0;
    const read =
      (from: (offset: number, target: Uint8Array) => void) =>
      (offset: number, target: Uint8Array) => {
        from(offset, target);
        taken += target.byteLength;
        options.onProgress?.(Math.min(1, taken / weights.totalBytes));
      };
    const session = await openSession(
      graph,
      [
        {
          path: 'weights.bin',
          totalBytes: weights.totalBytes,
          read: read((offset, target) => weights.readInto(offset, target)),
        },
        {
          path: 'head',
          totalBytes: head.totalBytes,
          read: read((offset, target) => head.readTransposed(offset, target)),
        },
      ],
      options.threads,
      options.runtime,
    );
    const contextTokens = Math.min(options.contextTokens, shape.trainedContextTokens);
    return new OrtLanguageModel(session, shape, embedding, contextTokens, () => weights.close());
  } catch (error) {
    weights.close();
    throw error;
  }
}
