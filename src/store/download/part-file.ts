/**
 * The bytes of an unfinished download and its journal, side by side in one folder. Knows which chunks are here, and
 * believes no chunk whose hash it has not seen written. Fetches nothing and judges nothing.
 */
import type { WantedFile } from '../../contract/download.ts';
import { AppError } from '../../contract/errors.ts';
import { present } from '../../lib/assert.ts';
import { yieldToEvents } from '../../lib/yield-to-events.ts';
import { readWhole, type EditableFile, type EditableFiles } from '../files.ts';
import { CHUNK_BYTES, chunkCount, chunkLength, chunkStart } from './chunks.ts';
import { sha256Of } from './digest.ts';
import {
  encodeLine,
  readJournal,
  type JournalLine,
  type JournalState,
  type KeptChunk,
  type Sender,
} from './journal.ts';

export const PART_NAME = 'model.part';
export const JOURNAL_NAME = 'journal';

/** Where the two files lie. */
export interface PartPlace {
  readonly bytes: string;
  readonly journal: string;
}

export function partIn(folder: string): PartPlace {
  return { bytes: `${folder}/${PART_NAME}`, journal: `${folder}/${JOURNAL_NAME}` };
}

export class PartFile {
  readonly #bytes: EditableFile;
  readonly #journal: EditableFile;
  readonly #chunks: Map<number, KeptChunk>;
  readonly #senders: Sender[];
  #totalBytes: number | null;
  #keptBytes = 0;
  #journalBytes: number;

  private constructor(bytes: EditableFile, journal: EditableFile, state: JournalState) {
    this.#bytes = bytes;
    this.#journal = journal;
    this.#chunks = new Map(state.chunks);
    this.#senders = [...state.senders];
    this.#totalBytes = state.totalBytes;
    this.#journalBytes = state.soundBytes;
    for (const { bytes } of state.chunks.values()) this.#keptBytes += bytes;
  }

  /**
   * A file that should be whole, and may be damaged: what is not as `hashes` say is missing.
   * @param hashes of all chunks, in order; fewer where they are not known
   */
  static async openWhole(
    files: EditableFiles,
    place: PartPlace,
    wanted: WantedFile,
    hashes: readonly string[],
  ): Promise<PartFile> {
    const total = present(wanted.expected, 'what the file has to be').totalBytes;
    const lines: readonly JournalLine[] = [
      { version: 1, wanted },
      { total },
      { sender: 0, url: present(wanted.urls[0], 'address'), validator: null },
      ...hashes.map((sha256, chunk) => ({
        chunk,
        bytes: chunkLength(chunk, total),
        sha256,
        sender: 0,
      })),
    ];
    const journal = await files.create(place.journal);
    for (const line of lines) await journal.write(encodeLine(line));
    await journal.close();
    return PartFile.open(files, place, wanted);
  }

