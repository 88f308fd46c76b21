import { describe, expect, test } from 'vitest';
import { KernelModel, ODD_SHAPE, randomWeights } from '../../support/kernel-model.ts';
import { BUILDS, type Build } from '../../support/kernels.ts';

const WEIGHTS = randomWeights(ODD_SHAPE, 31);
const TOKENS = Array.from({ length: 150 }, (_, i) => (i * 37) % ODD_SHAPE.vocabulary);

function modelOf(build: Build, contextTokens = ODD_SHAPE.contextTokens): KernelModel {
  return new KernelModel(build, { ...WEIGHTS, shape: { ...ODD_SHAPE, contextTokens } });
}

function snapshotOf({ bench, address, shape }: KernelModel, length: number): Uint8Array {
  const { kernels } = bench;
  const bytes = kernels.layerSnapshotBytes(address, length);
  const at = bench.place(bytes * shape.layers);
  for (let layer = 0; layer < shape.layers; layer++) {
    kernels.saveLayer(address, layer, length, at + layer * bytes);
  }
  return new Uint8Array(bench.memory.buffer, at, bytes * shape.layers).slice();
}

function restore({ bench, address, shape }: KernelModel, snapshot: Uint8Array, length: number) {
  const at = bench.bytes(snapshot);
  const bytes = bench.kernels.layerSnapshotBytes(address, length);
  for (let layer = 0; layer < shape.layers; layer++) {
    bench.kernels.restoreLayer(address, layer, length, at + layer * bytes);
  }
}

describe.each(BUILDS)('a snapshot of the cache in the %s build', (build) => {
  test.each([1, 2, 3, 128, 149])('of %i tokens takes another model to the same bits', (length) => {
    const model = modelOf(build);
    const next = model.run(TOKENS, 0);
    const other = modelOf(build, length + 20 > 150 ? 400 : 150);

    restore(other, snapshotOf(model, length), length);

    expect(other.run(TOKENS.slice(length), length)).toEqual(next);
  });

  test('of what was restored is the same', () => {
    const model = modelOf(build);
    model.run(TOKENS, 0);
    const snapshot = snapshotOf(model, 77);
    const other = modelOf(build);

    restore(other, snapshot, 77);

    expect(Buffer.from(snapshotOf(other, 77)).equals(snapshot)).toBe(true);
  });

  test('holds nothing of what came after its length', () => {
    const model = modelOf(build);
    model.run(TOKENS.slice(0, 61), 0);
    const snapshot = snapshotOf(model, 61);
    const other = modelOf(build);
    other.run(TOKENS, 0);

    expect(Buffer.from(snapshotOf(other, 61)).equals(snapshot)).toBe(true);
  });
});
