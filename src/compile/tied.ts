import type { DecoderShape } from '../contract/model.ts';
import { isSameMatrix } from '../gguf/same-matrix.ts';
import type { WeightReader } from './weight-reader.ts';

/** Which tensors the two ends of the decoder come from; `embedding` is null where the head's rows are the embedding. */
export interface HeadTensors {
  readonly head: string;
  readonly embedding: string | null;
}

export async function headTensors(reader: WeightReader, shape: DecoderShape): Promise<HeadTensors> {
  return {
    head: reader.has('output.weight') ? 'output.weight' : 'token_embd.weight',
    embedding: (await isTied(reader, shape)) ? null : 'token_embd.weight',
  };
}

/** Whether embedding and head hold one matrix. */
export async function isTied(reader: WeightReader, shape: DecoderShape): Promise<boolean> {
  if (!reader.has('output.weight')) return true;
  return isSameMatrix('output.weight', 'token_embd.weight', shape.vocabulary, (tensor, row) =>
    reader.row(tensor, row),
  );
}
