import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileToFolder } from '../../models/cli/compile-to-folder.ts';
import { buildKernels } from '../../src/kernels/build-kernels.ts';
import type { SpeedPlan } from './arguments.ts';
import type { EngineName } from './protocol.ts';
import type { Mounts } from './serve.ts';
import { writeStockExport } from './stock-export.ts';
import { writeWebLlmFiles } from './web-llm-files.ts';
import { TARGET_OF_RUNG } from '../../src/contract/rungs.ts';

const packageFolder = (path: string) =>
  fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));

/**
 * Writes below `folder` what an engine runs instead of the GGUF, and says where its page finds everything.
 * Not measured: a person pays for it once.
 */
export async function writeEngineFiles(
  engine: EngineName,
  { modelPath, webLlm }: Pick<SpeedPlan, 'modelPath' | 'webLlm'>,
  folder: string,
): Promise<Mounts> {
  switch (engine) {
    case 'ort-wasm': {
      const compiled = join(folder, 'compiled');
      await compileToFolder(modelPath, 'wasm-int8', compiled, () => {});
      return { '/compiled/': compiled, '/ort/': packageFolder('onnxruntime-web/dist') };
    }
    case 'simd':
    case 'simd-plain':
    case 'simd-lookup': {
      await buildKernels();
      const prepared = join(folder, 'simd');
      await compileToFolder(modelPath, 'simd-int8', prepared, () => {});
      return { '/simd/': prepared, '/model.gguf': modelPath };
    }
    case 'wllama':
      return { '/model.gguf': modelPath };
    case 'transformers.js': {
      const stock = join(folder, 'stock');
      await writeStockExport(modelPath, stock, 'q8');
      return { '/stock/': stock, '/ort/': packageFolder('onnxruntime-web/dist') };
    }
    case 'transformers.js-webgpu': {
      const stock = join(folder, 'stock-q4');
      await writeStockExport(modelPath, stock, 'q4');
      return { '/stock-q4/': stock, '/ort/': packageFolder('onnxruntime-web/dist') };
    }
    case 'webgpu-f16':
    case 'webgpu-f16-fp32':
    case 'webgpu-f32': {
      const target = TARGET_OF_RUNG[engine];
      const compiled = join(folder, target);
      if (!existsSync(compiled)) await compileToFolder(modelPath, target, compiled, () => {});
      return { [`/${target}/`]: compiled, '/ort/': packageFolder('onnxruntime-web/dist') };
    }
    case 'web-llm':
      return writeWebLlmFiles(webLlm, folder);
    default:
      return engine satisfies never;
  }
}
