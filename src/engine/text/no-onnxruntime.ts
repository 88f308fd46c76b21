/**
 * What transformers.js gets in the browser bundle instead of `onnxruntime-web/webgpu` (alias in vite.config.ts).
 * Only its tokenizer is used here. With the real module, importing it would bundle a second runtime (27 MB of
 * WASM) and point the one we use at a CDN.
 */
export const env = undefined;
export const InferenceSession = undefined;
export const Tensor = undefined;
