import type { DecoderShape } from '../contract/model.ts';
import { isSameMatrix } from '../gguf/same-matrix.ts';
import type { WeightReader } from './weight-reader.ts';

/** Whether embedding and head hold one matrix. */
export async function isTied(reader: WeightReader, shape: DecoderShape): Promise<boolean> {
  if (!reader.has('output.weight')) return true;
  return isSameMatrix('output.weight', 'token_embd.weight', shape.vocabulary, (tensor, row) =>
    reader.row(tensor, row),
  );
}
