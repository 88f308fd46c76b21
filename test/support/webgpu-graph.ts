import type { Graph, Initializer } from '../../src/compile/onnx.ts';
import { headTensors } from '../../src/compile/tied.ts';
import { compileForWebGpu, type WebGpuOptions } from '../../src/compile/webgpu-dialect.ts';
import { WeightFile } from '../../src/compile/weight-file.ts';
import { WeightReader } from '../../src/compile/weight-reader.ts';
import type { WebGpuTarget } from '../../src/contract/model.ts';
import { halfToFloat } from '../../src/gguf/dequantize/half.ts';
import { describeQwen2 } from '../../src/gguf/qwen2.ts';
import { readGguf } from '../../src/gguf/read-gguf.ts';
import { sourceOf } from './compiled-tiny.ts';

export interface GraphAndWeights {
  readonly graph: Graph;
  /** `weights.bin`. */
  readonly weights: Uint8Array;
  /** Of the source. */
  readonly reader: WeightReader;
}

export async function graphForWebGpu(
  gguf: Uint8Array,
  target: WebGpuTarget,
  options: WebGpuOptions = {},
): Promise<GraphAndWeights & Awaited<ReturnType<typeof compileForWebGpu>>> {
  const source = sourceOf(gguf);
  const file = await readGguf(source);
  const { shape } = describeQwen2(file);
  const reader = new WeightReader(source, file, async () => {});
  const chunks: Uint8Array[] = [];
  const sink = {
    async write(bytes: Uint8Array) {
      chunks.push(bytes.slice());
    },
  };
  const tensors = await headTensors(reader, shape);
  const weightFile = new WeightFile('weights.bin', sink);
  const compiled = await compileForWebGpu(shape, target, tensors, reader, weightFile, options);
  return { ...compiled, weights: new Uint8Array(Buffer.concat(chunks)), reader };
}

export function initializerOf(graph: Graph, name: string): Initializer {
  const found = graph.initializers.find((initializer) => initializer.name === name);
  if (found === undefined) throw new Error(`no initializer ${name}`);
  return found;
}

/** The matrix that the `MatMulNBits` nodes of a product hold, as fp32 rows, parts one below the other. */
export function dequantizedProduct({ graph, weights }: GraphAndWeights, product: string) {
  const nodes = graph.nodes.filter(
    ({ op, outputs: [output = ''] }) =>
      op === 'MatMulNBits' && (output === product || output.startsWith(`${product}.`)),
  );
  const values: number[] = [];
  for (const { inputs, attributes } of nodes) {
    const [, blocks = '', scales = ''] = inputs;
    const isFourBit = attributes['bits'] === 4;
    const scaleValues = floatsOf(weights, initializerOf(graph, scales));
    const stored = bytesOf(weights, initializerOf(graph, blocks));
    const integers = isFourBit
      ? [...stored].flatMap((byte) => [(byte & 15) - 8, (byte >>> 4) - 8])
      : [...stored].map((byte) => byte - 128);
    for (const [i, integer] of integers.entries()) {
      values.push(Math.fround(integer * (scaleValues[Math.floor(i / 32)] ?? NaN)));
    }
  }
  return { bits: nodes.map(({ attributes }) => attributes['bits']), values };
}

function bytesOf(weights: Uint8Array, { data }: Initializer): Uint8Array {
  if (data instanceof Uint8Array) return data;
  return weights.slice(data.offset, data.offset + data.bytes);
}

function floatsOf(weights: Uint8Array, initializer: Initializer): Float32Array {
  const { buffer } = bytesOf(weights, initializer);
  if (initializer.type === 'float32') return new Float32Array(buffer);
  return Float32Array.from(new Uint16Array(buffer), (half) => halfToFloat()[half] ?? NaN);
}
