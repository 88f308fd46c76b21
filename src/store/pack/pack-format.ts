/**
 * A pack: one model as one file, source and compiled forms, to be carried to another device.
 *
 *     8 bytes   `OFFGRID1`
 *     8 bytes   length of the contents list in bytes, unsigned, little-endian
 *     …         the contents list, JSON: what lies behind it, each file with its length and SHA-256
 *     …         the source, then the files of each form: one after another, nothing in between
 *
 * Nothing is compressed (weights do not shrink) and nothing is aligned, so a browser can put it together out of files
 * on its disk without reading them.
 */
import { AppError } from '../../contract/errors.ts';
import { toModelId, type CompiledManifest, type ModelId } from '../../contract/model.ts';
import type { ByteSource } from '../../lib/bytes.ts';

export const PACK_SUFFIX = '.offgrid';

export interface PackContents {
  readonly source: {
    readonly id: ModelId;
    readonly fileName: string;
    readonly totalBytes: number;
  };
  readonly forms: readonly PackedForm[];
}

export interface PackedForm {
  /** Of its folder: source, target and compiler version. */
  readonly name: string;
  readonly manifest: CompiledManifest;
  readonly files: readonly PackedFile[];
}

export interface PackedFile {
  readonly name: string;
  readonly totalBytes: number;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
}

/** A pack that can be read: its contents, and where each file lies in it. */
export interface Pack {
  readonly contents: PackContents;
  readonly source: ByteSource;
  /** Files of a form, in the order of its list. */
  readonly filesOf: (form: PackedForm) => readonly ByteSource[];
}

const MAGIC = new TextEncoder().encode('OFFGRID1');
const HEAD_BYTES = 16;
/** Manifests with a self-test have some ten kilobytes each. */
const MOST_CONTENTS_BYTES = 16 << 20;

/** All that comes before the files. */
export function encodePackHead(contents: PackContents): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(contents));
  const head = new Uint8Array(HEAD_BYTES + json.byteLength);
  head.set(MAGIC);
  new DataView(head.buffer).setBigUint64(8, BigInt(json.byteLength), true);
  head.set(json, HEAD_BYTES);
  return head;
}

/**
 * @returns null for a file that does not begin like a pack
 * @throws AppError `pack-damaged` for one whose contents list is off, or whose length is another than it says
 */
export async function readPack(file: ByteSource): Promise<Pack | null> {
  if (file.totalBytes < HEAD_BYTES) return null;
  const head = await file.read(0, HEAD_BYTES);
  if (MAGIC.some((byte, at) => head[at] !== byte)) return null;
  const length = new DataView(head.buffer).getBigUint64(8, true);
  if (length > MOST_CONTENTS_BYTES || HEAD_BYTES + Number(length) > file.totalBytes) {
    throw damaged('its contents list ends beyond it');
  }
  const contents = parseContents(await file.read(HEAD_BYTES, Number(length)));
  let at = HEAD_BYTES + Number(length);
  const next = (totalBytes: number): ByteSource => {
    const part = partOf(file, at, totalBytes);
    at += totalBytes;
    return part;
  };
  const source = next(contents.source.totalBytes);
  const files = new Map(
    contents.forms.map((form) => [form, form.files.map(({ totalBytes }) => next(totalBytes))]),
  );
  if (at !== file.totalBytes) throw damaged(`it has ${file.totalBytes} bytes instead of ${at}`);
  return { contents, source, filesOf: (form) => files.get(form) ?? [] };
}

function partOf(file: ByteSource, from: number, totalBytes: number): ByteSource {
  return {
    totalBytes,
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > totalBytes) {
        return Promise.reject(new RangeError(`${length} bytes at ${offset} of ${totalBytes}`));
      }
      return file.read(from + offset, length);
    },
  };
}

function parseContents(bytes: Uint8Array): PackContents {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw damaged('its contents list is no JSON');
  }
  if (!isContents(json)) throw damaged('its contents list is off');
  return json;
}

function isContents(json: unknown): json is PackContents {
  if (!isObject(json) || !isObject(json['source'])) return false;
  const { id, fileName, totalBytes } = json['source'];
  const { forms } = json;
  return (
    isHash(id) &&
    typeof fileName === 'string' &&
    fileName.length <= 255 &&
    isByteCount(totalBytes) &&
    Array.isArray(forms) &&
    forms.every((form) => isForm(form, id))
  );
}

function isForm(form: unknown, id: string): form is PackedForm {
  if (!isObject(form) || typeof form['name'] !== 'string' || !isObject(form['manifest'])) {
    return false;
  }
  const { manifest, files } = form;
  const isOfSource = isObject(manifest['source']) && manifest['source']['id'] === id;
  const listed = manifest['files'];
  return (
    isOfSource &&
    Array.isArray(files) &&
    files.every(isFile) &&
    Array.isArray(listed) &&
    listed.length === files.length &&
    listed.every(
      (entry, at) =>
        isObject(entry) &&
        entry['name'] === files[at]?.name &&
        entry['totalBytes'] === files[at]?.totalBytes,
    )
  );
}

function isFile(file: unknown): file is PackedFile {
  return (
    isObject(file) &&
    typeof file['name'] === 'string' &&
    /^[\w-][\w.-]*$/.test(file['name']) &&
    isByteCount(file['totalBytes']) &&
    isHash(file['sha256'])
  );
}

function isHash(value: unknown): value is string {
  try {
    return toModelId(String(value)) === value;
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isByteCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function damaged(log: string): AppError {
  return new AppError('pack-damaged', `pack: ${log}`);
}
