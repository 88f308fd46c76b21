import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  BLOCK_TYPES,
  blockTypeOf,
  bytesOfElements,
  ggmlTypeName,
  type BlockType,
} from '../../src/gguf/block-types.ts';
import { dequantize } from '../../src/gguf/dequantize.ts';
import golden from '../golden/dequantize.json' with { type: 'json' };

const binary = readFileSync(new URL('../golden/dequantize.bin', import.meta.url));

/** A copy at an odd address, as blocks lie inside a file. */
function unaligned(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(bytes.length + 1);
  padded.set(bytes, 1);
  return padded.subarray(1);
}

function floats(values: readonly number[]): Float32Array {
  return Float32Array.from(values);
}

describe('dequantize', () => {
  test.each(golden.types)('gives the bits of the Python package for $type', (expected) => {
    const type = expected.type as BlockType;
    const { blocksOffset, valuesOffset } = expected;
    const elements = expected.blocks * expected.elementsPerBlock;
    const blocks = unaligned(binary.subarray(blocksOffset, valuesOffset));
    const values = new Float32Array(elements);

    dequantize(type, blocks, values);

    const bits = Buffer.from(values.buffer);
    const expectedBits = binary.subarray(valuesOffset, valuesOffset + elements * 4);
    // Compared element by element only where they differ: the message then names the first.
    if (!bits.equals(expectedBits)) {
      const at = values.findIndex(
        (_, i) => bits.readUInt32LE(4 * i) !== expectedBits.readUInt32LE(4 * i),
      );
      expect({ at, value: values[at] }).toEqual({ at, value: expectedBits.readFloatLE(4 * at) });
    }
    expect(bits.equals(expectedBits)).toBe(true);
  });

  test('golden blocks exist for every type', () => {
    expect(golden.types.map(({ type }) => type).sort()).toEqual(Object.keys(BLOCK_TYPES).sort());
  });

  test('a half that is not a number stays one', () => {
    const out = new Float32Array(2);

    dequantize('F16', Uint8Array.of(0x01, 0x7e, 0x00, 0x7c), out);

    expect(out).toEqual(floats([Number.NaN, Number.POSITIVE_INFINITY]));
  });

  test('writes into a part of a larger array and nothing beside it', () => {
    const all = new Float32Array(96).fill(7);
    const block = new Uint8Array(34);
    block.set([0x00, 0x3c, 1, 2, 0xff]); // scale 1

    dequantize('Q8_0', block, all.subarray(32, 64));

    expect([...all.subarray(30, 37)]).toEqual([7, 7, 1, 2, -1, 0, 0]);
    expect([...all.subarray(63, 66)]).toEqual([0, 7, 7]);
  });

  test.each<[string, BlockType, number, number]>([
    ['too few bytes', 'Q5_0', 21, 32],
    ['too many bytes', 'F32', 8, 1],
    ['half a block', 'Q4_K', 72, 128],
  ])('refuses %s', (_case, type, bytes, elements) => {
    expect(() => dequantize(type, new Uint8Array(bytes), new Float32Array(elements))).toThrow(
      RangeError,
    );
  });
});

describe('block types', () => {
  test.each(golden.types)('$type has the sizes and the id that GGML gives it', (expected) => {
    const type = expected.type as BlockType;

    expect(BLOCK_TYPES[type]).toEqual({
      ggmlId: expected.ggmlId,
      elementsPerBlock: expected.elementsPerBlock,
      bytesPerBlock: expected.bytesPerBlock,
    });
    expect(blockTypeOf(expected.ggmlId)).toBe(type);
  });

  test('types that cannot be read still have the name people know', () => {
    expect([blockTypeOf(23), ggmlTypeName(23), ggmlTypeName(2), ggmlTypeName(77)]).toEqual([
      null,
      'IQ4_XS',
      'Q4_0',
      'number 77',
    ]);
  });

  test('only whole blocks have a size', () => {
    expect(bytesOfElements('Q6_K', 512)).toBe(420);
    expect(() => bytesOfElements('Q6_K', 300)).toThrow(RangeError);
    expect(() => bytesOfElements('F32', -1)).toThrow(RangeError);
  });
});
