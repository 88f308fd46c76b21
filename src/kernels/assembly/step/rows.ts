/** Operations on each row by itself. A share is one row. */
import { FORM_WORDS, packedRowBytes, packRow } from '../activations';
import { rowBytes } from '../align';
import { storeKey, storeValue } from '../attention/cache';
import { embed } from '../embedding';
import { groupHeads, headCacheOf, Layer, Model, qkvWidth } from '../model/model';
import { rowOfThread } from '../model/workspace';
import { rotate } from '../rotary';
import { takeShare } from '../threads/team';

/** hidden ← the embeddings of the step's tokens. */
export function embedTokens(m: Model, rows: i32): void {
  for (let row = takeShare(m.team); row < rows; row = takeShare(m.team)) {
    const token = i32.load(m.tokens + ((row as usize) << 2));
    embed(m.embedding, token, m.hidden + (row as usize) * rowBytes(m.width));
  }
}

/** Rotates queries and packs them for attention; keys go rotated and values as they are into the cache. */
export function rotateAndStore(m: Model, l: Layer, thread: i32, start: i32, rows: i32): void {
  const size = m.headSize;
  const headBytes = (size as usize) << 2;
  const rotated = rowOfThread(m, thread);
  for (let row = takeShare(m.team); row < rows; row = takeShare(m.team)) {
    const position = start + row;
    const angles = (position as usize) * (headBytes >> 1);
    const cosines = m.cosines + angles;
    const sines = m.sines + angles;
    let x = m.wide + (row as usize) * rowBytes(qkvWidth(m));
    for (let head = 0; head < m.queryHeads; head++) {
      rotate(x, cosines, sines, size / 2, 1 / sqrt<f32>(size as f32), rotated);
      packQuery(m, row, head, rotated);
      x += headBytes;
    }
    for (let head = 0; head < m.keyValueHeads; head++) {
      rotate(x, cosines, sines, size / 2, 1, rotated);
      storeKey(headCacheOf(m, l.keys, head), rotated, position, m.contextTokens, size);
      x += headBytes;
    }
    for (let head = 0; head < m.keyValueHeads; head++) {
      storeValue(headCacheOf(m, l.values, head), x, position, m.contextTokens, size);
      x += headBytes;
    }
  }
}

/** Query heads that share a key and value head are rows of a product with its keys. @param query float32 [headSize] */
function packQuery(m: Model, row: i32, head: i32, query: usize): void {
  const group = groupHeads(m);
  const first = row * m.queryHeads + head - (head % group);
  const packed = m.queries + (first as usize) * packedRowBytes(m.headSize);
  const scales = m.queryScales + ((first as usize) << 2);
  packRow(query, m.headSize, packed, scales, head % group, group, FORM_WORDS);
}
