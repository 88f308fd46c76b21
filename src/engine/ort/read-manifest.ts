import { AppError } from '../../contract/errors.ts';
import type {
  CompiledManifest,
  SimdManifest,
  Target,
  WasmManifest,
  WebGpuManifest,
} from '../../contract/model.ts';
import { readJson, type ModelFolder } from '../model-folder.ts';

interface ManifestOf {
  readonly 'simd-int8': SimdManifest;
  readonly 'wasm-int8': WasmManifest;
  readonly 'webgpu-f16': WebGpuManifest;
  readonly 'webgpu-f32': WebGpuManifest;
}

/** @throws AppError `compiled-damaged` when it is of another format or target */
export async function readManifest<T extends Target>(
  folder: Pick<ModelFolder, 'read'>,
  target: T,
): Promise<ManifestOf[T]> {
  const value = (await readJson(folder, 'manifest.json')) as CompiledManifest;
  if (value.format !== 1 || value.target !== target || !Array.isArray(value.files)) {
    throw new AppError('compiled-damaged', 'the manifest is of another format or target');
  }
  return value as ManifestOf[T];
}
