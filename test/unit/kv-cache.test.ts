import { describe, expect, test } from 'vitest';
import { KvCache } from '../../src/engine/ort/kv-cache.ts';

const SHAPE = { layers: 2, keyValueHeads: 2, headSize: 3 };

/** New rows `[2 × layers, kv heads, tokens, head]` in which every number says where it belongs. */
function rows(tokens: number, first: number): Float32Array {
  const { layers, keyValueHeads, headSize } = SHAPE;
  const values: number[] = [];
  for (let tensor = 0; tensor < 2 * layers; tensor++) {
    for (let head = 0; head < keyValueHeads; head++) {
      for (let t = 0; t < tokens; t++) {
        for (let i = 0; i < headSize; i++) {
          values.push(tensor * 1e6 + head * 1e5 + (first + t) * 10 + i);
        }
      }
    }
  }
  return Float32Array.from(values);
}

/** The number at a place of the value tensor of layer 1. */
const at = (cache: KvCache, head: number, token: number, i: number) =>
  cache.value(1)[(head * cache.capacity + token) * SHAPE.headSize + i];

describe('the KV cache', () => {
  test('keeps every row at its place while it grows', () => {
    const cache = new KvCache(SHAPE, 2000);

    cache.append(rows(250, 0), 250);
    cache.append(rows(1, 250), 1);
    cache.append(rows(400, 251), 400);

    expect(cache.length).toBe(651);
    expect(cache.capacity).toBe(768);
    for (const token of [0, 249, 250, 251, 650]) {
      expect(at(cache, 1, token, 2)).toBe(3e6 + 1e5 + token * 10 + 2);
    }
  });

  test('writes over what was truncated', () => {
    const cache = new KvCache(SHAPE, 2000);
    cache.append(rows(10, 0), 10);

    cache.truncate(4);
    cache.append(rows(2, 700), 2);

    expect(cache.length).toBe(6);
    expect(at(cache, 0, 3, 0)).toBe(3e6 + 30);
    expect(at(cache, 0, 4, 0)).toBe(3e6 + 7000);
  });

  test('a snapshot outlives what happens after it', () => {
    const cache = new KvCache(SHAPE, 2000);
    cache.append(rows(300, 0), 300);
    const snapshot = cache.snapshot();
    cache.truncate(0);
    cache.append(rows(5, 900), 5);

    cache.restore(snapshot);

    expect(cache.length).toBe(300);
    expect(at(cache, 1, 299, 1)).toBe(3e6 + 1e5 + 2990 + 1);
  });

  test('a snapshot of another shape or float type, or beyond the context, is refused', () => {
    const cache = new KvCache(SHAPE, 2000);
    cache.append(rows(20, 0), 20);
    const snapshot = cache.snapshot();

    const other = new KvCache({ ...SHAPE, layers: 3 }, 2000);
    const short = new KvCache(SHAPE, 10);

    expect(() => other.restore(snapshot)).toThrow(RangeError);
    expect(() => short.restore(snapshot)).toThrow(RangeError);
    const halves = { ...snapshot, values: new Uint16Array(snapshot.values.length) };
    expect(() => cache.restore(halves)).toThrow(RangeError);
    expect(cache.length).toBe(20);
  });

  test.each([-1, 6, 1.5, NaN])('cannot be truncated to %s of 5', (length) => {
    const cache = new KvCache(SHAPE, 2000);
    cache.append(rows(5, 0), 5);

    expect(() => cache.truncate(length)).toThrow(RangeError);
    expect(cache.length).toBe(5);
  });
});
