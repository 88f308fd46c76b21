/** transformers.js on a stock q8 export of the same weights, from the private file system, in a worker. */
import { STOCK_FILES, stockFileName } from '../stock-files.ts';
import { copyToOpfs } from './opfs-copy.ts';
import { benchOver } from './worker-bench.ts';

const worker = new Worker(new URL('./transformers.worker.ts', import.meta.url), { type: 'module' });

window.bench = benchOver(worker, async () => {
  for (const path of STOCK_FILES) await copyToOpfs(`/stock/${path}`, stockFileName(path));
});
