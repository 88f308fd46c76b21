const SAMPLED_ROWS = 48;
/** Two quantisations of one matrix differ by a few percent (Q5_0 by 4 %, Q2_K by 20 %); unrelated ones by 140 %. */
const SAME_MATRIX = 0.4;

/** One row of a tensor, dequantised. */
export type ReadRow = (tensor: string, row: number) => Promise<Float32Array>;

/**
 * Whether two tensors of a file hold one matrix. A GGUF of a tied model may carry it twice, quantised differently
 * (the official 0.5B does); a model trained untied has two that differ everywhere.
 * Compares evenly spread rows: root mean square of the difference over that of `tensor`.
 */
export async function isSameMatrix(
  tensor: string,
  other: string,
  rows: number,
  readRow: ReadRow,
): Promise<boolean> {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < SAMPLED_ROWS; i++) {
    const row = Math.floor((i * rows) / SAMPLED_ROWS);
    const values = await readRow(tensor, row);
    const others = await readRow(other, row);
    for (const [k, value] of values.entries()) {
      difference += (value - (others[k] ?? 0)) ** 2;
      size += value ** 2;
    }
  }
  return difference <= size * SAME_MATRIX ** 2;
}
