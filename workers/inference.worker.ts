/**
 * Entry of the inference worker. Comlink has to be listening before this script first suspends: a message that
 * arrives earlier is dropped, not queued. Hence no top-level await, and the engine, whose imports may hide one,
 * comes in with the first call. Logic belongs in src/engine, where Node can test it.
 */
import * as Comlink from 'comlink';
import { keepErrorsWhole } from '../src/contract/comlink-errors.ts';
import type { EngineApi } from '../src/contract/engine.ts';
import { AppError } from '../src/contract/errors.ts';
import type { ModelId } from '../src/contract/model.ts';
import type { ModelEngine } from '../src/engine/create-engine.ts';
import type { ModelFolder } from '../src/engine/model-folder.ts';
import { tellRequests } from '../src/witness/tell-requests.ts';
import { ortFolderUrl, webGpuRuntime } from './ort-files.ts';

let starting: Promise<ModelEngine> | null = null;
const engine = () => (starting ??= startEngine());

async function startEngine(): Promise<ModelEngine> {
  const [
    { createEngine },
    { openOpfsFiles },
    { readWhole, writeWhole },
    { PREFIX_NAME, sourceFile, STORE_FOLDER },
  ] = await Promise.all([
    import('../src/engine/create-engine.ts'),
    import('../src/store/opfs-files.ts'),
    import('../src/store/files.ts'),
    import('../src/store/layout.ts'),
  ]);
  const files = await openOpfsFiles(STORE_FOLDER);
  const folderOf = (folder: string): ModelFolder => ({
    async read(name) {
      const bytes = await readWhole(files, `${folder}/${name}`);
      if (bytes === null) throw new AppError('compiled-damaged', `${name} is not there`);
      return bytes;
    },
    openSync: (name) => files.openSync(`${folder}/${name}`),
  });
  return createEngine({
    prefixFile: (folder) => ({
      read: () => readWhole(files, `${folder}/${PREFIX_NAME}`),
      write: (bytes) => writeWhole(files, `${folder}/${PREFIX_NAME}`, bytes),
    }),
    async openModel(folder, options, onProgress) {
      const { rung } = options;
      if (rung === 'simd-int8') {
        const [{ openSimd }, { fetchKernels, startWorkerThread }] = await Promise.all([
          import('../src/engine/simd/open-simd.ts'),
          import('./kernel-threads.ts'),
        ]);
        const openSource = (id: ModelId) => files.openSync(sourceFile(id));
        const platform = { readKernels: fetchKernels, startThread: startWorkerThread };
        return openSimd(
          { folder: folderOf(folder), openSource },
          { ...options, ...platform },
          onProgress,
        );
      }
      if (rung === 'wasm-int8') {
        const { openModel } = await import('../src/engine/ort/open-model.ts');
        const runtime = { folderUrl: ortFolderUrl };
        return openModel(folderOf(folder), { ...options, runtime }, onProgress);
      }
      const { openWebGpuModel } = await import('../src/engine/ort/open-webgpu-model.ts');
      const runtimeOf = webGpuRuntime;
      return openWebGpuModel(folderOf(folder), { ...options, rung, runtimeOf }, onProgress);
    },
  });
}

/** A rejection that nobody awaits is a bug; only what is thrown at the top reaches the page as an `error` event. */
addEventListener('unhandledrejection', ({ reason }) => {
  setTimeout(() => {
    throw reason;
  });
});

tellRequests('inference', (toldRequests) => postMessage({ toldRequests }));
keepErrorsWhole();
Comlink.expose({
  probe: async () => (await import('../src/engine/probe.ts')).probe(self),
  load: async (folder, options, events) => (await engine()).load(folder, options, events),
  generate: async (request, events) => (await engine()).generate(request, events),
  unload: async () => (await engine()).unload(),
  tryWaysOut: async () => (await import('../src/witness/try-ways-out.ts')).tryWaysOut(self),
} satisfies EngineApi);
