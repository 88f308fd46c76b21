import type { DecoderShape } from '../contract/model.ts';
import type { WeightReader } from './weight-reader.ts';

const SAMPLED_ROWS = 48;
/** Two quantisations of one matrix differ by a few percent (Q5_0 by 4 %, Q2_K by 20 %); unrelated ones by 140 %. */
const SAME_MATRIX = 0.4;

/**
 * Whether embedding and head hold one matrix. A GGUF of a tied model may carry it twice, quantised differently
 * (the official 0.5B does); a model trained untied has two that differ everywhere.
 * Compares evenly spread rows: root mean square of the difference over that of the head.
 */
export async function isTied(reader: WeightReader, shape: DecoderShape): Promise<boolean> {
  if (!reader.has('output.weight')) return true;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < SAMPLED_ROWS; i++) {
    const row = Math.floor((i * shape.vocabulary) / SAMPLED_ROWS);
    const head = await reader.row('output.weight', row);
    const embedding = await reader.row('token_embd.weight', row);
    for (const [k, value] of head.entries()) {
      difference += (value - (embedding[k] ?? 0)) ** 2;
      size += value ** 2;
    }
  }
  return difference <= size * SAME_MATRIX ** 2;
}
