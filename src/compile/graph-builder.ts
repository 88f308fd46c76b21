import type { Attribute, Graph, GraphNode, GraphValue, Initializer } from './onnx.ts';

/** Collects a graph node by node; names are the caller's and must be unique. */
export class GraphBuilder {
  readonly #inputs: GraphValue[] = [];
  readonly #outputs: GraphValue[] = [];
  readonly #nodes: GraphNode[] = [];
  readonly #initializers = new Map<string, Initializer>();

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
  split(input: string, sizes: string, outputs: readonly string[], axis: number): void {
    this.#nodes.push({
      op: 'Split',
      domain: '',
      inputs: [input, sizes],
      outputs,
      attributes: { axis },
    });
  }

  initializer(tensor: Initializer): string {
    if (this.#initializers.has(tensor.name))
      throw new Error(`initializer ${tensor.name} is there already`);
    this.#initializers.set(tensor.name, tensor);
    return tensor.name;
  }

  /** A float vector kept in the graph itself; copied. */
  floats(name: string, values: Float32Array): string {
    const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
    return this.initializer({ name, type: 'float32', dims: [values.length], data });
  }

  /** A float scalar, once per name. */
  float(name: string, value: number): string {
    if (this.#initializers.has(name)) return name;
    const data = new Uint8Array(Float32Array.of(value).buffer);
    return this.initializer({ name, type: 'float32', dims: [], data });
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
