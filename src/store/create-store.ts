/** The store: brings models onto this device, whole or not at all. What it needs from outside comes in as options. */
import { AppError, type ErrorCode } from '../contract/errors.ts';
import { toModelId, type ModelId, type StoredModel, type Target } from '../contract/model.ts';
import { RUN_TARGETS } from '../contract/rungs.ts';
import type {
  ExportKind,
  ExportOutcome,
  LocalSource,
  PrepareOutcome,
  StoreApi,
  VerifyOutcome,
} from '../contract/store.ts';
import { checkSource } from './check-source.ts';
import { claimInProcess, type Claim } from './claim.ts';
import { compiledBytes, takeStock, type Inventory, type StoredSource } from './inventory.ts';
import { compiledFolder, sourceFile, sourceFolder } from './layout.ts';
import { makePack } from './pack/make-pack.ts';
import { PACK_SUFFIX } from './pack/pack-format.ts';
import { Preparation } from './preparation.ts';
import { writeRecord } from './records.ts';
import { Steps } from './steps.ts';
import type { StoreOptions } from './store-options.ts';

/** A `list` of another tab sweeps for a moment; a preparation there lasts longer than anyone waits. */
const CLAIM_WAIT_MS = 2_000;

export function createStore(options: StoreOptions): StoreApi {
  return new Store(options);
}

