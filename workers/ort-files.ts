/**
 * ORT's own script and WASM as files beside the page: `?url` makes the build copy them (vite.config.ts says where)
 * and dev serve them. Threads load the script once more, so it cannot be part of a bundle.
 */
import 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';

/** Where both lie; ORT appends their names. */
export const ortFolderUrl = new URL('.', new URL(wasmUrl, location.href)).href;
