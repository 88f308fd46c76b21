/**
 * This project's engine on its own kernels: the GGUF from the private file system, in a worker, as in the product. The page says which
 * build of the kernels: the best that the browser runs, or the plain one, as browsers without relaxed SIMD get it.
 */
import * as Comlink from 'comlink';
import { copyToOpfs } from './opfs-copy.ts';
import type { SimdWorkerBench } from './simd.worker.ts';
import { benchOver } from './worker-bench.ts';

const worker = new Worker(new URL('./simd.worker.ts', import.meta.url), { type: 'module' });
const engine = Comlink.wrap<SimdWorkerBench>(worker);

window.bench = benchOver(worker, async () => {
  await copyToOpfs('/model.gguf', 'model.gguf');
  // What verifying a download leaves behind: the fingerprint that later loads are checked against.
  localStorage.setItem('fingerprint', await engine.fingerprint());
});

const { build = 'best' } = document.documentElement.dataset;
void engine.prepare(build, localStorage.getItem('fingerprint'));
