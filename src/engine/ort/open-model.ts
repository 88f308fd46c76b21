import { AppError } from '../../contract/errors.ts';
import type { LoadEvent, LoadOptions } from '../../contract/engine.ts';
import type { WasmManifest } from '../../contract/model.ts';
import type { LoadSummary } from '../../contract/stats.ts';
import type { SyncByteSource } from '../../lib/bytes.ts';
import type { OpenedModel } from '../create-engine.ts';
import { loadChatTemplate } from '../text/chat-template.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { openCompiled } from './open-compiled.ts';
import type { OrtLanguageModel } from './ort-language-model.ts';
import type { RuntimeFiles } from './session.ts';

/**
 * Prompt tokens per run. Longer runs are hardly faster (the weights are read once per run, and the product of 128
 * rows takes longer than that), and a cancel waits for the end of one.
 */
export const ORT_CHUNK_TOKENS = 128;

/** One compiled model's folder, wherever it lies. Both reject with `compiled-damaged` or `model-missing`. */
export interface ModelFolder {
  /** A whole small file. */
  read(name: string): Promise<Uint8Array>;
  /** A large one, to be read while the model lives. */
  openSync(name: string): Promise<SyncByteSource>;
}

export interface OpenedOrtModel extends OpenedModel {
  readonly model: OrtLanguageModel;
}

/** Opens a compiled model and runs one token through it, so that the first answer pays for nothing. */
export async function openModel(
  folder: ModelFolder,
  options: Omit<LoadOptions, 'rung'> & { readonly runtime: RuntimeFiles },
  onProgress: (event: LoadEvent) => void,
): Promise<OpenedOrtModel> {
  const phases: LoadSummary['phases'][number][] = [];
  let began = performance.now();
  const endPhase = (name: LoadEvent['phase']) => {
    const now = performance.now();
    phases.push({ name, elapsedMs: now - began });
    began = now;
  };
  const report = (phase: LoadEvent['phase'], fraction: number) =>
    onProgress({ type: 'loading', phase, fraction });

  report('runtime', 0);
  const manifest = parseManifest(await folder.read('manifest.json'));
  const graph = await folder.read('model.onnx');
  const weights = await folder.openSync('weights.bin');
  // ORT starts its runtime and reads the weights in one call; the first read is where one ends and the other begins.
  let isReading = false;
  const model = await openCompiled(
    { manifest, graph, weights },
    {
      ...options,
      onProgress: (fraction) => {
        if (!isReading) endPhase('runtime');
        isReading = true;
        report('weights', 0.05 + 0.85 * fraction);
      },
    },
  );
  endPhase('weights');
  try {
    report('tokenizer', 0.92);
    const { codec, template } = await openText(folder);
    endPhase('tokenizer');
    report('warm-up', 0.97);
    await model.decode(0);
    model.truncate(0);
    endPhase('warm-up');
    report('warm-up', 1);
    const summary: LoadSummary = { phases, threads: options.threads };
    return { model, codec, template, manifest, summary, chunkTokens: ORT_CHUNK_TOKENS };
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

async function openText(folder: ModelFolder): Promise<Pick<OpenedModel, 'codec' | 'template'>> {
  const json = parseJson('tokenizer.json', await folder.read('tokenizer.json'));
  const name = 'tokenizer_config.json';
  const config = parseJson(name, await folder.read(name));
  const codec = loadTokenizer(json, config);
  return { codec, template: loadChatTemplate(codec, config) };
}

function parseManifest(bytes: Uint8Array): WasmManifest {
  const value = parseJson('manifest.json', bytes) as WasmManifest;
  if (value.format !== 1 || value.target !== 'wasm-int8' || !Array.isArray(value.files)) {
    throw new AppError('compiled-damaged', 'the manifest is of another format');
  }
  return value;
}

function parseJson(name: string, bytes: Uint8Array): object {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw new AppError('compiled-damaged', `${name} is not JSON`, { cause });
  }
  throw new AppError('compiled-damaged', `${name} is not an object`);
}
