import { describe, expect, test } from 'vitest';
import { decodePrefix, encodePrefix, type KeptPrefix } from '../../src/engine/kept-prefix.ts';

const floats: KeptPrefix = {
  ids: [7, 151_644],
  snapshot: {
    length: 2,
    layers: 1,
    keyValueHeads: 1,
    headSize: 2,
    values: Float32Array.of(1.5, -2, 3e-9, 4, 5, 6, 7, 8),
  },
};
const halves: KeptPrefix = {
  ids: [7],
  snapshot: {
    length: 1,
    layers: 1,
    keyValueHeads: 1,
    headSize: 2,
    values: Uint16Array.of(1, 2, 3, 65_535),
  },
};

const bytes: KeptPrefix = {
  ids: [7],
  snapshot: { ...halves.snapshot, values: Uint8Array.of(9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2) },
};

describe('a kept prefix', () => {
  test.each([
    ['float32', floats],
    ['float16', halves],
    ['bytes of its own', bytes],
  ])('comes back from its bytes as it was: %s', (_type, prefix) => {
    expect(decodePrefix(encodePrefix(prefix))).toEqual(prefix);
  });

  test('comes back from bytes at an odd address', () => {
    const bytes = encodePrefix(floats);
    const odd = new Uint8Array(bytes.length + 1);
    odd.set(bytes, 1);

    expect(decodePrefix(odd.subarray(1))).toEqual(floats);
  });

  test('of which any byte changed is none', () => {
    const bytes = encodePrefix(halves);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x10;

      expect(decodePrefix(changed)).toBeNull();
    }
  });

  test.each([0, 1, 4, 31, 32, 40])('cut to %d bytes is none', (length) => {
    expect(decodePrefix(encodePrefix(floats).slice(0, length))).toBeNull();
  });

  test('with more ids than the cache has tokens is a mistake', () => {
    expect(() => encodePrefix({ ...floats, ids: [1, 2, 3] })).toThrow(RangeError);
  });
});
