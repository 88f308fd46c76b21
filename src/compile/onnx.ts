/**
 * An ONNX graph as values, and its bytes. Knows the file format (onnx.proto of ONNX 1.23, field numbers below),
 * nothing about models. The same graph always gives the same bytes: fields are written in one fixed order.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export type ElementType = 'float32' | 'float16' | 'uint8' | 'int8' | 'int32' | 'int64';

/** `TensorProto.DataType` of onnx.proto. */
export const DATA_TYPE: Record<ElementType, number> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  float16: 10,
};

/** A fixed size, or the name of one that is known at run time. */
export type Dimension = number | string;

export interface GraphValue {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly Dimension[];
}

export type Attribute = number | string | readonly number[] | { readonly float: number };

export interface GraphNode {
  readonly op: string;
  readonly domain: '' | 'com.microsoft';
  /** '' leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** Bytes in the graph itself, or a range of another file. Little-endian, row-major. */
  readonly data:
    Uint8Array | { readonly file: string; readonly offset: number; readonly bytes: number };
}

export interface Graph {
  readonly name: string;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
}

const IR_VERSION = 10;
const OPSET = 21;
const MICROSOFT_OPSET = 1;

/** The `ModelProto` bytes of a graph. */
export function encodeModel(graph: Graph, producer: string): Uint8Array<ArrayBuffer> {
  const w = new BinaryWriter();
  w.tag(1, WireType.Varint).int64(IR_VERSION);
  w.tag(2, WireType.LengthDelimited).string(producer);
  message(w, 7, () => encodeGraph(w, graph));
  for (const [domain, version] of [
    ['', OPSET],
    ['com.microsoft', MICROSOFT_OPSET],
  ] as const) {
    message(w, 8, () => {
      w.tag(1, WireType.LengthDelimited).string(domain);
      w.tag(2, WireType.Varint).int64(version);
    });
  }
  return w.finish();
}

function encodeGraph(w: BinaryWriter, graph: Graph): void {
  for (const node of graph.nodes) message(w, 1, () => encodeNode(w, node));
  w.tag(2, WireType.LengthDelimited).string(graph.name);
  for (const tensor of graph.initializers) message(w, 5, () => encodeInitializer(w, tensor));
  for (const value of graph.inputs) message(w, 11, () => encodeValue(w, value));
  for (const value of graph.outputs) message(w, 12, () => encodeValue(w, value));
}

function encodeNode(w: BinaryWriter, node: GraphNode): void {
  for (const name of node.inputs) w.tag(1, WireType.LengthDelimited).string(name);
  for (const name of node.outputs) w.tag(2, WireType.LengthDelimited).string(name);
  // Named after its first output, which is unique: error messages of the runtime then point somewhere.
  w.tag(3, WireType.LengthDelimited).string(node.outputs[0] ?? node.op);
  w.tag(4, WireType.LengthDelimited).string(node.op);
  for (const [name, value] of Object.entries(node.attributes)) {
    message(w, 5, () => encodeAttribute(w, name, value));
  }
  if (node.domain !== '') w.tag(7, WireType.LengthDelimited).string(node.domain);
}

/** `AttributeProto.AttributeType`. */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 };

function encodeAttribute(w: BinaryWriter, name: string, value: Attribute): void {
  w.tag(1, WireType.LengthDelimited).string(name);
  let type: number;
  if (typeof value === 'number') {
    w.tag(3, WireType.Varint).int64(value);
    type = ATTRIBUTE_TYPE.int;
  } else if (typeof value === 'string') {
    w.tag(4, WireType.LengthDelimited).string(value);
    type = ATTRIBUTE_TYPE.string;
  } else if ('float' in value) {
    w.tag(2, WireType.Bit32).float(value.float);
    type = ATTRIBUTE_TYPE.float;
  } else {
    for (const item of value) w.tag(8, WireType.Varint).int64(item);
    type = ATTRIBUTE_TYPE.ints;
  }
  w.tag(20, WireType.Varint).int32(type);
}

function encodeInitializer(w: BinaryWriter, tensor: Initializer): void {
  for (const size of tensor.dims) w.tag(1, WireType.Varint).int64(size);
  w.tag(2, WireType.Varint).int32(DATA_TYPE[tensor.type]);
  w.tag(8, WireType.LengthDelimited).string(tensor.name);
  const { data } = tensor;
  if (data instanceof Uint8Array) {
    w.tag(9, WireType.LengthDelimited).bytes(data);
    return;
  }
  const entries = { location: data.file, offset: String(data.offset), length: String(data.bytes) };
  for (const [key, value] of Object.entries(entries)) {
    message(w, 13, () => {
      w.tag(1, WireType.LengthDelimited).string(key);
      w.tag(2, WireType.LengthDelimited).string(value);
    });
  }
  const EXTERNAL = 1;
  w.tag(14, WireType.Varint).int32(EXTERNAL);
}

function encodeValue(w: BinaryWriter, value: GraphValue): void {
  w.tag(1, WireType.LengthDelimited).string(value.name);
  message(w, 2, () =>
    message(w, 1, () => {
      w.tag(1, WireType.Varint).int32(DATA_TYPE[value.type]);
      message(w, 2, () => {
        for (const size of value.dims) {
          message(w, 1, () => {
            if (typeof size === 'number') w.tag(1, WireType.Varint).int64(size);
            else w.tag(2, WireType.LengthDelimited).string(size);
          });
        }
      });
    }),
  );
}

function message(w: BinaryWriter, field: number, write: () => void): void {
  w.tag(field, WireType.LengthDelimited).fork();
  write();
  w.join();
}
