/**
 * Entry of the download worker, the only part of the program that may reach a host of models. Comlink has to be
 * listening before this script first suspends: a message that arrives earlier is dropped, not queued. Hence no
 * top-level await, and everything else comes in with the first call. Logic belongs in src/store/download.
 */
import * as Comlink from 'comlink';
import { keepErrorsWhole } from '../src/contract/comlink-errors.ts';
import { DOWNLOADS_CHANNEL, type DownloadApi } from '../src/contract/download.ts';
import type { RequestRecord } from '../src/contract/requests.ts';
import { countFetch } from '../src/witness/count-fetch.ts';
import { tellRequests } from '../src/witness/tell-requests.ts';

const tell = (toldRequests: readonly RequestRecord[]) => postMessage({ toldRequests });
const countedFetch = countFetch('download', tell, (input, init) => fetch(input, init));

let opening: Promise<DownloadApi> | null = null;
const downloader = () => (opening ??= openDownloader());

async function openDownloader(): Promise<DownloadApi> {
  const [
    { createDownloader },
    { browserConnectivity },
    { openOpfsFiles },
    { STORE_FOLDER },
    { claimAcrossTabs, claimInProcess },
    { isReachable },
    { parseChunkHashes },
    { inspectSource },
    { startHashing },
  ] = await Promise.all([
    import('../src/store/download/downloader.ts'),
    import('../src/store/download/connectivity.ts'),
    import('../src/store/opfs-files.ts'),
    import('../src/store/layout.ts'),
    import('../src/store/claim.ts'),
    import('../src/contract/model-hosts.ts'),
    import('../src/store/download/published-chunks.ts'),
    import('./inspect-source.ts'),
    import('./hash-threads.ts'),
  ]);
  const publishedChunks = async () =>
    parseChunkHashes((await import('../models/chunk-hashes.json')).default);
  const claim = (name: string) =>
    'locks' in navigator ? claimAcrossTabs(navigator.locks, name) : claimInProcess();
  const { origin } = location;
  return createDownloader({
    files: await openOpfsFiles(STORE_FOLDER),
    claim: claim('download'),
    storeClaim: claim('store'),
    openChannel: () => new BroadcastChannel(DOWNLOADS_CHANNEL),
    chunkHashesOf: async (id) => (await publishedChunks()).get(id) ?? null,
    inspect: inspectSource,
    startHashing,
    isReachable: (url) => isReachable(url, origin),
    estimate: () => navigator.storage.estimate(),
    network: { fetch: countedFetch, origin, stallMs: 20_000 },
    connectivity: browserConnectivity,
    now: () => performance.timeOrigin + performance.now(),
  });
}

/** A rejection that nobody awaits is a bug; only what is thrown at the top reaches the page as an `error` event. */
addEventListener('unhandledrejection', ({ reason }) => {
  setTimeout(() => {
    throw reason;
  });
});

// The browser does not tell how many bytes came from another origin: what is fetched is counted.
tellRequests('download', tell, ({ initiatorType }) => initiatorType !== 'fetch');
keepErrorsWhole();
Comlink.expose({
  download: async (file, events) => (await downloader()).download(file, events),
  repair: async (id, urls, events) => (await downloader()).repair(id, urls, events),
  unfinished: async () => (await downloader()).unfinished(),
  discard: async (key) => (await downloader()).discard(key),
  listRepository: async (repo) => (await downloader()).listRepository(repo),
} satisfies DownloadApi);
