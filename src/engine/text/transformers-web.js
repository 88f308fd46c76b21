/**
 * The only door to transformers.js. Its package sends Node to a build that wants onnxruntime-node and sharp,
 * which are not installed; the browser build serves both, but `exports` does not name it, hence the path.
 * Delete this file when the package exports its web build (or the tokenizer alone) to Node.
 */
export {
  Qwen2Tokenizer,
  env,
} from '../../../node_modules/@huggingface/transformers/dist/transformers.web.js';
