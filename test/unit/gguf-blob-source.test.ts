import { describe, expect, test } from 'vitest';
import { blobSource } from '../../src/lib/blob-source.ts';

describe('blobSource', () => {
  const source = blobSource(new Blob([Uint8Array.of(1, 2, 3, 4, 5)]));

  test('reads a part as a fresh copy', async () => {
    const first = await source.read(1, 3);
    first.fill(0);

    expect([...(await source.read(1, 3))]).toEqual([2, 3, 4]);
    expect(source.totalBytes).toBe(5);
  });

  test.each([
    [3, 3],
    [-1, 2],
    [6, 0],
  ])('refuses bytes from %i on, %i of them', async (offset, length) => {
    await expect(source.read(offset, length)).rejects.toThrow(RangeError);
  });

  test('does not pass off a file that became shorter as whole', async () => {
    const shrunk = { size: 10, slice: () => new Blob([Uint8Array.of(1)]) } as unknown as Blob;

    await expect(blobSource(shrunk).read(0, 10)).rejects.toThrow(RangeError);
  });
});
