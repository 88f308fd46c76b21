import { describe, expect, test } from 'vitest';
import { compileModel } from '../../src/compile/compile.ts';
import { quantiseRows } from '../../src/compile/linear/int8-columns.ts';
import { toModelId } from '../../src/contract/model.ts';
import { transposeInto } from '../../src/lib/transpose.ts';
import { compileInMemory, sourceOf, tinyBytes } from '../support/compiled-tiny.ts';

const origin = { id: toModelId('0'.repeat(64)), fileName: 'tiny.gguf', totalBytes: 0 };

describe('compileModel', () => {
  test('the same source gives the same bytes', async () => {
    const gguf = await tinyBytes();

    const first = await compileInMemory(gguf);
    const second = await compileInMemory(gguf);

    for (const [name, bytes] of first.files) {
      expect(Buffer.compare(bytes, second.files.get(name) ?? new Uint8Array(0)), name).toBe(0);
    }
  });

  test('the manifest names every other file with its size', async () => {
    const { manifest, files } = await compileInMemory(await tinyBytes());

    const actual = [...files].filter(([name]) => name !== 'manifest.json');

    expect(manifest.files.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual(
      actual
        .map(([name, bytes]) => ({ name, totalBytes: bytes.byteLength }))
        .toSorted((a, b) => a.name.localeCompare(b.name)),
    );
  });

  test('an embedding that is also the head is kept once', async () => {
    const { manifest, files } = await compileInMemory(await tinyBytes('tiny-qwen2'));

    const { vocabulary, width } = manifest.shape;
    const after = (files.get('weights.bin')?.byteLength ?? 0) - manifest.head.rowsOffset;

    expect(manifest.embedding).toBeNull();
    expect(after).toBeLessThan(vocabulary * width + vocabulary * 4 + 64);
  });

  test('an untied model keeps its embedding beside the head', async () => {
    const { manifest } = await compileInMemory(await tinyBytes('tiny-qwen2-untied'));

    expect(manifest.embedding).not.toBeNull();
  });

  test('no more than one matrix of weights is written at a time', async () => {
    const gguf = await tinyBytes();
    let largest = 0;
    const output = {
      async create() {
        return {
          async write(bytes: Uint8Array) {
            largest = Math.max(largest, bytes.byteLength);
          },
          async close() {},
        };
      },
    };
    const hooks = { onProgress: () => {}, isCancelled: () => false };

    const manifest = await compileModel(sourceOf(gguf), origin, 'wasm-int8', output, hooks);

    if (manifest === 'cancelled') throw new Error('not cancelled');
    const { width, feedForwardWidth, vocabulary } = manifest.shape;
    const graphBytes = manifest.files.find(({ name }) => name === 'model.onnx')?.totalBytes ?? 0;
    expect(largest).toBeLessThanOrEqual(
      Math.max(2 * width * feedForwardWidth, vocabulary * width, graphBytes),
    );
  });

  test('progress grows and ends at the size of the source', async () => {
    const gguf = await tinyBytes();
    const seen: number[] = [];
    const output = {
      create: async () => ({ write: async () => {}, close: async () => {} }),
    };

    await compileModel(sourceOf(gguf), origin, 'wasm-int8', output, {
      onProgress: (done) => seen.push(done),
      isCancelled: () => false,
    });

    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(gguf.byteLength);
  });

  test('a cancel ends it as a value, with every file closed', async () => {
    let open = 0;
    let asked = 0;
    const output = {
      async create() {
        open += 1;
        return {
          write: async () => {},
          async close() {
            open -= 1;
          },
        };
      },
    };

    const outcome = await compileModel(sourceOf(await tinyBytes()), origin, 'wasm-int8', output, {
      onProgress: () => {},
      isCancelled: () => ++asked > 3,
    });

    expect(outcome).toBe('cancelled');
    expect(open).toBe(0);
  });
});

describe('int8 columns', () => {
  test('a row comes back within half a step of its own scale', () => {
    const values = Float32Array.from({ length: 32 }, (_, i) => Math.sin(i) * (i < 16 ? 1 : 100));
    const q = new Int8Array(32);
    const scales = new Float32Array(2);

    quantiseRows(values, 16, q, scales, 0);

    for (const [i, value] of values.entries()) {
      const scale = scales[Math.floor(i / 16)] ?? 0;
      expect(Math.abs((q[i] ?? 0) * scale - value)).toBeLessThanOrEqual(scale * 0.5001);
    }
    expect(Math.max(...q.map(Math.abs))).toBe(127);
  });

  test('a row of zeros stays zeros', () => {
    const q = new Int8Array(4).fill(9);
    const scales = new Float32Array(1);

    quantiseRows(new Float32Array(4), 4, q, scales, 0);

    expect([...q]).toEqual([0, 0, 0, 0]);
    expect(scales[0]).toBe(1);
  });

  test('transposing lays rows down as columns, at their place', () => {
    const from = Int8Array.from({ length: 130 * 3 }, (_, i) => i % 127);
    const to = new Int8Array(3 * 200);

    transposeInto(from, 130, 3, to, 200, 40);

    expect(to[40 + 129]).toBe(from[129 * 3]);
    expect(to[2 * 200 + 40 + 65]).toBe(from[65 * 3 + 2]);
    expect(to[200 + 39]).toBe(0);
  });
});
