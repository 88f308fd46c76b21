/** This project's engine on ORT: the compiled model from the private file system, in a worker, as in the product. */
import type { CompiledManifest } from '../../../src/contract/model.ts';
import { copyToOpfs } from './opfs-copy.ts';
import { benchOver } from './worker-bench.ts';

const worker = new Worker(new URL('./ort-wasm.worker.ts', import.meta.url), { type: 'module' });

window.bench = benchOver(worker, async () => {
  const response = await fetch('/compiled/manifest.json');
  const manifest = (await response.json()) as CompiledManifest;
  for (const name of ['manifest.json', ...manifest.files.map((file) => file.name)]) {
    await copyToOpfs(`/compiled/${name}`, name);
  }
});
