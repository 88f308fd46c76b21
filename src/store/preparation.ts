/**
 * One preparation, from a source to a compiled model on this device. Every step takes over only what the step before
 * has proved, and whatever a step leaves unfinished it removes.
 */
import { AppError } from '../contract/errors.ts';
import { toModelId, type CompiledManifest, type ModelId, type Target } from '../contract/model.ts';
import { formBytes } from '../contract/room.ts';
import { RUN_TARGETS } from '../contract/rungs.ts';
import type { LocalSource } from '../contract/store.ts';
import { unreachable } from '../lib/assert.ts';
import type { ByteSource } from '../lib/bytes.ts';
import { yieldToEvents } from '../lib/yield-to-events.ts';
import { checkSource } from './check-source.ts';
import { pickedFile } from './picked-file.ts';
import { admit } from './download/admit.ts';
import type { NewFile } from './files.ts';
import {
  wholeCompiled,
  type CompiledForm,
  type Inventory,
  type StoredSource,
} from './inventory.ts';
import { compiledFolder, INCOMING, sourceFile, sourceFolder } from './layout.ts';
import { isUnmeasured, unsealedFolder } from './measure.ts';
import { readPack, type Pack } from './pack/pack-format.ts';
import { takeForm } from './pack/take-form.ts';
import { explainNeed, refuseWithoutRoom } from './quota.ts';
import { writeManifest, writeRecord, type SourceRecord } from './records.ts';
import type { Steps } from './steps.ts';
import type { StoreOptions } from './store-options.ts';
import { isUnfit } from './unfit.ts';
import { piecesOf, receive, type Received, type ReceiveHooks } from './verify.ts';
import { beginsLikePage } from './web-page.ts';

export class Preparation {
  readonly #options: StoreOptions;
  readonly #stock: Inventory;
  readonly #target: Target;
  readonly #steps: Steps;
  readonly #signal: AbortSignal;

  /** @param stock what lies here now; the caller sees to it that nobody else changes it meanwhile */
  constructor(
    options: StoreOptions,
    stock: Inventory,
    target: Target,
    steps: Steps,
    signal: AbortSignal,
  ) {
    this.#options = options;
    this.#stock = stock;
    this.#target = target;
    this.#steps = steps;
    this.#signal = signal;
  }

