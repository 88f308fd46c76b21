/**
 * Brings files of models into the store, one at a time among all tabs. Holds the claim, keeps the part, listens to the
 * person, and leaves the fetching to download.ts. What it needs from outside comes in as options.
 */
import type {
  DownloadApi,
  DownloadKey,
  DownloadOutcome,
  ExpectedFile,
  RepositoryFile,
  UnfinishedDownload,
  WantedFile,
} from '../../contract/download.ts';
import { AppError } from '../../contract/errors.ts';
import type { ModelId, ModelOrigin } from '../../contract/model.ts';
import { formBytes } from '../../contract/room.ts';
import { present } from '../../lib/assert.ts';
import type { Claim } from '../claim.ts';
import type { EditableFiles } from '../files.ts';
import { wholeSource } from '../inventory.ts';
import { downloadFolder, DOWNLOADS, sourceFile } from '../layout.ts';
import { explainNeed, refuseWithoutRoom, type Estimate } from '../quota.ts';
import { writeRecord, type SourceRecord } from '../records.ts';
import type { Inspect } from '../store-options.ts';
import { isUnfit } from '../unfit.ts';
import { admit, readChunkHashes, writeChunkHashes } from './admit.ts';
import type { Channel } from './announcements.ts';
import { askHash } from './ask-hash.ts';
import { Attempt } from './attempt.ts';
import { sha256Of } from './digest.ts';
import type { Hashing } from './hashing.ts';
import { download, type DownloadHooks, type DownloadNeeds, type DownloadPlan } from './download.ts';
import { listRepository } from './list-repository.ts';
import { JOURNAL_NAME, lookAtPart, PART_NAME, partIn, PartFile } from './part-file.ts';

export interface DownloaderOptions extends Omit<DownloadNeeds, 'hashing'> {
  readonly files: EditableFiles;
  /** The sole right to download, among all tabs. */
  readonly claim: Claim;
  /** The sole right to write in the store. */
  readonly storeClaim: Claim;
  /** A new one each time; whoever opens it closes it. */
  readonly openChannel: () => Channel;
  /** SHA-256 of the chunks of a file, where this project publishes them. */
  readonly chunkHashesOf: (id: ModelId) => Promise<readonly string[] | null>;
  readonly inspect: Inspect;
  /** Whether the policy of this program lets it ask for an address. */
  readonly isReachable: (url: string) => boolean;
  /** Null where nobody can tell how much room there is. */
  readonly estimate: Estimate | null;
  /** For one download of so many bytes, null while unknown; whoever starts it ends it. */
  readonly startHashing: (totalBytes: number | null) => Hashing;
}

/** Other tabs look at it; four times a second is lively enough. */
const ANNOUNCE_EVERY_MS = 250;

export function createDownloader(options: DownloaderOptions): DownloadApi {
  return new Downloader(options);
}

class Downloader implements DownloadApi {
  readonly #options: DownloaderOptions;

  constructor(options: DownloaderOptions) {
    this.#options = options;
  }

