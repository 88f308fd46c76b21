/**
 * Entry of the store worker. Comlink has to be listening before this script first suspends: a message that arrives
 * earlier is dropped, not queued. Hence no top-level await, and everything else comes in with the first call.
 * Logic belongs in src/store, where Node can test it.
 */
import * as Comlink from 'comlink';
import { keepErrorsWhole } from '../src/contract/comlink-errors.ts';
import type { StoreApi } from '../src/contract/store.ts';
import { tellRequests } from '../src/witness/tell-requests.ts';

let opening: Promise<StoreApi> | null = null;
const store = () => (opening ??= openStore());

async function openStore(): Promise<StoreApi> {
  const [
    { createStore },
    { openOpfsFiles },
    { compiledName, STORE_FOLDER },
    { claimAcrossTabs, claimInProcess },
    { compileModel },
    { COMPILER_VERSION },
    { inspectSource },
    { parseCatalog },
    { default: catalog },
    { guide },
  ] = await Promise.all([
    import('../src/store/create-store.ts'),
    import('../src/store/opfs-files.ts'),
    import('../src/store/layout.ts'),
    import('../src/store/claim.ts'),
    import('../src/compile/compile.ts'),
    import('../src/compile/targets.ts'),
    import('./inspect-source.ts'),
    import('../src/contract/catalog.ts'),
    import('../models/catalog.json'),
    import('../models/guide-entry.ts'),
  ]);
  return createStore({
    files: await openOpfsFiles(STORE_FOLDER),
    compile: compileModel,
    async measure(folder, manifest, onStep) {
      if (manifest.target === 'simd-int8') {
        const { measureSimdSelfTest } = await import('../src/engine/simd/self-test.ts');
        const source = await folder.openSource();
        const selfTest = await measureSimdSelfTest(source, manifest, async () => onStep());
        return { ...manifest, selfTest };
      }
      const [{ measureSelfTest }, { threadsOf }, { ortFolderUrl }] = await Promise.all([
        import('../src/engine/ort/measure-self-test.ts'),
        import('../src/engine/probe.ts'),
        import('./ort-files.ts'),
      ]);
      const runtime = { folderUrl: ortFolderUrl };
      const options = { threads: threadsOf(self), runtime, onStep };
      return { ...manifest, selfTest: await measureSelfTest(folder, manifest, options) };
    },
    inspect: inspectSource,
    compiledName: (id, target) => compiledName(id, target, COMPILER_VERSION),
    catalog: parseCatalog(catalog),
    guide,
    now: () => performance.timeOrigin + performance.now(),
    estimate: () => navigator.storage.estimate(),
    claim: 'locks' in navigator ? claimAcrossTabs(navigator.locks, 'store') : claimInProcess(),
  });
}

/** A rejection that nobody awaits is a bug; only what is thrown at the top reaches the page as an `error` event. */
addEventListener('unhandledrejection', ({ reason }) => {
  setTimeout(() => {
    throw reason;
  });
});

tellRequests('store', (toldRequests) => postMessage({ toldRequests }));
keepErrorsWhole();
Comlink.expose({
  list: async () => (await store()).list(),
  prepare: async (source, target, events) => (await store()).prepare(source, target, events),
  verify: async (id, events) => (await store()).verify(id, events),
  export: async (id, what, events) => (await store()).export(id, what, events),
  remove: async (id) => (await store()).remove(id),
  removeForm: async (id, target) => (await store()).removeForm(id, target),
} satisfies StoreApi);
