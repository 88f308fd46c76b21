import { toHalf } from '../lib/half.ts';
import type { Attribute, Graph, GraphNode, GraphValue, Initializer } from './onnx.ts';

/** What a graph computes in. */
export type FloatType = 'float32' | 'float16';

/** Collects a graph node by node; names are the caller's and must be unique. */
export class GraphBuilder {
  /** Of activations and of the weights kept in the graph. */
  readonly floatType: FloatType;
  readonly #inputs: GraphValue[] = [];
  readonly #outputs: GraphValue[] = [];
  readonly #nodes: GraphNode[] = [];
  readonly #initializers = new Map<string, Initializer>();

  constructor(floatType: FloatType = 'float32') {
    this.floatType = floatType;
  }

  input(name: string, type: GraphValue['type'], dims: GraphValue['dims']): string {
    this.#inputs.push({ name, type, dims });
    return name;
  }

  output(name: string, type: GraphValue['type'], dims: GraphValue['dims']): void {
    this.#outputs.push({ name, type, dims });
  }

  /** A node of the ONNX operator set with one output. Returns the output's name. */
  op(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    this.#nodes.push({ op, domain: '', inputs, outputs: [output], attributes });
    return output;
  }

  /** A node of ORT's own operator set (com.microsoft); '' skips an optional input or output. */
  microsoft(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    this.#nodes.push({ op, domain: 'com.microsoft', inputs, outputs, attributes });
  }

  /** A node of the ONNX operator set with several outputs. */
  several(
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    this.#nodes.push({ op, domain: '', inputs, outputs, attributes });
  }

  split(input: string, sizes: string, outputs: readonly string[], axis: number): void {
    this.several('Split', [input, sizes], outputs, { axis });
  }

  initializer(tensor: Initializer): string {
    if (this.#initializers.has(tensor.name))
      throw new Error(`initializer ${tensor.name} is there already`);
    this.#initializers.set(tensor.name, tensor);
    return tensor.name;
  }

  /** A vector of the graph's float type, kept in the graph itself; copied. */
  floats(name: string, values: Float32Array): string {
    return this.constant(name, values, [values.length]);
  }

  /** `floats` of any shape. */
  constant(name: string, values: Float32Array, dims: readonly number[]): string {
    const data = floatBytes(this.floatType, values);
    return this.initializer({ name, type: this.floatType, dims, data });
  }

  /** A float32 tensor kept in the graph itself, whatever its float type; copied. */
  floats32(name: string, values: Float32Array, dims: readonly number[]): string {
    const data = floatBytes('float32', values);
    return this.initializer({ name, type: 'float32', dims, data });
  }

  /** A float scalar, once per name. */
  float(name: string, value: number): string {
    if (this.#initializers.has(name)) return name;
    const data = new Uint8Array(Float32Array.of(value).buffer);
    return this.initializer({ name, type: 'float32', dims: [], data });
  }

  /** An int32 scalar, once per name. */
  int32(name: string, value: number): string {
    if (this.#initializers.has(name)) return name;
    const data = new Uint8Array(Int32Array.of(value).buffer);
    return this.initializer({ name, type: 'int32', dims: [], data });
  }

  /** A vector of int64 (shapes, axes), once per name. */
  ints(name: string, values: readonly number[]): string {
    if (this.#initializers.has(name)) return name;
    const data = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    return this.initializer({ name, type: 'int64', dims: [values.length], data });
  }

  finish(name: string): Graph {
    return {
      name,
      inputs: this.#inputs,
      outputs: this.#outputs,
      nodes: this.#nodes,
      initializers: [...this.#initializers.values()],
    };
  }
}

/** Little-endian; a copy. */
export function floatBytes(type: FloatType, values: Float32Array): Uint8Array<ArrayBuffer> {
  if (type === 'float16') return new Uint8Array(toHalf(values).buffer);
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
}