  async download(file: WantedFile, events: MessagePort): Promise<DownloadOutcome> {
    for (const url of file.urls) {
      if (!this.#options.isReachable(url)) throw unreachableHost(url);
    }
    const key = await keyOf(file);
    const attempt = new Attempt(key, events, this.#options.openChannel());
    try {
      const turn = await this.#takeTurn(attempt);
      if (turn === null) return attempt.outcome;
      try {
        return await this.#bring(file, attempt);
      } finally {
        turn();
      }
    } finally {
      attempt.end();
    }
  }

  async repair(
    id: ModelId,
    urls: readonly string[],
    events: MessagePort,
  ): Promise<DownloadOutcome> {
    const reachable = urls.filter((url) => this.#options.isReachable(url));
    if (reachable.length === 0) throw unreachableHost(urls[0] ?? '');
    const attempt = new Attempt(toKey(id), events, this.#options.openChannel());
    try {
      const turn = await this.#takeTurn(attempt);
      const release = turn && (await this.#options.storeClaim(Infinity, attempt.signal));
      try {
        if (release === null) return attempt.outcome;
        return await this.#mend(id, reachable, attempt);
      } finally {
        release?.();
        turn?.();
      }
    } finally {
      attempt.end();
    }
  }

  async unfinished(): Promise<readonly UnfinishedDownload[]> {
    const { files } = this.#options;
    const found: UnfinishedDownload[] = [];
    for (const { name, kind } of await files.list(DOWNLOADS)) {
      const key = kind === 'folder' && isKey(name) ? name : null;
      if (key === null) continue;
      const folder = downloadFolder(key);
      const part = await lookAtPart(files, folder);
      if (part === null || (await files.size(`${folder}/${PART_NAME}`)) === null) continue;
      const { wanted, doneBytes, totalBytes, isPaused } = part;
      found.push({ key, file: wanted, doneBytes, totalBytes, isPaused });
    }
    return found;
  }

  async discard(key: DownloadKey): Promise<void> {
    const turn = await this.#options.claim(0);
    if (turn === null) throw new AppError('busy', `${key} is being downloaded`);
    try {
      await this.#options.files.remove(downloadFolder(key));
    } finally {
      turn();
    }
  }

  listRepository(repo: string): Promise<readonly RepositoryFile[]> {
    return listRepository(repo, this.#options.network);
  }

  /** Waits for the right to download, and tells meanwhile what the tab does that has it. Null when there is no need any more. */
  async #takeTurn(attempt: Attempt): Promise<(() => void) | null> {
    const { claim } = this.#options;
    const now = await claim(0);
    if (now !== null) return now;
    attempt.follow();
    const later = await claim(Infinity, attempt.signal);
    attempt.lead();
    return later;
  }

  async #bring(file: WantedFile, attempt: Attempt): Promise<DownloadOutcome> {
    const { files, estimate, chunkHashesOf } = this.#options;
    const folder = downloadFolder(attempt.key);
    const known = await lookAtPart(files, folder);
    const wanted = await this.#learn(file, known?.wanted.expected ?? null, attempt);
    const stored = wanted.expected?.sha256 ?? null;
    if (stored !== null && (await wholeSource(files, stored)) !== null) {
      await files.remove(folder); // another tab was faster, or this one died in between
      return attempt.finish(stored);
    }
    if (known !== null && (await files.size(`${folder}/${PART_NAME}`)) === null) {
      await files.remove(folder);
    }
    const part = await PartFile.open(files, partIn(folder), wanted);
    try {
      await part.markPaused(false);
      const chunkHashes = stored === null ? null : await chunkHashesOf(stored);
      const id = await this.#fill(part, wanted, attempt, {
        chunkHashes,
        makeRoom: (totalBytes) =>
          refuseWithoutRoom(neededBytes(part, wanted, totalBytes), estimate),
      });
      if (id === 'stopped') return await this.#leave(part, attempt);
      // Not flushed: to wait for the disk would take about as long as all the rest, and whoever reads the file compares
      // it again, before it is compiled or while it is loaded.
      const { hashes, totalBytes } = part;
      await part.close();
      await this.#admit(id, present(totalBytes, 'length'), wanted, hashes, attempt);
      return attempt.finish(id);
    } catch (error) {
      await part.close();
      if (part.keptBytes === 0 || isUnfit(error)) await files.remove(folder);
      throw part.totalBytes === null ? error : explainNeed(error, neededBytes(part, wanted));
    }
  }

  /** In place: what is sound stays where it is, and no name changes. */
  async #mend(id: ModelId, urls: readonly string[], attempt: Attempt): Promise<DownloadOutcome> {
    const { files, chunkHashesOf, now } = this.#options;
    const record = await wholeSource(files, id);
    if (record === null) throw new AppError('model-missing', `no source ${id}`);
    const { title, fileName, totalBytes } = record;
    const chunkHashes = (await readChunkHashes(files, id)) ?? (await chunkHashesOf(id));
    const folder = `${downloadFolder(attempt.key)}.repair`;
    const place = { bytes: sourceFile(id), journal: `${folder}/${JOURNAL_NAME}` };
    const expected = { totalBytes, sha256: id, vouchedBy: 'catalog' } as const;
    const wanted: WantedFile = { of: 'host', title, fileName, urls, expected };
    try {
      const part = await PartFile.openWhole(files, place, wanted, chunkHashes ?? []);
      try {
        const makeRoom = async () => {}; // it has its room
        const found = await this.#fill(part, wanted, attempt, { chunkHashes, makeRoom });
        await part.flush();
        if (found === 'stopped') return attempt.outcome;
        if (chunkHashes === null) await writeChunkHashes(files, id, part.hashes);
      } finally {
        await part.close();
      }
      await writeRecord(files, { ...record, verifiedAt: new Date(now()).toISOString() });
      return attempt.finish(id);
    } finally {
      await files.remove(folder);
    }
  }

  /** What the file has to be, as far as anybody says so. */
  async #learn(
    file: WantedFile,
    before: ExpectedFile | null,
    { signal }: Attempt,
  ): Promise<WantedFile> {
    if (file.expected !== null) return file;
    if (before !== null) return { ...file, expected: before };
    const [url] = file.urls;
    const statement = await askHash(present(url, 'address'), this.#options.network, signal);
    if (statement === null) return file;
    const others = file.urls.filter((other) => other !== statement.url);
    return { ...file, urls: [statement.url, ...others], expected: statement.expected };
  }

  #fill(
    part: PartFile,
    { of, urls, expected }: WantedFile,
    attempt: Attempt,
    how: Pick<DownloadPlan, 'chunkHashes'> & Pick<DownloadHooks, 'makeRoom'>,
  ): Promise<ModelId | 'stopped'> {
    const { now, startHashing } = this.#options;
    const { chunkHashes, makeRoom } = how;
    const hashing = startHashing(expected?.totalBytes ?? null);
    let announcedAtMs = -Infinity;
    const needs = { ...this.#options, hashing };
    return download({ part, of, urls, expected, chunkHashes }, needs, {
      signal: attempt.signal,
      makeRoom,
      onProgress: (progress) => {
        attempt.tell(progress);
        if (now() - announcedAtMs < ANNOUNCE_EVERY_MS && progress.wait === null) return;
        announcedAtMs = now();
        attempt.announce(progress);
      },
    }).finally(() => hashing.end());
  }

  async #leave(part: PartFile, attempt: Attempt): Promise<DownloadOutcome> {
    if (attempt.outcome.type === 'paused') {
      await part.markPaused(true);
      await part.flush();
      await part.close();
    } else {
      await part.close();
      await this.#options.files.remove(downloadFolder(attempt.key));
    }
    return attempt.outcome;
  }

