import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { encodeModel, type Graph } from '../../src/compile/onnx.ts';
import { goldenPath } from '../support/golden.ts';

const bytesOf = (array: Float32Array | BigInt64Array) => new Uint8Array(array.buffer);

/** The graph of test/golden/make-onnx-golden.py. */
const SMALL: Graph = {
  name: 'small',
  inputs: [{ name: 'x', type: 'float32', dims: ['n', 4] }],
  outputs: [{ name: 'r', type: 'float32', dims: [1, 'm', 3] }],
  nodes: [
    {
      op: 'DynamicQuantizeMatMul',
      domain: 'com.microsoft',
      inputs: ['x', 'w', 'one', '', 'one'],
      outputs: ['y'],
      attributes: {},
    },
    { op: 'Transpose', domain: '', inputs: ['y'], outputs: ['z'], attributes: { perm: [1, 0] } },
    {
      op: 'FusedMatMul',
      domain: 'com.microsoft',
      inputs: ['y', 'z'],
      outputs: ['s'],
      attributes: { alpha: { float: 0.125 }, transB: 1 },
    },
    {
      op: 'Resize',
      domain: '',
      inputs: ['s'],
      outputs: ['r'],
      attributes: { axis: -1, mode: 'linear' },
    },
  ],
  initializers: [
    {
      name: 'w',
      type: 'int8',
      dims: [4, 2],
      data: { file: 'weights.bin', offset: 64, bytes: 8 },
    },
    { name: 'one', type: 'float32', dims: [2], data: bytesOf(Float32Array.of(1, -2)) },
    {
      name: 'to_end',
      type: 'int64',
      dims: [1],
      data: bytesOf(BigInt64Array.of(BigInt(Number.MAX_SAFE_INTEGER))),
    },
  ],
};

describe('encodeModel', () => {
  test('gives the very bytes that the onnx package gives', async () => {
    const golden = await readFile(goldenPath('small.onnx'));

    const bytes = encodeModel(SMALL, 'offgrid');

    expect(Buffer.from(bytes).toString('hex')).toBe(golden.toString('hex'));
  });
});
