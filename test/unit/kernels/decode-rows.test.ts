import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import golden from '../../golden/dequantize.json' with { type: 'json' };
import { quantise } from '../../support/kernel-reference.ts';
import { Bench, BUILDS, padded } from '../../support/kernels.ts';
import { RandomFloats } from '../../support/random-floats.ts';

const binary = readFileSync(new URL('../../golden/dequantize.bin', import.meta.url));

/** Of the golden blocks: their bytes, and the float32s that the Python package `gguf` makes of them. */
function goldenOf(expected: (typeof golden.types)[number]) {
  const { blocksOffset, valuesOffset } = expected;
  const elements = expected.blocks * expected.elementsPerBlock;
  const values = new Float32Array(elements);
  new Uint8Array(values.buffer).set(binary.subarray(valuesOffset, valuesOffset + elements * 4));
  return { blocks: new Uint8Array(binary.subarray(blocksOffset, valuesOffset)), values };
}

/** At an odd address, as blocks lie inside a file. */
function unaligned(bench: Bench, bytes: Uint8Array): number {
  const padding = Uint8Array.of(0);
  return bench.bytes(new Uint8Array([...padding, ...bytes])) + 1;
}

/** A row of a matrix as the kernels keep it: [columns / 4][4 rows][4 columns] (src/kernels/assembly/matrix.ts). */
function rowOf(bench: Bench, matrix: number, row: number, rows: number, columns: number) {
  const width = padded(columns);
  const int8s = new Int8Array(bench.memory.buffer, matrix + 64, padded(rows) * width);
  const first = Math.floor(row / 4) * 4 * width + (row % 4) * 4;
  const integers = Int32Array.from({ length: width }, (_, k) =>
    Number(int8s[first + Math.floor(k / 4) * 16 + (k % 4)]),
  );
  const scales = bench.viewInts(matrix, 5)[4] as number;
  return { integers, scale: bench.viewFloats(scales, rows)[row] };
}

function sumsOf(bench: Bench, matrix: number, row: number, rows: number, blocks: number) {
  const sums = bench.viewInts(matrix, 6)[5] as number;
  const all = bench.viewInts(sums, blocks * padded(rows));
  return Array.from({ length: blocks }, (_, block) => all[block * padded(rows) + row]);
}

describe.each(BUILDS)('blocks in the %s build', (build) => {
  test.each(golden.types)('$type become the bits of the Python package', (expected) => {
    const { blocks, values } = goldenOf(expected);
    const bench = new Bench(build);
    const to = bench.place(values.byteLength);

    bench.kernels.decodeFloats(expected.ggmlId, unaligned(bench, blocks), values.length, to);

    const bits = Buffer.from(bench.readFloats(to, values.length).buffer);
    expect(bits.equals(Buffer.from(values.buffer))).toBe(true);
  });

  // Golden blocks of floats hold infinities and NaNs, which no row of weights has.
  test.each(golden.types.filter(({ elementsPerBlock }) => elementsPerBlock > 1))(
    '$type become rows of int8 with a scale, as near as rounding goes',
    (expected) => {
      const { blocks, values } = goldenOf(expected);
      const columns = expected.elementsPerBlock;
      const rows = expected.blocks;
      const bench = new Bench(build);
      const { kernels } = bench;
      const matrix = bench.place(kernels.matrixBytes(rows, columns));
      kernels.createMatrix(matrix, rows, columns);
      const scratch = bench.place(kernels.rowScratchBytes(columns));

      const source = unaligned(bench, blocks);
      kernels.decodeRows(expected.ggmlId, source, matrix, 0, rows, scratch);

      for (let row = 0; row < rows; row++) {
        const wanted = quantise(values.subarray(row * columns, (row + 1) * columns), 127);
        if (!Number.isFinite(wanted.scale)) continue;
        expect(rowOf(bench, matrix, row, rows, columns)).toEqual({ ...wanted });
      }
    },
  );

  test.each([Date.now() % 0x7fffffff, 1])(
    'any number of rows and columns is filled up with zeros (seed %i)',
    (seed) => {
      const random = new RandomFloats(seed);
      for (const [rows, columns] of [
        [1, 1],
        [3, 100],
        [5, 1024],
        [18, 1030],
        [2, 2100],
      ] as const) {
        const values = random.floats(rows * columns);
        const bench = new Bench(build);

        const matrix = bench.matrix(values, rows, columns);

        for (let row = 0; row < padded(rows); row++) {
          const given = new Float32Array(padded(columns));
          if (row < rows) given.set(values.subarray(row * columns, (row + 1) * columns));
          const wanted = quantise(given, 127);
          expect(rowOf(bench, matrix, row, padded(rows), columns)).toEqual({ ...wanted });
          const blocks = Math.ceil(padded(columns) / 1024);
          const sums = Array.from({ length: blocks }, (_, block) =>
            wanted.integers
              .subarray(block * 1024, (block + 1) * 1024)
              .reduce((sum, integer) => sum + integer, 0),
          );
          expect(sumsOf(bench, matrix, row, rows, blocks)).toEqual(sums);
        }
      }
    },
  );

  test.each([0, 1e-31])('a row of %d has scale 0', (value) => {
    const bench = new Bench(build);

    const matrix = bench.matrix(new Float32Array(20).fill(value), 1, 20);

    expect(rowOf(bench, matrix, 0, 1, 20)).toEqual({ integers: new Int32Array(32), scale: 0 });
  });

  test('the largest and the smallest numbers keep their ratio to the largest of their row', () => {
    const huge = [3e38, -3e38, 1.5e38, 0];
    const tiny = [2e-30, -2e-30, 1e-30, 0];
    const bench = new Bench(build);

    const matrix = bench.matrix(Float32Array.from([...huge, ...tiny]), 2, 4);

    const ratios = [127, -127, 64, 0, ...Array.from({ length: 12 }, () => 0)];
    expect([...rowOf(bench, matrix, 0, 2, 4).integers]).toEqual(ratios);
    expect([...rowOf(bench, matrix, 1, 2, 4).integers]).toEqual(ratios);
  });

  test('rows of several tensors come one below the other', () => {
    const bench = new Bench(build);
    const { kernels } = bench;
    const [above, below] = [new RandomFloats(1).floats(3 * 8), new RandomFloats(2).floats(2 * 8)];
    const matrix = bench.place(kernels.matrixBytes(5, 8));
    kernels.createMatrix(matrix, 5, 8);
    const scratch = bench.place(kernels.rowScratchBytes(8));

    kernels.decodeRows(0, bench.floats(below), matrix, 3, 2, scratch);
    kernels.decodeRows(0, bench.floats(above), matrix, 0, 3, scratch);

    const together = bench.matrix(Float32Array.from([...above, ...below]), 5, 8);
    for (let row = 0; row < 5; row++) {
      expect(rowOf(bench, matrix, row, 5, 8)).toEqual(rowOf(bench, together, row, 5, 8));
    }
  });
});
