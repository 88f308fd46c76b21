/** Types without blocks. */
import { loadHalf } from './half';

export function decodeF32(from: usize, to: usize, count: i32): void {
  memory.copy(to, from, (count as usize) << 2);
}

export function decodeF16(from: usize, to: usize, count: i32): void {
  const end = to + ((count as usize) << 2);
  for (; to < end; to += 4) {
    f32.store(to, loadHalf(from));
    from += 2;
  }
}

/** BF16 is the upper half of a float32. */
export function decodeBF16(from: usize, to: usize, count: i32): void {
  const end = to + ((count as usize) << 2);
  for (; to < end; to += 4) {
    i32.store(to, (load<u16>(from) as i32) << 16);
    from += 2;
  }
}
