import { describe, expect, test } from 'vitest';
import { causalMask } from '../../src/engine/ort/feeds.ts';
import { rotation } from '../../src/engine/rotation.ts';
import { HeadRows } from '../../src/engine/ort/head-rows.ts';
import { LazyBytes } from '../../src/engine/ort/lazy-bytes.ts';

describe('the causal mask', () => {
  test('a row sees the filled past, itself and new tokens before it, nothing else', () => {
    const mask = causalMask(2, 3, 5);

    const seen = [...mask].map((value) => (value === 0 ? 1 : 0));

    expect(seen).toEqual([1, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 1]);
    expect(Math.exp(Math.min(...mask))).toBe(0);
  });
});

describe('the rotation', () => {
  test('pair i of position m turns by m · base^(−2i / head)', () => {
    const { cos, sin } = rotation(7, 2, 4, 100);

    expect(cos[0]).toBeCloseTo(Math.cos(7), 6);
    expect(sin[1]).toBeCloseTo(Math.sin(7 / 10), 6);
    expect(cos[2]).toBeCloseTo(Math.cos(8), 6);
    expect(sin[3]).toBeCloseTo(Math.sin(8 / 10), 6);
  });

  test('stays exact at position 32,767', () => {
    const { cos } = rotation(32_767, 1, 64, 1e6);

    expect(cos[0]).toBeCloseTo(Math.cos(32_767), 6);
  });
});

describe('lazy bytes', () => {
  test('look like an array of the whole size and read only what is asked for', () => {
    const asked: [number, number][] = [];
    const lazy = new LazyBytes(1e9, (offset, target) => {
      asked.push([offset, target.length]);
      target.fill(offset % 256);
    });

    const part = lazy.subarray(513, 516);

    expect(lazy.byteLength).toBe(1e9);
    expect(lazy).toBeInstanceOf(Uint8Array);
    expect([...part]).toEqual([1, 1, 1]);
    expect(asked).toEqual([[513, 3]]);
  });
});

describe('head rows', () => {
  const WIDTH = 3;
  const ROWS = 5;
  /** Rows 0 1 2 / 3 4 5 / …, then a scale of row + 1 each. */
  function file() {
    const q = Int8Array.from({ length: WIDTH * ROWS }, (_, i) => i);
    const scales = Float32Array.from({ length: ROWS }, (_, row) => row + 1);
    const bytes = new Uint8Array(16 + scales.byteLength);
    bytes.set(new Uint8Array(q.buffer));
    bytes.set(new Uint8Array(scales.buffer), 16);
    return {
      totalBytes: bytes.byteLength,
      readInto: (offset: number, target: Uint8Array) =>
        target.set(bytes.subarray(offset, offset + target.byteLength)),
      close() {},
    };
  }

  test('a token is its row times its scale', () => {
    const head = new HeadRows(file(), { rowsOffset: 0, scalesOffset: 16 }, ROWS, WIDTH, 2);
    const target = new Float32Array(7);

    head.embed(4, target, 2);

    expect([...target]).toEqual([0, 0, 60, 65, 70, 0, 0]);
  });

  test('a slice comes turned, the last one shorter', () => {
    const head = new HeadRows(file(), { rowsOffset: 0, scalesOffset: 16 }, ROWS, WIDTH, 2);
    const middle = new Uint8Array(2 * WIDTH);
    const last = new Uint8Array(1 * WIDTH);

    head.readTransposed(2 * WIDTH, middle);
    head.readTransposed(4 * WIDTH, last);

    expect([...middle]).toEqual([6, 9, 7, 10, 8, 11]);
    expect([...last]).toEqual([12, 13, 14]);
  });
});
