import type { LoadEvent, LoadOptions } from '../../contract/engine.ts';
import type { LoadSummary } from '../../contract/stats.ts';
import type { OpenedModel } from '../create-engine.ts';
import { LoadPhases } from '../load-phases.ts';
import type { ModelFolder } from '../model-folder.ts';
import { openText } from '../text/open-text.ts';
import { openCompiled } from './open-compiled.ts';
import type { OrtLanguageModel } from './ort-language-model.ts';
import { readManifest } from './read-manifest.ts';
import type { RuntimeFiles } from './session.ts';

/**
 * Prompt tokens per run. Longer runs are hardly faster (the weights are read once per run, and the product of 128
 * rows takes longer than that), and a cancel waits for the end of one.
 */
export const ORT_CHUNK_TOKENS = 128;

export interface OpenedOrtModel extends OpenedModel {
  readonly model: OrtLanguageModel;
}

/** Opens a compiled model and runs one token through it, so that the first answer pays for nothing. */
export async function openModel(
  folder: ModelFolder,
  options: Omit<LoadOptions, 'rung'> & { readonly runtime: RuntimeFiles },
  onProgress: (event: LoadEvent) => void,
): Promise<OpenedOrtModel> {
  const phases = new LoadPhases(onProgress);
  phases.report('runtime', 0);
  const manifest = await readManifest(folder, 'wasm-int8');
  const graph = await folder.read('model.onnx');
  const weights = await folder.openSync('weights.bin');
  // ORT starts its runtime and reads the weights in one call; the first read is where one ends and the other begins.
  let isReading = false;
  const model = await openCompiled(
    { manifest, graph, weights },
    {
      ...options,
      onProgress: (fraction) => {
        if (!isReading) phases.end('runtime');
        isReading = true;
        phases.report('weights', 0.05 + 0.85 * fraction);
      },
    },
  );
  phases.end('weights');
  try {
    phases.report('tokenizer', 0.92);
    const { codec, template } = await openText(folder);
    phases.end('tokenizer');
    phases.report('warm-up', 0.97);
    await model.decode(0);
    model.truncate(0);
    phases.end('warm-up');
    phases.report('warm-up', 1);
    const summary: LoadSummary = { phases: phases.ended, threads: options.threads, gpu: null };
    return { model, codec, template, manifest, summary, chunkTokens: ORT_CHUNK_TOKENS };
  } catch (error) {
    await model.dispose();
    throw error;
  }
}
