/** Operations on each row by itself. A share is one row. */
import { rowBytes } from '../align';
import { embed } from '../embedding';
import { headCacheBytes, Layer, Model, qkvWidth } from '../model/model';
import { rotate } from '../rotary';
import { takeShare } from '../threads/team';

/** hidden ← the embeddings of the step's tokens. */
export function embedTokens(m: Model, rows: i32): void {
  for (let row = takeShare(m.team); row < rows; row = takeShare(m.team)) {
    const token = i32.load(m.tokens + ((row as usize) << 2));
    embed(m.embedding, token, m.hidden + (row as usize) * rowBytes(m.width));
  }
}

/** Rotates the queries where they are, divided by √headSize; keys go rotated and values as they are into the cache. */
export function rotateAndStore(m: Model, l: Layer, start: i32, rows: i32): void {
  const headBytes = (m.headSize as usize) << 2;
  const half = m.headSize / 2;
  const factor: f32 = 1 / sqrt<f32>(m.headSize as f32);
  for (let row = takeShare(m.team); row < rows; row = takeShare(m.team)) {
    const position = (start + row) as usize;
    const angles = position * (headBytes >> 1);
    let x = m.wide + (row as usize) * rowBytes(qkvWidth(m));
    for (let head = 0; head < m.queryHeads; head++) {
      rotate(x, m.cosines + angles, m.sines + angles, half, factor, x);
      x += headBytes;
    }
    for (let head = 0; head < m.keyValueHeads; head++) {
      const key = l.keys + (head as usize) * headCacheBytes(m) + position * headBytes;
      rotate(x, m.cosines + angles, m.sines + angles, half, 1, key);
      x += headBytes;
    }
    for (let head = 0; head < m.keyValueHeads; head++) {
      const value = l.values + (head as usize) * headCacheBytes(m) + position * headBytes;
      memory.copy(value, x, headBytes);
      x += headBytes;
    }
  }
}
