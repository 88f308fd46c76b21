/** A small random model for the kernels, and the same model computed one number at a time. */
import { attend, quantise, rmsNorm, rotate, silu } from './kernel-reference.ts';
import { Bench, padded, type Build } from './kernels.ts';
import { RandomFloats } from './random-floats.ts';
import { LEADERS, STEP_DONE } from '../../src/engine/simd/kernel-exports.ts';

export interface Shape {
  readonly layers: number;
  readonly width: number;
  readonly queryHeads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly feedForwardWidth: number;
  readonly vocabulary: number;
  readonly contextTokens: number;
}

/** Nothing in it is a multiple of 16 but the head size, and every loop has more than one turn and something left over. */
export const ODD_SHAPE: Shape = {
  layers: 2,
  width: 70,
  queryHeads: 6,
  keyValueHeads: 2,
  headSize: 16,
  feedForwardWidth: 150,
  vocabulary: 1300,
  contextTokens: 401,
};

const EPSILON = 1e-6;
const ROPE_BASE = 10_000;

/** Weights as float32 [outputs][inputs]. */
interface LayerWeights {
  readonly attentionNorm: Float32Array;
  readonly qkv: Float32Array;
  readonly qkvBias: Float32Array;
  readonly attentionOutput: Float32Array;
  readonly feedForwardNorm: Float32Array;
  readonly gate: Float32Array;
  readonly up: Float32Array;
  readonly down: Float32Array;
}

export interface Weights {
  readonly shape: Shape;
  readonly embedding: Float32Array;
  readonly head: Float32Array;
  readonly outputNorm: Float32Array;
  readonly layers: readonly LayerWeights[];
}

export function randomWeights(shape: Shape, seed: number): Weights {
  const { width, queryHeads, keyValueHeads, headSize, feedForwardWidth, vocabulary } = shape;
  const random = new RandomFloats(seed);
  const queries = queryHeads * headSize;
  const qkv = queries + 2 * keyValueHeads * headSize;
  const matrix = (outputs: number, inputs: number) =>
    random.floats(outputs * inputs, 1 / Math.sqrt(inputs));
  const norm = () => random.floats(width, 0.2).map((value) => 1 + value);
  return {
    shape,
    embedding: random.floats(vocabulary * width),
    head: matrix(vocabulary, width),
    outputNorm: norm(),
    layers: Array.from({ length: shape.layers }, () => ({
      attentionNorm: norm(),
      qkv: matrix(qkv, width),
      qkvBias: random.floats(qkv),
      attentionOutput: matrix(width, queries),
      feedForwardNorm: norm(),
      gate: matrix(feedForwardWidth, width),
      up: matrix(feedForwardWidth, width),
      down: matrix(width, feedForwardWidth),
    })),
  };
}

interface Room {
  readonly chunkRows: number;
  readonly headRows: number;
  readonly threads: number;
}

/** One row of logits and what a step says about it. */
export interface Head {
  readonly logits: Float32Array;
  readonly leaderIds: Int32Array;
  readonly leaderLogits: Float32Array;
  readonly logNormaliser: number;
}

/** A model in the memory of kernels. */
export class KernelModel {
  readonly bench: Bench;
  readonly address: number;
  readonly shape: Shape;
  readonly #room: Room;

  constructor(
    build: Build,
    weights: Weights,
    room: Room = { chunkRows: 160, headRows: 8, threads: 1 },
  ) {
    const { shape } = weights;
    const bench = new Bench(build, 16);
    const { kernels } = bench;
    const model = bench.place(kernels.modelBytes(shape.layers));
    kernels.describeModel(
      model,
      shape.layers,
      shape.width,
      shape.queryHeads,
      shape.keyValueHeads,
      shape.headSize,
      shape.feedForwardWidth,
      shape.vocabulary,
      shape.contextTokens,
      EPSILON,
    );
    const angles = anglesOf(shape);
    kernels.describeEnds(
      model,
      bench.matrix(weights.embedding, shape.vocabulary, shape.width),
      bench.matrix(weights.head, shape.vocabulary, shape.width),
      bench.floats(weights.outputNorm),
      bench.floats(angles.map(Math.cos)),
      bench.floats(angles.map(Math.sin)),
    );
    for (const [i, layer] of weights.layers.entries()) {
      const { width, feedForwardWidth } = shape;
      const queries = shape.queryHeads * shape.headSize;
      kernels.describeLayer(
        model,
        i,
        bench.floats(layer.attentionNorm),
        bench.matrix(layer.qkv, layer.qkvBias.length, width),
        bench.floats(layer.qkvBias),
        bench.matrix(layer.attentionOutput, width, queries),
        bench.floats(layer.feedForwardNorm),
        bench.matrix(layer.gate, feedForwardWidth, width),
        bench.matrix(layer.up, feedForwardWidth, width),
        bench.matrix(layer.down, width, feedForwardWidth),
        bench.place(kernels.cacheBytes(model)),
        bench.place(kernels.cacheBytes(model)),
      );
    }
    const { chunkRows, headRows, threads } = room;
    const bytes = kernels.workspaceBytes(model, chunkRows, headRows, threads);
    kernels.createWorkspace(model, bench.place(bytes), chunkRows, headRows, threads);
    this.bench = bench;
    this.address = model;
    this.shape = shape;
    this.#room = room;
  }

