import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { piecesOf, receive, type ReceiveHooks } from '../../src/store/verify.ts';
import { beginsLikePage } from '../../src/store/web-page.ts';

const unheeded: ReceiveHooks = { onProgress: () => {}, signal: new AbortController().signal };

describe('receive', () => {
  test.each<[string, string, string]>([
    ['nothing', '', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['"abc"', 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('the SHA-256 of %s is that of FIPS 180-2', async (_name, text, sha256) => {
    const received = await receive(inPieces(new TextEncoder().encode(text), 2), null, unheeded);

    expect(received).toMatchObject({ totalBytes: text.length, sha256 });
  });

  test.each([1, 63, 64, 65, 4096, 20_002])(
    'pieces of %i bytes hash like the whole and arrive in order',
    async (pieceBytes) => {
      const bytes = countingBytes(20_003);
      const arrived: Uint8Array[] = [];
      const sink = { write: async (piece: Uint8Array) => void arrived.push(piece.slice()) };

      const received = await receive(inPieces(bytes, pieceBytes), sink, unheeded);

      expect(received).toMatchObject({ totalBytes: bytes.byteLength, sha256: sha256Of(bytes) });
      expect(Buffer.concat(arrived).equals(bytes)).toBe(true);
    },
  );

  test('two at the same time do not disturb each other', async () => {
    const [a, b] = [countingBytes(50_000), countingBytes(70_000)];

    const received = await Promise.all([
      receive(inPieces(a, 100), null, unheeded),
      receive(inPieces(b, 333), null, unheeded),
    ]);

    expect(received).toMatchObject([{ sha256: sha256Of(a) }, { sha256: sha256Of(b) }]);
  });

  test.each([1, 1000, 1 << 20, 3_000_000])(
    'the chunks are hashed by themselves, whatever pieces of %i bytes they come in',
    async (pieceBytes) => {
      const bytes = countingBytes(2 * (1 << 20) + 5);

      const received = await receive(inPieces(bytes, Math.max(pieceBytes, 500)), null, unheeded);

      expect(received).toMatchObject({
        chunkHashes: [0, 1, 2].map((index) =>
          sha256Of(bytes.subarray(index * (1 << 20), (index + 1) * (1 << 20))),
        ),
      });
    },
  );

  test('a cancel ends it before the next piece is written', async () => {
    const cancel = new AbortController();
    let writes = 0;
    const sink = {
      write: async () => {
        writes++;
        if (writes === 2) cancel.abort();
      },
    };

    const received = await receive(inPieces(countingBytes(100), 10), sink, {
      ...unheeded,
      signal: cancel.signal,
    });

    expect(received).toBe('cancelled');
    expect(writes).toBe(2);
  });

  test('a cancel message gets in while a source answers without ever waiting', async () => {
    const cancel = new AbortController();
    const piece = new Uint8Array(1 << 20);
    const eager = (async function* () {
      setImmediate(() => cancel.abort());
      for (let at = 0; at < 64; at++) yield piece;
    })();

    const received = await receive(eager, null, { ...unheeded, signal: cancel.signal });

    expect(received).toBe('cancelled');
  });

  test('what the sink throws is passed on', async () => {
    const sink = { write: () => Promise.reject(new RangeError('full')) };

    await expect(receive(inPieces(countingBytes(9), 3), sink, unheeded)).rejects.toThrow('full');
  });

  test('a source is read from beginning to end, however large its last piece', async () => {
    const bytes = countingBytes(9_000_001);
    const source = {
      totalBytes: bytes.byteLength,
      read: async (offset: number, length: number) => bytes.slice(offset, offset + length),
    };

    const received = await receive(piecesOf(source), null, unheeded);

    expect(received).toMatchObject({ totalBytes: bytes.byteLength, sha256: sha256Of(bytes) });
  });
});

test.each<[string, string, boolean | null]>([
  ['a page', '<!doctype html>', true],
  ['a page after blank lines and a byte order mark', '\u{feff}\r\n\t <html>', true],
  ['an error in XML', '<?xml version="1.0"?>', true],
  ['a GGUF', 'GGUF\u0003', false],
  ['text', 'Entry not found', false],
  ['blanks only', ' \n ', null],
  ['nothing', '', null],
])('%s looks like a page or not', (_name, text, expected) => {
  expect(beginsLikePage(new TextEncoder().encode(text))).toBe(expected);
});

/** 251 is prime: a piece in the wrong place changes the hash. */
function countingBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = at % 251;
  return bytes;
}

async function* inPieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    yield bytes.subarray(at, at + pieceBytes);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
