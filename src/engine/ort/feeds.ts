import { Tensor } from '#ort';
import type { DecoderShape } from '../../contract/model.ts';
import { rotation } from '../rotation.ts';
import type { KvCache } from './kv-cache.ts';

/** Hides a column from a row: exp of it is exactly 0, and it survives an addition. */
const HIDDEN = -3e38;

/** The inputs of one run, as src/compile/wasm-dialect.ts names them. `past` slots beyond the cache's length are hidden. */
export function decoderFeeds(
  shape: DecoderShape,
  cache: KvCache,
  embeds: Float32Array,
  tokens: number,
  wantedLogits: number,
): Record<string, Tensor> {
  const { layers, width, keyValueHeads, headSize } = shape;
  const past = cache.capacity;
  const { cos, sin } = rotation(cache.length, tokens, headSize, shape.ropeBase);
  const feeds: Record<string, Tensor> = {
    embeds: new Tensor('float32', embeds, [1, tokens, width]),
    cos: new Tensor('float32', cos, [tokens, headSize / 2]),
    sin: new Tensor('float32', sin, [tokens, headSize / 2]),
    mask: new Tensor('float32', causalMask(tokens, cache.length, past), [tokens, past + tokens]),
    first_logit: new Tensor('int64', BigInt64Array.of(BigInt(tokens - wantedLogits)), [1]),
  };
  const dims = [1, keyValueHeads, past, headSize];
  for (let l = 0; l < layers; l++) {
    feeds[`past.${l}.key`] = new Tensor('float32', cache.key(l), dims);
    feeds[`past.${l}.value`] = new Tensor('float32', cache.value(l), dims);
  }
  return feeds;
}

/** `[tokens][past + tokens]`: the filled past is open to every row, a new token to itself and those after it. */
export function causalMask(tokens: number, filled: number, past: number): Float32Array {
  const columns = past + tokens;
  const mask = new Float32Array(tokens * columns);
  for (let row = 0; row < tokens; row++) {
    const start = row * columns;
    mask.fill(HIDDEN, start + filled, start + past);
    mask.fill(HIDDEN, start + past + row + 1, start + columns);
  }
  return mask;
}