  async run(from: LocalSource): Promise<StoredSource | 'cancelled'> {
    const source = await this.#bring(from);
    if (source === 'cancelled' || source.forms.has(this.#target)) return source;
    const { record, forms } = source;
    try {
      const compiled = await this.#compile(record);
      if (compiled === 'cancelled') return 'cancelled';
      return { record, forms: new Map([...forms, [this.#target, compiled]]) };
    } catch (error) {
      if (isUnfit(error) && forms.size === 0 && !this.#isPublished(record.id)) {
        await this.#options.files.remove(sourceFolder(record.id));
      }
      throw error;
    }
  }

  #bring(from: LocalSource): Promise<StoredSource | 'cancelled'> {
    switch (from.type) {
      case 'file':
        return this.#bringFile(from.file);
      case 'stored':
        return this.#bringStored(from.id);
      default:
        return unreachable(from);
    }
  }

  async #bringStored(id: ModelId): Promise<StoredSource | 'cancelled'> {
    const stored = this.#stock.sources.get(toModelId(id));
    if (stored === undefined) throw new AppError('model-missing', `no source ${id}`);
    const found = await this.#trust(stored);
    if (found === 'damaged') throw new AppError('source-damaged', `source ${id} changed on disk`);
    return found;
  }

  async #bringFile(file: File): Promise<StoredSource | 'cancelled'> {
    const picked = pickedFile(file);
    this.#steps.begin('read', file.size);
    const pack = await readPack(picked);
    if (pack !== null) return this.#bringPack(pack);
    await refusePage(picked);
    const { title } = await this.#options.inspect(picked); // before hundreds of megabytes are copied
    const hooks = {
      onProgress: (doneBytes: number) => this.#steps.reach(doneBytes, file.size),
      signal: this.#signal,
    };

    if ([...this.#stock.sources.values()].some(({ record }) => record.totalBytes === file.size)) {
      const hashed = await receive(piecesOf(picked), null, hooks);
      if (hashed === 'cancelled') return 'cancelled';
      const stored = this.#stock.sources.get(hashed.sha256);
      if (stored !== undefined) {
        this.#steps.end(file.size);
        const found = await this.#trust(stored);
        if (found !== 'damaged') return found;
        this.#steps.begin('read', file.size);
      }
    }
    return this.#takeIn(picked, { fileName: file.name, title }, hooks);
  }

  /** A model with its forms, from another device. Forms of another compiler than this one are left where they are. */
  async #bringPack(pack: Pack): Promise<StoredSource | 'cancelled'> {
    const { id, fileName, totalBytes } = pack.contents.source;
    const { title } = await this.#options.inspect(pack.source);
    const stored = this.#stock.sources.get(id);
    let found: StoredSource | 'damaged' | 'cancelled' = 'damaged';
    if (stored !== undefined) found = await this.#trust(stored);
    if (found === 'damaged') {
      this.#steps.begin('read', totalBytes);
      const onProgress = (doneBytes: number) => this.#steps.reach(doneBytes, totalBytes);
      const hooks = { onProgress, signal: this.#signal };
      found = await this.#takeIn(pack.source, { fileName, title, id }, hooks);
    }
    return found === 'cancelled' ? found : this.#takeForms(pack, found);
  }

  async #takeForms(pack: Pack, source: StoredSource): Promise<StoredSource | 'cancelled'> {
    const { files, compiledName, estimate } = this.#options;
    const { id } = source.record;
    const forms = new Map(source.forms);
    for (const target of RUN_TARGETS) {
      const form = pack.contents.forms.find(({ name }) => name === compiledName(id, target));
      if (form === undefined || form.manifest.target !== target || forms.has(target)) continue;
      const totalBytes = form.files.reduce((sum, file) => sum + file.totalBytes, 0);
      this.#steps.begin('compile', totalBytes);
      await refuseWithoutRoom(totalBytes, estimate);
      try {
        const taken = await takeForm(files, id, pack, form, {
          onProgress: (doneBytes) => this.#steps.reach(doneBytes, totalBytes),
          signal: this.#signal,
        });
        if (taken === 'cancelled') return 'cancelled';
        if (taken === null) continue;
        this.#steps.end(totalBytes);
        forms.set(target, taken);
      } catch (error) {
        throw explainNeed(error, totalBytes);
      }
    }
    return { ...source, forms };
  }

  /** A source that lies here already: hashed again before it is compiled, as disks and browsers are not to be trusted. */
  async #trust(stored: StoredSource): Promise<StoredSource | 'damaged' | 'cancelled'> {
    if (stored.forms.has(this.#target)) return stored;
    const { totalBytes } = stored.record;
    this.#steps.begin('check', totalBytes);
    const found = await checkSource(this.#options.files, stored.record, {
      onProgress: (doneBytes) => this.#steps.reach(doneBytes, totalBytes),
      signal: this.#signal,
    });
    if (found.type === 'cancelled') return 'cancelled';
    this.#steps.end(totalBytes);
    if (found.type === 'damaged') return 'damaged';
    const record = { ...stored.record, verifiedAt: this.#timestamp() };
    await writeRecord(this.#options.files, record);
    return { ...stored, record };
  }

  #timestamp(): string {
    return new Date(this.#options.now()).toISOString();
  }

  /** Copies a picked file, hashes it on the way, and gives it its name. The phase of reading it has begun. */
  async #takeIn(
    picked: ByteSource,
    about: About,
    hooks: ReceiveHooks,
  ): Promise<StoredSource | 'cancelled'> {
    const { files, estimate } = this.#options;
    const neededBytes = picked.totalBytes + formBytes(this.#target, picked.totalBytes);
    await refuseWithoutRoom(neededBytes, estimate);
    try {
      const incoming = await files.create(INCOMING);
      try {
        const received = await receive(piecesOf(picked), incoming, hooks);
        if (received === 'cancelled') return 'cancelled';
        if (about.id !== undefined && received.sha256 !== about.id) {
          throw new AppError('pack-damaged', `the source has SHA-256 ${received.sha256}`);
        }
        await incoming.close();
        this.#steps.end(received.totalBytes);
        return await this.#admit(received, about);
      } finally {
        await incoming.abort();
        await files.remove(INCOMING);
      }
    } catch (error) {
      throw explainNeed(error, neededBytes);
    }
  }

  /** The file is whole and closed, but still has the name of something incomplete. */
  async #admit(
    { sha256: id, totalBytes, chunkHashes }: Received,
    { fileName, title }: About,
  ): Promise<StoredSource | 'cancelled'> {
    const { files } = this.#options;
    const stored = this.#stock.sources.get(id);
    this.#steps.begin('check', totalBytes);
    if ((await files.size(INCOMING)) !== totalBytes) {
      throw new AppError('length-mismatch', `${totalBytes} bytes were written, others lie there`);
    }
    await yieldToEvents(); // a cancel that was posted meanwhile
    if (this.#signal.aborted) return 'cancelled';
    this.#steps.end(totalBytes);
    if (stored !== undefined && stored.forms.has(this.#target)) return stored;

    const now = this.#timestamp();
    const record: SourceRecord = {
      version: 2,
      id,
      title,
      fileName,
      totalBytes,
      origin: { type: 'file' },
      vouchedBy: null,
      addedAt: now,
      ...stored?.record,
      verifiedAt: now,
    };
    await admit(files, INCOMING, record, chunkHashes);
    return { record, forms: stored?.forms ?? new Map<Target, CompiledForm>() };
  }

  async #compile(record: SourceRecord): Promise<CompiledForm | 'cancelled'> {
    const { files, compile, compiledName, estimate } = this.#options;
    const { id, fileName, totalBytes } = record;
    const name = compiledName(id, this.#target);
    const folder = compiledFolder(name);
    const neededBytes = formBytes(this.#target, totalBytes);
    const opened: NewFile[] = [];
    let isKept = false;
    this.#steps.begin('compile', totalBytes);
    await refuseWithoutRoom(neededBytes, estimate);
    try {
      const manifest = await compile(
        await files.open(sourceFile(id)),
        { id, fileName, totalBytes },
        this.#target,
        {
          create: async (fileName) => {
            const file = await files.create(`${folder}/${fileName}`);
            opened.push(file);
            return file;
          },
        },
        {
          onProgress: (doneBytes, totalBytes) => this.#steps.reach(doneBytes, totalBytes),
          isCancelled: () => this.#signal.aborted,
        },
      );
      if (manifest === 'cancelled') return 'cancelled';
      this.#steps.end(totalBytes);
      const measured = await this.#measure(id, folder, manifest);
      if (measured === 'cancelled') return 'cancelled';
      const compiled = await this.#seal(name, id, measured);
      isKept = true;
      return compiled;
    } catch (error) {
      throw explainNeed(error, neededBytes);
    } finally {
      if (!isKept) {
        for (const file of opened) await file.abort();
        await files.remove(folder);
      }
    }
  }

  /** The manifest with what the device has to answer, where it is to be compared. */
  async #measure(
    id: ModelId,
    folder: string,
    manifest: CompiledManifest,
  ): Promise<CompiledManifest | 'cancelled'> {
    if (!isUnmeasured(manifest)) return manifest;
    const { files, measure } = this.#options;
    this.#steps.begin('measure', null);
    const unsealed = unsealedFolder(files, folder, sourceFile(id));
    const measured = await measure(unsealed, manifest, () => this.#steps.reach(0, null));
    await yieldToEvents(); // a cancel that was posted meanwhile
    if (this.#signal.aborted) return 'cancelled';
    this.#steps.end(0);
    return measured;
  }

  /** Writes the manifest, the last file, and looks at the result as the next start of the page will. */
  async #seal(name: string, id: ModelId, manifest: CompiledManifest): Promise<CompiledForm> {
    const { files } = this.#options;
    await writeManifest(files, name, manifest);
    const compiled = await wholeCompiled(files, name, id);
    if (compiled === null) {
      throw new AppError('compiled-damaged', `${name} does not match its manifest`);
    }
    return compiled;
  }

  #isPublished(id: ModelId): boolean {
    const { catalog, guide } = this.#options;
    return [guide, ...catalog].some(({ sha256 }) => sha256 === id);
  }
}

/** Of a file that is taken in. */
interface About {
  readonly fileName: string;
  readonly title: string;
  /** What it has to be, where it says so itself. */
  readonly id?: ModelId;
}

/** People save the page about a model under the model's name more often than one would think. */
async function refusePage(source: ByteSource): Promise<void> {
  if (beginsLikePage(await source.read(0, Math.min(512, source.totalBytes))) !== true) return;
  throw new AppError('html-not-model', 'the picked file begins like a page', {
    detail: { type: 'saved-page' },
  });
}
