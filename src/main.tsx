/** Composition root: the real engine, store, clock and notes behind the state, and the page on top. No logic. */
import catalog from '../models/catalog.json';
import { guide } from '../models/guide-entry.ts';
import { dependencies, version } from '../package.json';
import { COMPILER_VERSION } from './compile/targets.ts';
import { DownloadClient } from './client/download-client.ts';
import { EngineHost } from './client/engine-host.ts';
import { FetchingStore } from './client/fetching-store.ts';
import {
  spawnDownloadWorker,
  spawnInferenceWorker,
  spawnStoreWorker,
  WORKER_URLS,
} from './client/spawn-workers.ts';
import { StoreClient } from './client/store-client.ts';
import { watchDownloads } from './client/watch-downloads.ts';
import { parseCatalog } from './contract/catalog.ts';
import { present } from './lib/assert.ts';
import { becomeIsolated, untilServed } from './pwa/become-isolated.ts';
import { watchInstall } from './pwa/install.ts';
import { keepPage } from './pwa/keep-page.ts';
import { registerServiceWorker, watchForUpdates } from './pwa/register.ts';
import { createConversationStore } from './storage/conversation-store.ts';
import { createAppState } from './state/app-state.ts';
import {
  browserClock,
  browserNotes,
  browserRoom,
  deviceMemoryBytes,
  measurePageMemory,
} from './state/browser.ts';
import { browserMarks } from './state/browser-marks.ts';
import { browserPresence } from './state/browser-presence.ts';
import { fetchPolicyFile } from './state/policy/policy-file.ts';
import { listServedFiles } from './state/served-files.ts';
import { beginToSpeak } from './ui/language.ts';
import { fetchReader } from './ui/markdown/fetch-reader.ts';
import { mount } from './ui/mount.tsx';
import { untilIdle } from './ui/until-idle.ts';
import { RequestLog } from './witness/request-log.ts';

const requests = new RequestLog();
requests.watchPage(navigator.serviceWorker); // first: what is made from here on
const watched = (spawn: () => Worker) => () => requests.watchWorker(spawn());
const published = parseCatalog(catalog);
const isIsolated = window.crossOriginIsolated;
const tabNotes = browserNotes(() => sessionStorage);
const newId = () => crypto.getRandomValues(new Uint32Array(4)).join('-');
const base = new URL('.', document.baseURI).href;
const models = `${base}models/`;

const state = createAppState({
  engine: new EngineHost(watched(spawnInferenceWorker)),
  store: new FetchingStore(
    new StoreClient(watched(spawnStoreWorker)),
    new DownloadClient(watched(spawnDownloadWorker)),
    { catalog: published, guide },
  ),
  conversations: createConversationStore(new BroadcastChannel('offgrid.conversations')),
  notes: browserNotes(() => localStorage),
  tabNotes,
  clock: browserClock,
  room: browserRoom(navigator.storage),
  presence: browserPresence(newId(), document, window, navigator.locks),
  marks: browserMarks(() => navigator.storage.getDirectory()),
  page: { keep: () => keepPage(navigator.serviceWorker) },
  witness: {
    base,
    listen: (hear) => requests.listen(hear),
    readPolicies: async () =>
      (await import('./witness/read-policies.ts')).readPolicies(document, WORKER_URLS),
    tryWaysOut: async () => (await import('./witness/try-ways-out.ts')).tryWaysOut(window),
  },
  versions: {
    browser: navigator.userAgent,
    runtime: dependencies['onnxruntime-web'],
    compiler: COMPILER_VERSION,
  },
  catalog: published,
  guide,
  threads: isIsolated ? Math.min(4, Math.max(1, navigator.hardwareConcurrency)) : 1,
  memoryBytes: deviceMemoryBytes(navigator),
  pageUrl: document.baseURI,
  watchDownloads,
  listServedFiles: () => listServedFiles(fetch, models),
  readPolicyFile: () => fetchPolicyFile(fetch, `${base}policy.json`),
  randomSeed: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  newId,
  measureMemory: () => measurePageMemory(performance),
});

addEventListener('error', ({ error }) => {
  if (error !== null) state.reportBug(error); // without one it is a script that is not ours
});
addEventListener('unhandledrejection', ({ reason }) => state.reportBug(reason));

watchInstall(window, state.offerInstall);

const root = present(document.querySelector('#app'), '#app');
const mounted = beginToSpeak().then(() =>
  mount(root, {
    state,
    facts: {
      base,
      isIsolated,
      versions: {
        page: version,
        runtime: `ONNX Runtime Web ${dependencies['onnxruntime-web']}`,
        tokenizer: `transformers.js ${dependencies['@huggingface/transformers']}`,
      },
    },
  }),
);
const RELOADED = 'offgrid.reloaded-to-be-isolated';
/** The longest that a model waits for a page that is busy showing itself. */
const LONGEST_SHOWING_MS = 500;

void state.policy.read();
void state.library.start();
void begin();

async function begin(): Promise<void> {
  await becomeIsolated({
    isIsolated,
    untilServed: async () =>
      (await registerServiceWorker()) !== null && untilServed(navigator.serviceWorker),
    isUntouched: () => {
      const { draft, messages, live } = state.conversation;
      return draft.value === '' && messages.value.length === 0 && live.value === null;
    },
    tried: {
      read: () => tabNotes.read(RELOADED) !== null,
      write: (isTried) => tabNotes.write(RELOADED, isTried ? 'yes' : null),
    },
    reload: () => location.reload(),
  });
  await mounted;
  await untilIdle(window, LONGEST_SHOWING_MS);
  fetchReader(); // what the first answer is read with is here by then, whatever becomes of the network
  // One after the other: what keeps the page for later would take processor and network from what is needed now.
  await state.models.start();
  const registration = await registerServiceWorker();
  if (registration !== null) {
    watchForUpdates(registration, (update) => state.offerUpdate(() => update.apply()));
    await navigator.serviceWorker.ready;
  }
  await state.offline.check();
}
