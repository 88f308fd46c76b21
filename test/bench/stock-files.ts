/** `q8`: int8 matrices with one scale each, for the CPU. `q4`: blocks of four bits, for WebGPU. As transformers.js calls them. */
export type StockDtype = 'q8' | 'q4';

/** The folder of an export on the bench's server, by which transformers.js asks for it. */
export const STOCK_FOLDER: Readonly<Record<StockDtype, string>> = { q8: 'stock', q4: 'stock-q4' };

/** By its name transformers.js finds the graph of a dtype. */
export const STOCK_GRAPH = {
  q8: 'onnx/model_quantized.onnx',
  q4: 'onnx/model_q4.onnx',
} as const satisfies Readonly<Record<StockDtype, string>>;

/** The files that transformers.js loads for a text model, as paths in a model's folder. */
export function stockFiles(dtype: StockDtype): readonly string[] {
  return [
    'config.json',
    'generation_config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    STOCK_GRAPH[dtype],
  ];
}

/** Their names in the one flat folder that the bench's pages keep files in. */
export function stockFileName(dtype: StockDtype, path: string): string {
  return `${STOCK_FOLDER[dtype]}-${path.replaceAll('/', '-')}`;
}
