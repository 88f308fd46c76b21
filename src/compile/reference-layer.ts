/**
 * The same decoder in fp32 and one layer at a time, for measuring what a compiled model loses: plain matrix products
 * on the dequantised weights, a few hundred megabytes for any size of model.
 */
import type { DecoderShape } from '../contract/model.ts';
import { attend, prepareAttention } from './attention/explicit.ts';
import { GraphBuilder } from './graph-builder.ts';
import { encodeModel } from './onnx.ts';
import type { WeightReader } from './weight-reader.ts';

const PRODUCER = 'offgrid reference';

/**
 * One layer, weights inside. Inputs `hidden` [1, new, width], `cos`, `sin` [new, head / 2], `mask` [new, new];
 * output `out` [1, new, width].
 */
export async function referenceLayer(
  shape: DecoderShape,
  reader: WeightReader,
  layer: number,
): Promise<Uint8Array> {
  const g = new GraphBuilder();
  const { width, feedForwardWidth: inner, queryHeads, keyValueHeads, headSize } = shape;
  const hidden = g.input('hidden', 'float32', [1, 'new', width]);
  const inputs = {
    cos: g.input('cos', 'float32', ['new', headSize / 2]),
    sin: g.input('sin', 'float32', ['new', headSize / 2]),
    mask: g.input('mask', 'float32', ['new', 'new']),
  };
  prepareAttention(g, shape, inputs.mask);
  const weights = `blk.${layer}`;
  const linear = async (x: string, tensor: string, outputs: number, columns: number) => {
    const w = await matrix(g, reader, `${weights}.${tensor}.weight`, outputs, columns);
    const product = g.op('MatMul', [x, w], `${tensor}.product`);
    const bias = `${weights}.${tensor}.bias`;
    if (!reader.has(bias)) return product;
    return g.op('Add', [product, g.floats(bias, await reader.vector(bias))], `${tensor}.sum`);
  };
  const norm = async (x: string, tensor: string) => {
    const scale = g.floats(tensor, await reader.vector(`${weights}.${tensor}.weight`));
    const attributes = { axis: -1, epsilon: { float: shape.rmsEpsilon }, stash_type: 1 };
    return g.op('SimplifiedLayerNormalization', [x, scale], `${tensor}.normed`, attributes);
  };

  const normed = await norm(hidden, 'attn_norm');
  const kvWidth = keyValueHeads * headSize;
  const q = await linear(normed, 'attn_q', queryHeads * headSize, width);
  const k = await linear(normed, 'attn_k', kvWidth, width);
  const v = await linear(normed, 'attn_v', kvWidth, width);
  g.op('Concat', [q, k, v], 'qkv', { axis: 2 });
  const nothing = { type: 'float32', dims: [1, keyValueHeads, 0, headSize] } as const;
  const past = {
    key: g.initializer({ name: 'past.key', ...nothing, data: new Uint8Array(0) }),
    value: g.initializer({ name: 'past.value', ...nothing, data: new Uint8Array(0) }),
  };
  const { mix } = attend(g, shape, inputs, 'layer', 'qkv', past);
  const attended = await linear(mix, 'attn_output', width, queryHeads * headSize);
  const middle = g.op('Add', [hidden, attended], 'middle');
  const fedFrom = await norm(middle, 'ffn_norm');
  const gate = await linear(fedFrom, 'ffn_gate', inner, width);
  const up = await linear(fedFrom, 'ffn_up', inner, width);
  g.op('Sigmoid', [gate], 'sigmoid');
  g.op('Mul', [gate, 'sigmoid'], 'silu');
  const fed = g.op('Mul', ['silu', up], 'fed');
  g.op('Add', [middle, await linear(fed, 'ffn_down', width, inner)], 'out');
  g.output('out', 'float32', [1, 'new', width]);
  return encodeModel(g.finish('reference'), PRODUCER);
}

/**
 * Rows `first … first + rows` of the head. Input `normed` [1, new, width], output `logits` [1, new, rows].
 */
export function referenceHead(width: number, rows: number, values: Float32Array): Uint8Array {
  const g = new GraphBuilder();
  const x = g.input('normed', 'float32', [1, 'new', width]);
  const w = g.initializer({
    name: 'head',
    type: 'float32',
    dims: [width, rows],
    data: asBytes(transpose(values, rows, width)),
  });
  g.op('MatMul', [x, w], 'logits');
  g.output('logits', 'float32', [1, 'new', rows]);
  return encodeModel(g.finish('reference head'), PRODUCER);
}

async function matrix(
  g: GraphBuilder,
  reader: WeightReader,
  name: string,
  outputs: number,
  columns: number,
): Promise<string> {
  const values = new Float32Array(outputs * columns);
  for await (const batch of reader.rows(name)) values.set(batch.values, batch.firstRow * columns);
  const data = asBytes(transpose(values, outputs, columns));
  return g.initializer({ name, type: 'float32', dims: [columns, outputs], data });
}

/** `[rows][columns]` → `[columns][rows]`. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = values[row * columns + column] as number;
    }
  }
  return turned;
}

function asBytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
