/** Both builds of the kernels on a memory of their own, with each kernel to be called for itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  FIRST_FREE_BYTE,
  KERNEL_ALIGNMENT_BYTES,
  type KernelExports,
} from '../../src/engine/simd/kernel-exports.ts';

export const BUILDS = ['plain', 'relaxed'] as const;
export type Build = (typeof BUILDS)[number];

const FOLDER = join(import.meta.dirname, '../../src/kernels/build');
const PAGE_BYTES = 65_536;

const modules = new Map<Build, WebAssembly.Module>();

/** What the module exports for tests alone. Shapes and meanings stand with the kernels. */
export interface KernelParts extends KernelExports {
  packRow(
    x: number,
    paddedColumns: number,
    packed: number,
    scales: number,
    row: number,
    rows: number,
    form: number,
  ): void;
  multiply(
    matrix: number,
    x: number,
    rowScales: number,
    rows: number,
    y: number,
    yStride: number,
    firstGroup: number,
    endGroup: number,
    form: number,
  ): void;
  rmsNorm(x: number, weight: number, width: number, epsilon: number, y: number): void;
  rotate(x: number, cosines: number, sines: number, half: number, factor: number, y: number): void;
  swiglu(gate: number, up: number, count: number): void;
  embed(matrix: number, row: number, y: number): void;
  readonly ATTEND_SCRATCH_BYTES: WebAssembly.Global;
  attendSlice(
    queries: number,
    queryScales: number,
    heads: number,
    keys: number,
    keyScales: number,
    values: number,
    valueScales: number,
    count: number,
    headSize: number,
    scratch: number,
    states: number,
  ): void;
  headCacheBytes(positions: number, headSize: number): number;
  cacheFrom(cache: number, position: number, headSize: number): number;
  scalesFrom(cache: number, position: number, positions: number, headSize: number): number;
  storeKey(cache: number, key: number, position: number, positions: number, headSize: number): void;
  storeValue(
    cache: number,
    value: number,
    position: number,
    positions: number,
    headSize: number,
  ): void;
  stateBytes(headSize: number): number;
  mergeStates(state: number, other: number, headSize: number): void;
  finishState(state: number, headSize: number, y: number): void;
  clearList(list: number): void;
  addLeaders(list: number, logits: number, count: number, firstId: number): void;
  mergeLists(lists: number, count: number, stride: number, ids: number, logits: number): void;
  sumOfPart(logits: number, count: number, sum: number): void;
  logNormaliser(sums: number, parts: number): number;
}

export function kernelModule(build: Build): WebAssembly.Module {
  const module =
    modules.get(build) ?? new WebAssembly.Module(readFileSync(join(FOLDER, `${build}.wasm`)));
  modules.set(build, module);
  return module;
}

/** A memory with kernels on it, and places in it. What is not given values is full of NaNs, as memory that was used before may be. */
export class Bench {
  readonly memory: WebAssembly.Memory;
  readonly kernels: KernelParts;
  #end = FIRST_FREE_BYTE;

  constructor(build: Build, megabytes = 8) {
    const pages = (megabytes * 2 ** 20) / PAGE_BYTES;
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const { exports } = new WebAssembly.Instance(kernelModule(build), {
      env: { memory: this.memory },
    });
    this.kernels = exports as unknown as KernelParts;
    new Uint8Array(this.memory.buffer, FIRST_FREE_BYTE).fill(0xff);
  }

  /** Address of so many bytes. */
  place(bytes: number): number {
    const at = this.#end;
    this.#end = align(at + (bytes >>> 0));
    if (this.#end > this.memory.buffer.byteLength) throw new RangeError('the memory is full');
    return at;
  }

  floats(values: ArrayLike<number>): number {
    const at = this.place(values.length * 4);
    this.viewFloats(at, values.length).set(values);
    return at;
  }

  bytes(values: Uint8Array): number {
    const at = this.place(values.length);
    new Uint8Array(this.memory.buffer, at, values.length).set(values);
    return at;
  }

  viewFloats(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at >>> 0, length);
  }

  viewInts(at: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, at >>> 0, length);
  }

  /** Copies, that the next call does not change. */
  readFloats(at: number, length: number): Float32Array {
    return this.viewFloats(at, length).slice();
  }

  readInts(at: number, length: number): Int32Array {
    return this.viewInts(at, length).slice();
  }

  /** A matrix of these values [rows][columns], through F32 blocks. */
  matrix(values: Float32Array, rows: number, columns: number): number {
    const { kernels } = this;
    const matrix = this.place(kernels.matrixBytes(rows, columns));
    kernels.createMatrix(matrix, rows, columns);
    const scratch = this.place(kernels.rowScratchBytes(columns));
    kernels.decodeRows(0, this.floats(values), matrix, 0, rows, scratch);
    return matrix;
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / KERNEL_ALIGNMENT_BYTES) * KERNEL_ALIGNMENT_BYTES;
}

/** Elements of a padded row (src/kernels/assembly/align.ts). */
export function padded(elements: number): number {
  return Math.ceil(elements / 16) * 16;
}