  /**
   * Takes up what lies there, or begins. Chunks that are not on disk as the journal says are forgotten.
   * Both files are locked until `close`.
   */
  static async open(files: EditableFiles, place: PartPlace, wanted: WantedFile): Promise<PartFile> {
    const journal = await files.edit(place.journal);
    try {
      const bytes = await files.edit(place.bytes);
      try {
        const found = readJournal(await contentOf(journal));
        await journal.resize(found?.soundBytes ?? 0);
        const part = new PartFile(bytes, journal, found ?? { ...NOTHING, wanted });
        if (found === null) await part.#append({ version: 1, wanted });
        await part.#forgetDamaged();
        return part;
      } catch (error) {
        await bytes.close();
        throw error;
      }
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  get totalBytes(): number | null {
    return this.#totalBytes;
  }

  /** Bytes that are here, whole chunks and begun ones. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** True once every chunk of a known length is here. */
  get isWhole(): boolean {
    return this.#totalBytes !== null && this.#keptBytes === this.#totalBytes;
  }

  /** Bytes of this chunk that are here, from its beginning on. */
  bytesOf(index: number): number {
    return this.#chunks.get(index)?.bytes ?? 0;
  }

  has(index: number): boolean {
    const length = chunkLength(index, this.#totalBytes);
    return length > 0 && this.bytesOf(index) === length;
  }

  /** Of those whose bytes are here, the one that came last. Null when nothing is here. */
  get latestSender(): Sender | null {
    return this.#senders[this.#latestNumber()] ?? null;
  }

  /** Chunks from anybody else. */
  get fromEarlierSenders(): readonly number[] {
    const latest = this.#latestNumber();
    return [...this.#chunks].filter(([, chunk]) => chunk.sender !== latest).map(([index]) => index);
  }

  /** Hashes of all chunks in order. Only of a part that is whole. */
  get hashes(): readonly string[] {
    const count = chunkCount(present(this.#totalBytes, 'length'));
    return Array.from(
      { length: count },
      (_, index) => present(this.#chunks.get(index), `chunk ${index}`).sha256,
    );
  }

  /** Chunks that are here as far as they go, but whose hash is another than the one in `hashes`. Begun ones have no say. */
  unlike(hashes: readonly string[]): readonly number[] {
    return [...this.#chunks.keys()].filter(
      (index) => this.has(index) && this.#chunks.get(index)?.sha256 !== hashes[index],
    );
  }

  /**
   * Takes all the room that the file will need, so that it does not run out in the middle.
   * @throws AppError `storage-full`
   */
  async learnTotal(totalBytes: number): Promise<void> {
    const isNews = this.#totalBytes !== totalBytes;
    this.#totalBytes = totalBytes;
    if (this.#bytes.totalBytes !== totalBytes) await this.#bytes.resize(totalBytes);
    if (isNews) await this.#append({ total: totalBytes });
  }

  async markPaused(paused: boolean): Promise<void> {
    await this.#append({ paused });
  }

  /** Writes the first bytes of a chunk, or all of it. They count only once `record` said their hash. */
  async write(index: number, bytes: Uint8Array): Promise<void> {
    await this.#bytes.write(chunkStart(index), bytes);
  }

  async record(index: number, bytes: number, sha256: string, from: Sender): Promise<void> {
    // Of a chunk whose beginning came from somebody else, the elder counts: it is no better than that.
    const sender = Math.min(
      await this.#numberOf(from),
      this.#chunks.get(index)?.sender ?? Number.POSITIVE_INFINITY,
    );
    await this.#append({ chunk: index, bytes, sha256, sender });
    this.#keptBytes += bytes - this.bytesOf(index);
    this.#chunks.set(index, { bytes, sha256, sender });
  }

  /** Reads what is here of a chunk to the beginning of `target`. @returns how many bytes that is */
  async read(index: number, target: Uint8Array): Promise<number> {
    const bytes = this.bytesOf(index);
    await this.#bytes.readInto(chunkStart(index), target.subarray(0, bytes));
    return bytes;
  }

  /** It turned out to be another file: nothing of it is known any more. */
  async restart(): Promise<void> {
    await this.forget(this.#chunks.keys());
    this.#totalBytes = null;
    await this.#append({ total: null });
  }

  async forget(which: Iterable<number>): Promise<void> {
    const indices = [...which].filter((index) => this.#chunks.has(index));
    if (indices.length === 0) return;
    await this.#append({ forget: indices });
    for (const index of indices) {
      this.#keptBytes -= this.bytesOf(index);
      this.#chunks.delete(index);
    }
  }

  async flush(): Promise<void> {
    await this.#bytes.flush();
    await this.#journal.flush();
  }

  async close(): Promise<void> {
    await this.#bytes.close();
    await this.#journal.close();
  }

  async #append(line: JournalLine): Promise<void> {
    const bytes = encodeLine(line);
    const at = this.#journalBytes;
    this.#journalBytes += bytes.byteLength; // before waiting: another line may come meanwhile
    await this.#journal.write(at, bytes);
  }

  #latestNumber(): number {
    let latest = -1;
    for (const { sender } of this.#chunks.values()) latest = Math.max(latest, sender);
    return latest;
  }

  async #numberOf(from: Sender): Promise<number> {
    const known = this.#senders.findIndex(
      ({ url, validator }) => url === from.url && validator === from.validator,
    );
    if (known >= 0) return known;
    const number = this.#senders.push(from) - 1;
    await this.#append({ sender: number, url: from.url, validator: from.validator });
    return number;
  }

  async #forgetDamaged(): Promise<void> {
    const buffer = new Uint8Array(CHUNK_BYTES);
    const damaged: number[] = [];
    for (const [index, { bytes, sha256, sender }] of this.#chunks) {
      await yieldToEvents();
      const content = buffer.subarray(0, bytes);
      const isThere =
        bytes <= CHUNK_BYTES &&
        this.#senders[sender] !== undefined &&
        chunkStart(index) + bytes <= this.#bytes.totalBytes;
      if (isThere) await this.#bytes.readInto(chunkStart(index), content);
      if (!isThere || (await sha256Of(content)) !== sha256) damaged.push(index);
    }
    await this.forget(damaged);
  }
}

/** What an unfinished download is, without opening it: works while another tab writes it. Null when there is none. */
export async function lookAtPart(
  files: EditableFiles,
  folder: string,
): Promise<(JournalState & { readonly doneBytes: number }) | null> {
  try {
    const journal = await readWhole(files, `${folder}/${JOURNAL_NAME}`);
    const state = journal === null ? null : readJournal(journal);
    if (state === null) return null;
    let doneBytes = 0;
    for (const { bytes } of state.chunks.values()) doneBytes += bytes;
    return { ...state, doneBytes };
  } catch (error) {
    if (error instanceof AppError && error.code === 'model-missing') return null; // finished or deleted meanwhile
    throw error;
  }
}

const NOTHING = {
  totalBytes: null,
  senders: [],
  chunks: new Map<number, KeptChunk>(),
  isPaused: false,
  soundBytes: 0,
} as const;

async function contentOf(file: EditableFile): Promise<Uint8Array> {
  const bytes = new Uint8Array(file.totalBytes);
  await file.readInto(0, bytes);
  return bytes;
}
