/** This project's engine on ORT: the compiled model from the private file system, in a worker, as in the product. */
import * as Comlink from 'comlink';
import { present } from '../../../src/lib/assert.ts';
import type { CompiledManifest } from '../../../src/contract/model.ts';
import type { BenchPage, RunReport, RunRequest } from '../protocol.ts';
import { copyToOpfs } from './opfs-copy.ts';
import type { OrtBench } from './ort-wasm.worker.ts';

const worker = new Worker(new URL('./ort-wasm.worker.ts', import.meta.url), { type: 'module' });
const engine = Comlink.wrap<OrtBench>(worker);
const died = new Promise<never>((_, reject) => {
  worker.addEventListener('error', (event) => reject(new Error(`worker: ${event.message}`)));
});
died.catch(() => {}); // told to whoever waits, see `alive`

/** Comlink promises never settle once their worker is gone. */
function alive<T>(answer: Promise<T>): Promise<T> {
  return Promise.race([answer, died]);
}

async function prepare(): Promise<void> {
  const response = await fetch('/compiled/manifest.json');
  const manifest = (await response.json()) as CompiledManifest;
  for (const name of ['manifest.json', ...manifest.files.map((file) => file.name)]) {
    await copyToOpfs(`/compiled/${name}`, name);
  }
}

async function run(request: RunRequest): Promise<RunReport> {
  const heardMs: number[] = [];
  const { port1: here, port2: there } = new MessageChannel();
  const allHeard = new Promise<void>((resolve) => {
    here.onmessage = () => {
      heardMs.push(performance.now() - startedMs);
      if (heardMs.length === request.newTokens) resolve();
    };
  });

  const startedMs = performance.now();
  const { promptTokens } = await alive(engine.run(request, Comlink.transfer(there, [there])));
  await alive(allHeard);

  here.close();
  return {
    promptTokens,
    newTokens: heardMs.length,
    firstTokenMs: present(heardMs[0], 'a first token'),
    lastTokenMs: present(heardMs.at(-1), 'a last token'),
    decodeSteps: heardMs.length - 1,
  };
}

window.bench = {
  prepare,
  load: async (request) => {
    const startedMs = performance.now();
    const facts = await alive(engine.load(request, new URL('/ort/', location.href).href));
    return { loadMs: performance.now() - startedMs, engine: facts };
  },
  run,
} satisfies BenchPage;
