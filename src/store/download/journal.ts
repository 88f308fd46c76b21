/**
 * What is known of an unfinished download, one JSON object a line, appended as it happens: a process that dies leaves
 * at most one torn line, which is ignored. The bytes themselves lie beside it, and are believed only where their
 * hash is the one written here.
 */
import { toModelId } from '../../contract/model.ts';
import type { ExpectedFile, WantedFile } from '../../contract/download.ts';

/** A line. The first of a journal is `wanted`; later lines win over earlier ones. */
export type JournalLine =
  | { readonly version: 1; readonly wanted: WantedFile }
  /** Bytes of the file; null once more when it turned out to be another file. */
  | { readonly total: number | null }
  /** Who sends: an address and what the host calls the file's version (see `validatorOf`). Numbered from 0. */
  | { readonly sender: number; readonly url: string; readonly validator: string | null }
  /** The first `bytes` bytes of a chunk are here and have this hash; all of it unless the connection broke. */
  | {
      readonly chunk: number;
      readonly bytes: number;
      readonly sha256: string;
      readonly sender: number;
    }
  /** Chunks that turned out not to be what they should. */
  | { readonly forget: readonly number[] }
  /** The person paused (or took it up again). */
  | { readonly paused: boolean };

export interface KeptChunk {
  readonly bytes: number;
  readonly sha256: string;
  readonly sender: number;
}

export interface Sender {
  readonly url: string;
  readonly validator: string | null;
}

/** All that the lines of a journal say together. */
export interface JournalState {
  readonly wanted: WantedFile;
  readonly totalBytes: number | null;
  readonly senders: readonly Sender[];
  readonly chunks: ReadonlyMap<number, KeptChunk>;
  readonly isPaused: boolean;
  /** Up to the end of the last whole line: what comes after is torn. */
  readonly soundBytes: number;
}

export function encodeLine(line: JournalLine): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(line)}\n`);
}

/** Null when there is no sound first line: then there is no download either. */
export function readJournal(bytes: Uint8Array): JournalState | null {
  let wanted: WantedFile | null = null;
  let totalBytes: number | null = null;
  let isPaused = false;
  let soundBytes = 0;
  const senders: Sender[] = [];
  const chunks = new Map<number, KeptChunk>();

  for (let at = 0; ;) {
    const end = bytes.indexOf(LINE_FEED, at);
    const line = end < 0 ? null : parseLine(bytes.subarray(at, end));
    if (line === null) break;
    if ('wanted' in line) wanted = line.wanted;
    else if ('total' in line) totalBytes = line.total;
    else if ('url' in line) senders[line.sender] = { url: line.url, validator: line.validator };
    else if ('forget' in line) for (const index of line.forget) chunks.delete(index);
    else if ('paused' in line) ({ paused: isPaused } = line);
    else {
      const { chunk, bytes, sha256, sender } = line;
      chunks.set(chunk, { bytes, sha256, sender });
    }
    at = end + 1;
    soundBytes = at;
  }
  if (wanted === null) return null;
  return { wanted, totalBytes, senders, chunks, isPaused, soundBytes };
}

const LINE_FEED = 0x0a;

function parseLine(bytes: Uint8Array): JournalLine | null {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isLine(json) ? json : null;
  } catch {
    return null; // torn, or overwritten by something else
  }
}

function isLine(json: unknown): json is JournalLine {
  if (!isObject(json)) return false;
  if ('wanted' in json) return json['version'] === 1 && isWanted(json['wanted']);
  if ('total' in json) return json['total'] === null || isCount(json['total']);
  if ('url' in json) {
    return (
      isCount(json['sender']) &&
      typeof json['url'] === 'string' &&
      (json['validator'] === null || typeof json['validator'] === 'string')
    );
  }
  if ('forget' in json) return Array.isArray(json['forget']) && json['forget'].every(isCount);
  if ('paused' in json) return typeof json['paused'] === 'boolean';
  return (
    isCount(json['chunk']) &&
    isCount(json['bytes']) &&
    isCount(json['sender']) &&
    typeof json['sha256'] === 'string'
  );
}

function isWanted(json: unknown): json is WantedFile {
  return (
    isObject(json) &&
    (json['of'] === 'host' || json['of'] === 'page') &&
    typeof json['title'] === 'string' &&
    typeof json['fileName'] === 'string' &&
    Array.isArray(json['urls']) &&
    json['urls'].every((url) => typeof url === 'string') &&
    (json['expected'] === null || isExpected(json['expected']))
  );
}

function isExpected(json: unknown): json is ExpectedFile {
  if (!isObject(json) || !isCount(json['totalBytes'])) return false;
  if (json['vouchedBy'] !== 'catalog' && json['vouchedBy'] !== 'host') return false;
  try {
    toModelId(String(json['sha256']));
    return true;
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
