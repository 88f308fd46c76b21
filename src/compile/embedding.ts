import type { GraphBuilder } from './graph-builder.ts';
import { BLOCK_SIZE, type BlockMatrix, type BlockPart } from './linear/blocks.ts';

/**
 * Rows of `table` for int32 `ids` `[1, new]`: `[1, new, width]`.
 *
 * The table's blocks may be the head's: both operators take the same three-dimensional initializer, and ORT keeps it
 * once. A `Reshape` between them would be folded into a second copy, and two initializers over one range of the file
 * are two GPU buffers (measured 2026-11-22, onnxruntime-web 1.31.0-dev.20260914). Only the scales lie there twice,
 * since `GatherBlockQuantized` wants them of the same rank as the blocks and `MatMulNBits` does not.
 */
export function lookUp(g: GraphBuilder, ids: string, table: BlockMatrix): string {
  const { parts, inputs: width } = table;
  let rows = '';
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const local = localIds(g, ids, part, index === 0, isLast, index);
    const found = gather(g, local, table, part, index);
    rows = index === 0 ? found : select(g, ids, part, index, found, rows);
  }
  return g.op('Reshape', [rows, g.ints('embeds.shape', [1, -1, width])], 'embeds');
}

/** Ids as rows of one part; those that lie elsewhere become some row of it. */
function localIds(
  g: GraphBuilder,
  ids: string,
  { firstRow, rows }: BlockPart,
  isFirst: boolean,
  isLast: boolean,
  index: number,
): string {
  const at = (name: string) => `embeds.${index}.${name}`;
  let local = ids;
  if (!isFirst) {
    local = g.op('Sub', [local, g.int32(at('first'), firstRow)], at('relative'));
    local = g.op('Max', [local, g.int32('zero', 0)], at('from_first'));
  }
  if (!isLast) local = g.op('Min', [local, g.int32(at('last'), rows - 1)], at('to_last'));
  return local;
}

/** `[1, new, blocks, 32]` */
function gather(
  g: GraphBuilder,
  ids: string,
  { form, inputs }: BlockMatrix,
  part: BlockPart,
  index: number,
): string {
  const found = `embeds.${index}.rows`;
  const scales = g.initializer({
    name: `embeds.${index}.scales`,
    type: g.floatType,
    dims: [part.rows, inputs / BLOCK_SIZE, 1],
    data: part.scales,
  });
  const attributes = {
    bits: form.bits,
    block_size: BLOCK_SIZE,
    gather_axis: 0,
    quantize_axis: 2,
  };
  g.microsoft('GatherBlockQuantized', [part.blocks, ids, scales], [found], attributes);
  return found;
}

/** Rows of this part for the ids from its first on, rows of the parts before for the others. */
function select(
  g: GraphBuilder,
  ids: string,
  { firstRow }: BlockPart,
  index: number,
  here: string,
  before: string,
): string {
  const at = (name: string) => `embeds.${index}.${name}`;
  const isHere = g.op('GreaterOrEqual', [ids, g.int32(at('begin'), firstRow)], at('is_here'));
  const axes = g.ints('embeds.value_axes', [2, 3]);
  const mask = g.op('Unsqueeze', [isHere, axes], at('mask'));
  return g.op('Where', [mask, here, before], at('selected'));
}