class Store implements StoreApi {
  readonly #options: StoreOptions;
  readonly #claim: Claim;
  #isWorking = false;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#claim = options.claim ?? claimInProcess();
  }

  async list(): Promise<readonly StoredModel[]> {
    const release = await this.#claim(0);
    try {
      const stock = release === null ? await this.#takeStock() : await this.#sweep();
      return [...stock.sources.values()]
        .sort((a, b) => (a.record.addedAt < b.record.addedAt ? 1 : -1))
        .map((source) => this.#asModel(source));
    } finally {
      release?.();
    }
  }

  async prepare(source: LocalSource, target: Target, events: MessagePort): Promise<PrepareOutcome> {
    const { now } = this.#options;
    const cancel = new AbortController();
    events.onmessage = ({ data }) => {
      if (data === 'cancel') cancel.abort();
    };
    try {
      const steps = new Steps(events, now);
      const work = async (): Promise<PrepareOutcome> => {
        const preparation = new Preparation(
          this.#options,
          await this.#sweep(),
          target,
          steps,
          cancel.signal,
        );
        const prepared = await preparation.run(source);
        return prepared === 'cancelled'
          ? { type: 'cancelled' }
          : { type: 'ready', model: this.#asModel(prepared), phases: steps.phases };
      };
      const patience = { steps, signal: cancel.signal };
      return (await this.#alone(work, patience)) ?? { type: 'cancelled' };
    } finally {
      events.close();
    }
  }

  async verify(id: ModelId, events: MessagePort): Promise<VerifyOutcome> {
    const { files, now } = this.#options;
    const cancel = new AbortController();
    events.onmessage = ({ data }) => {
      if (data === 'cancel') cancel.abort();
    };
    try {
      return await this.#alone(async () => {
        const source = (await this.#takeStock()).sources.get(toModelId(id));
        if (source === undefined) throw new AppError('model-missing', `no source ${id}`);
        const { totalBytes } = source.record;
        const steps = new Steps(events, now);
        steps.begin('check', totalBytes);
        const check = await checkSource(files, source.record, {
          onProgress: (doneBytes) => steps.reach(doneBytes, totalBytes),
          signal: cancel.signal,
        });
        if (check.type !== 'sound') return check;
        steps.end(totalBytes);
        const record = { ...source.record, verifiedAt: new Date(now()).toISOString() };
        await writeRecord(files, record);
        return { type: 'sound', model: this.#asModel({ ...source, record }) };
      });
    } finally {
      events.close();
    }
  }

  async export(id: ModelId, what: ExportKind, events: MessagePort): Promise<ExportOutcome> {
    const { files, now } = this.#options;
    const cancel = new AbortController();
    events.onmessage = ({ data }) => {
      if (data === 'cancel') cancel.abort();
    };
    try {
      return await this.#alone(async () => {
        const source = (await this.#takeStock()).sources.get(toModelId(id));
        if (source === undefined) throw new AppError('model-missing', `no source ${id}`);
        const title = source.record.fileName.replace(/\.gguf$/i, '');
        if (what === 'source') {
          const file = await files.blob(sourceFile(id));
          return { type: 'exported', file, fileName: `${title}.gguf` };
        }
        const totalBytes = [...source.forms.values()].reduce(
          (sum, form) => sum + compiledBytes(form),
          0,
        );
        const steps = new Steps(events, now);
        steps.begin('read', totalBytes);
        const file = await makePack(files, source, {
          onProgress: (doneBytes) => steps.reach(doneBytes, totalBytes),
          signal: cancel.signal,
        });
        if (file === 'cancelled') return { type: 'cancelled' };
        steps.end(totalBytes);
        return { type: 'exported', file, fileName: title + PACK_SUFFIX };
      });
    } finally {
      events.close();
    }
  }

  async remove(id: ModelId): Promise<void> {
    await this.#removeAll([
      ...RUN_TARGETS.map((target) => this.#formFolder(id, target)),
      sourceFolder(id),
    ]);
  }

  async removeForm(id: ModelId, target: Target): Promise<void> {
    await this.#removeAll([this.#formFolder(id, target)]);
  }

  #formFolder(id: ModelId, target: Target): string {
    return compiledFolder(this.#options.compiledName(toModelId(id), target));
  }

  async #removeAll(folders: readonly string[]): Promise<void> {
    await this.#alone(async () => {
      for (const folder of folders) await this.#options.files.remove(folder);
    });
  }

  async #alone<T>(work: () => Promise<T>): Promise<T>;
  async #alone<T>(work: () => Promise<T>, patience: Patience): Promise<T | null>;
  /**
   * Refuses with `busy` while other work goes on, in this store or in another tab. With `patience` it waits for the
   * other tab; null when that was aborted.
   */
  async #alone<T>(work: () => Promise<T>, patience?: Patience): Promise<T | null> {
    if (this.#isWorking) throw new AppError('busy', 'one preparation at a time', STILL_PREPARING);
    this.#isWorking = true;
    try {
      const soon = await this.#claim(CLAIM_WAIT_MS, patience?.signal);
      const release = soon ?? (patience && (await this.#waitForOthers(patience)));
      if (release === null) return null;
      if (release === undefined) throw new AppError('busy', 'another tab prepares', OTHER_TAB);
      try {
        return await work();
      } finally {
        release();
      }
    } finally {
      this.#isWorking = false;
    }
  }

  /** What another tab prepares may well be what is wanted here. */
  async #waitForOthers({ steps, signal }: Patience): Promise<(() => void) | null> {
    if (signal.aborted) return null;
    steps.begin('wait', null);
    const ticker = setInterval(() => steps.reach(0, null), TELL_EVERY_MS);
    try {
      const release = await this.#claim(Infinity, signal);
      if (release !== null) steps.end(0);
      return release;
    } finally {
      clearInterval(ticker);
    }
  }

  /** Only with the claim: what looks left over may be somebody's work in progress. */
  async #sweep(): Promise<Inventory> {
    const stock = await this.#takeStock();
    for (const path of stock.leftovers) {
      try {
        await this.#options.files.remove(path);
      } catch (error) {
        if (!isCode(error, 'model-in-use')) throw error; // an old form, still open in some tab: next time
      }
    }
    return stock;
  }

  #takeStock(): Promise<Inventory> {
    const { files, compiledName, guide } = this.#options;
    return takeStock(files, compiledName, guide.sha256);
  }

  #asModel({ record, forms }: StoredSource): StoredModel {
    const { catalog, guide } = this.#options;
    const published = [guide, ...catalog].find(({ sha256 }) => sha256 === record.id);
    return {
      id: record.id,
      title: published?.title ?? record.title,
      fileName: record.fileName,
      sourceBytes: record.totalBytes,
      trust:
        published !== undefined ? 'published' : record.vouchedBy === null ? 'recorded' : 'told',
      origin: record.origin,
      addedAt: record.addedAt,
      verifiedAt: record.verifiedAt,
      forms: RUN_TARGETS.flatMap((target) => {
        const form = forms.get(target);
        if (form === undefined) return [];
        const { folder, manifest } = form;
        const origin = manifest.isFromPack === true ? { isFromPack: true as const } : {};
        return [{ target, folder, totalBytes: compiledBytes(form), ...origin }];
      }),
    };
  }
}

/** Of who would rather wait than be refused. */
interface Patience {
  readonly steps: Steps;
  readonly signal: AbortSignal;
}

/** Who waits is alive, and says so. */
const TELL_EVERY_MS = 1_000;

const STILL_PREPARING = { detail: { type: 'still-preparing' } } as const;
const OTHER_TAB = { detail: { type: 'other-tab' } } as const;

function isCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof AppError && error.code === code;
}
