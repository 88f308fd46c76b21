/** The files that transformers.js loads for a text model of dtype `q8`, as paths in a model's folder. */
export const STOCK_FILES = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'onnx/model_quantized.onnx',
] as const;

/** Their names in the one flat folder that the bench's pages keep files in. */
export function stockFileName(path: string): string {
  return `stock-${path.replaceAll('/', '-')}`;
}
