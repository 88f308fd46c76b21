/**
 * This project's engine on its own kernels: the GGUF from the private file system, in a worker, as in the product. The page says which
 * build of the kernels: the best that the browser runs, or the plain one, as browsers without relaxed SIMD get it.
 */
import * as Comlink from 'comlink';
import { copyToOpfs } from './opfs-copy.ts';
import { SIMD_FILES, simdFile, SOURCE_FILE } from './simd-files.ts';
import type { SimdWorkerBench } from './simd.worker.ts';
import { benchOver } from './worker-bench.ts';

const worker = new Worker(new URL('./simd.worker.ts', import.meta.url), { type: 'module' });

window.bench = benchOver(worker, async () => {
  await copyToOpfs('/model.gguf', SOURCE_FILE);
  for (const name of SIMD_FILES) await copyToOpfs(`/simd/${name}`, simdFile(name));
});

const { build, drafts } = document.documentElement.dataset;
if (drafts !== undefined) void Comlink.wrap<SimdWorkerBench>(worker).draft();
if (build === 'plain') {
  void Comlink.wrap<SimdWorkerBench>(worker).usePlainKernels();
}