  /** Thread 0's part of `run`, for one that has other threads. */
  prepare(tokens: readonly number[], start: number, headRows: number): void {
    const { kernels } = this.bench;
    this.bench.viewInts(kernels.stepTokens(this.address), this.#room.chunkRows).set(tokens);
    const rows = tokens.length;
    kernels.prepareStep(this.address, rows, start, 0, this.shape.layers, rows - headRows, headRows);
  }

  /** Runs tokens on this thread alone. @returns the last `headRows` rows' heads */
  run(tokens: readonly number[], start: number, headRows = 1): readonly Head[] {
    this.prepare(tokens, start, headRows);
    this.step();
    return this.heads(headRows);
  }

  step(): void {
    const outcome = this.bench.kernels.runStep(this.address, 0);
    if (outcome !== STEP_DONE) throw new Error(`the step ended with ${outcome}`);
  }

  heads(rows: number): readonly Head[] {
    const { bench, address } = this;
    const { kernels } = bench;
    const { vocabulary } = this.shape;
    return Array.from({ length: rows }, (_, row) => ({
      logits: bench.readFloats(kernels.logits(address) + row * padded(vocabulary) * 4, vocabulary),
      leaderIds: bench.readInts(kernels.leaderIds(address) + row * LEADERS * 4, LEADERS),
      leaderLogits: bench.readFloats(kernels.leaderLogits(address) + row * LEADERS * 4, LEADERS),
      logNormaliser: bench.readFloats(kernels.logNormalisers(address), rows)[row] as number,
    }));
  }
}

/** [contextTokens][headSize / 2]. */
function anglesOf({ contextTokens, headSize }: Shape): readonly number[] {
  const half = headSize / 2;
  return Array.from(
    { length: contextTokens * half },
    (_, i) => Math.floor(i / half) * ROPE_BASE ** (-(i % half) / half),
  );
}

/**
 * Logits at every position, in double precision, with the weights rounded as the kernels round them and nothing else:
 * [tokens][vocabulary].
 */
export function referenceLogits(weights: Weights, tokens: readonly number[]): readonly Row[] {
  const { shape } = weights;
  const { width, headSize, queryHeads, keyValueHeads } = shape;
  const embedding = roundedRows(weights.embedding, width);
  const hidden = tokens.map((token) => embedding[token] as Row);
  for (const layer of weights.layers) {
    const matrices = {
      qkv: roundedRows(layer.qkv, width),
      output: roundedRows(layer.attentionOutput, queryHeads * headSize),
      gate: roundedRows(layer.gate, width),
      up: roundedRows(layer.up, width),
      down: roundedRows(layer.down, shape.feedForwardWidth),
    };
    const keys: Row[][] = Array.from({ length: keyValueHeads }, () => []);
    const values: Row[][] = Array.from({ length: keyValueHeads }, () => []);
    for (const [position, x] of hidden.entries()) {
      const normed = rmsNorm(x, layer.attentionNorm, EPSILON);
      const qkv = add(product(matrices.qkv, normed), layer.qkvBias);
      const heads = Array.from({ length: qkv.length / headSize }, (_, i) =>
        qkv.subarray(i * headSize, (i + 1) * headSize),
      );
      for (let head = 0; head < keyValueHeads; head++) {
        keys[head]?.push(rotate(heads[queryHeads + head] as Row, position, ROPE_BASE));
        values[head]?.push(heads[queryHeads + keyValueHeads + head] as Row);
      }
      const attended = heads.slice(0, queryHeads).flatMap((query, i) => {
        const head = Math.floor(i / (queryHeads / keyValueHeads));
        const rotated = rotate(query, position, ROPE_BASE);
        const factor = 1 / Math.sqrt(headSize);
        return [...attend(rotated, flat(keys[head]), flat(values[head]), factor)];
      });
      hidden[position] = add(x, product(matrices.output, attended));
    }
    for (const [position, x] of hidden.entries()) {
      const normed = rmsNorm(x, layer.feedForwardNorm, EPSILON);
      const gate = product(matrices.gate, normed);
      const up = product(matrices.up, normed);
      const gated = gate.map((value, i) => silu(value) * (up[i] as number));
      hidden[position] = add(x, product(matrices.down, gated));
    }
  }
  const head = roundedRows(weights.head, width);
  return hidden.map((x) => product(head, rmsNorm(x, weights.outputNorm, EPSILON)));
}

type Row = Float64Array;

function roundedRows(matrix: Float32Array, columns: number): readonly Row[] {
  return Array.from({ length: matrix.length / columns }, (_, row) => {
    const { integers, scale } = quantise(matrix.subarray(row * columns, (row + 1) * columns), 127);
    return Float64Array.from(integers, (integer) => integer * scale);
  });
}

function product(matrix: readonly Row[], x: ArrayLike<number>): Row {
  return Float64Array.from(matrix, (row) =>
    row.reduce((sum, weight, i) => sum + weight * (x[i] as number), 0),
  );
}

function add(a: Row, b: ArrayLike<number>): Row {
  return a.map((value, i) => value + (b[i] as number));
}

function flat(rows: readonly Row[] = []): Row {
  return Float64Array.from(rows.flatMap((row) => [...row]));
}
