/**
 * transformers.js on a stock export of the same weights, from the private file system, in a worker. The page says on what: the CPU
 * (dtype q8) or WebGPU (q4).
 */
import { STOCK_FOLDER, stockFileName, stockFiles, type StockDtype } from '../stock-files.ts';
import { copyToOpfs } from './opfs-copy.ts';
import { benchOver } from './worker-bench.ts';

const dtype: StockDtype = document.documentElement.dataset['device'] === 'webgpu' ? 'q4' : 'q8';
const worker = new Worker(new URL('./transformers.worker.ts', import.meta.url), {
  type: 'module',
  name: dtype,
});

window.bench = benchOver(worker, async () => {
  for (const path of stockFiles(dtype)) {
    await copyToOpfs(`/${STOCK_FOLDER[dtype]}/${path}`, stockFileName(dtype, path));
  }
});
