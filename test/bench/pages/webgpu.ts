/**
 * This project's engine on WebGPU: the compiled model from the private file system, in a worker, as in the product. The page
 * says on which rung.
 */
import * as Comlink from 'comlink';
import type { CompiledManifest } from '../../../src/contract/model.ts';
import { TARGET_OF_RUNG } from '../../../src/contract/rungs.ts';
import { copyToOpfs } from './opfs-copy.ts';
import { gpuRung, webGpuFile, type WebGpuWorkerBench } from './webgpu-files.ts';
import { benchOver } from './worker-bench.ts';

const rung = gpuRung(document.documentElement.dataset['rung']);
const target = TARGET_OF_RUNG[rung];
const worker = new Worker(new URL('./webgpu.worker.ts', import.meta.url), { type: 'module' });

window.bench = benchOver(worker, async () => {
  const response = await fetch(`/${target}/manifest.json`);
  const manifest = (await response.json()) as CompiledManifest;
  for (const name of ['manifest.json', ...manifest.files.map((file) => file.name)]) {
    await copyToOpfs(`/${target}/${name}`, webGpuFile(target, name));
  }
});

void Comlink.wrap<WebGpuWorkerBench>(worker).useRung(rung);