  /** @throws AppError also for a file that arrived as it was published and that this program cannot run */
  async #admit(
    id: ModelId,
    totalBytes: number,
    wanted: WantedFile,
    hashes: readonly string[],
    attempt: Attempt,
  ): Promise<void> {
    const { files, inspect, storeClaim, now, network } = this.#options;
    const folder = downloadFolder(attempt.key);
    const path = `${folder}/${PART_NAME}`;
    const { title } = await inspect(await files.open(path));
    const release = present(await storeClaim(Infinity), 'claim');
    try {
      if ((await wholeSource(files, id)) === null) {
        const { fileName, expected } = wanted;
        const addedAt = new Date(now()).toISOString();
        const record: SourceRecord = {
          version: 2,
          id,
          title,
          fileName,
          totalBytes,
          origin: originOf(wanted, network.origin),
          vouchedBy: expected?.vouchedBy ?? null,
          addedAt,
          verifiedAt: addedAt,
        };
        await admit(files, path, record, hashes);
      }
      await files.remove(folder);
    } finally {
      release();
    }
  }
}

/** What is still to come, and what is then made of it. */
function neededBytes(
  part: PartFile,
  { target }: WantedFile,
  totalBytes: number | null = part.totalBytes,
): number {
  const whole = totalBytes ?? 0;
  return whole - part.keptBytes + (target === undefined ? 0 : formBytes(target, whole));
}

function unreachableHost(url: string): AppError {
  const host = URL.canParse(url) ? new URL(url).host : url;
  return new AppError('download-failed', `${host} is not in the policy`, {
    detail: { type: 'out-of-reach' },
  });
}

/** The same for every attempt at the same file, before anybody was asked. */
async function keyOf({ urls, expected }: WantedFile): Promise<DownloadKey> {
  if (expected?.vouchedBy === 'catalog') return toKey(expected.sha256);
  // The address as it was named; the one of this version of the file, once it is known, goes before it.
  const address = new TextEncoder().encode(present(urls.at(-1), 'address'));
  return toKey(await sha256Of(address));
}

function toKey(hex: string): DownloadKey {
  if (!isKey(hex)) throw new Error('a key is 64 lower-case hex digits');
  return hex;
}

function isKey(name: string): name is DownloadKey {
  return /^[0-9a-f]{64}$/.test(name);
}

function originOf({ of, urls }: WantedFile, ownOrigin: string): ModelOrigin {
  if (of === 'page') return { type: 'guide' };
  const url = present(urls[0], 'address');
  return new URL(url).origin === ownOrigin ? { type: 'served', url } : { type: 'download', url };
}
