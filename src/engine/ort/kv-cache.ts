import type { KvSnapshot } from '../language-model.ts';

/** The cache grows by this many tokens: seldom enough to copy little, fine enough to waste little. */
const GROWTH_TOKENS = 256;

/**
 * Keys and values of all layers in JS memory, float32. Each tensor is `[kv heads, capacity, head]`, so that ORT can
 * take it as it is: slots from `length` on are hidden by the attention mask and hold anything.
 */
export class KvCache {
  readonly layers: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly contextTokens: number;
  #length = 0;
  #capacity = 0;
  /** Key, value of layer 0, key, value of layer 1, … */
  #tensors: Float32Array<ArrayBuffer>[] = [];

  constructor(
    shape: { readonly layers: number; readonly keyValueHeads: number; readonly headSize: number },
    contextTokens: number,
  ) {
    this.layers = shape.layers;
    this.keyValueHeads = shape.keyValueHeads;
    this.headSize = shape.headSize;
    this.contextTokens = contextTokens;
    this.#tensors = Array.from({ length: 2 * shape.layers }, () => new Float32Array(0));
    this.#reserve(1);
  }

  get length(): number {
    return this.#length;
  }

  get capacity(): number {
    return this.#capacity;
  }

  key(layer: number): Float32Array<ArrayBuffer> {
    return this.#tensor(2 * layer);
  }

  value(layer: number): Float32Array<ArrayBuffer> {
    return this.#tensor(2 * layer + 1);
  }

  /** @param rows `[2 × layers, kv heads, tokens, head]`, as the decoder's `new_kv` */
  append(rows: Float32Array, tokens: number): void {
    this.#reserve(this.#length + tokens);
    this.#eachRun((tensor, head, index) => {
      const from = (index * this.keyValueHeads + head) * tokens * this.headSize;
      const to = (head * this.#capacity + this.#length) * this.headSize;
      tensor.set(rows.subarray(from, from + tokens * this.headSize), to);
    });
    this.#length += tokens;
  }

  truncate(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.#length) {
      throw new RangeError(`cannot truncate ${this.#length} tokens to ${length}`);
    }
    this.#length = length;
  }

  snapshot(): KvSnapshot {
    const { layers, keyValueHeads, headSize } = this;
    const run = this.#length * headSize;
    const values = new Float32Array(2 * layers * keyValueHeads * run);
    this.#eachRun((tensor, head, index) => {
      const from = head * this.#capacity * headSize;
      values.set(tensor.subarray(from, from + run), (index * keyValueHeads + head) * run);
    });
    return { length: this.#length, layers, keyValueHeads, headSize, values };
  }

  restore(snapshot: KvSnapshot): void {
    const { layers, keyValueHeads, headSize } = this;
    const { values } = snapshot;
    const isSameShape =
      snapshot.layers === layers &&
      snapshot.keyValueHeads === keyValueHeads &&
      snapshot.headSize === headSize &&
      values.length === 2 * layers * keyValueHeads * snapshot.length * headSize;
    if (!isSameShape || !(values instanceof Float32Array))
      throw new RangeError('the snapshot is of another model');
    if (snapshot.length > this.contextTokens) throw new RangeError('the snapshot is too long');
    this.#length = 0;
    this.append(values, snapshot.length);
  }

  #tensor(index: number): Float32Array<ArrayBuffer> {
    const tensor = this.#tensors[index];
    if (tensor === undefined) throw new RangeError(`no layer ${index >> 1}`);
    return tensor;
  }

  #eachRun(visit: (tensor: Float32Array, head: number, index: number) => void): void {
    for (const [index, tensor] of this.#tensors.entries()) {
      for (let head = 0; head < this.keyValueHeads; head++) visit(tensor, head, index);
    }
  }

  #reserve(tokens: number): void {
    if (tokens <= this.#capacity) return;
    const capacity = Math.ceil(tokens / GROWTH_TOKENS) * GROWTH_TOKENS;
    const { keyValueHeads, headSize } = this;
    const used = this.#length * headSize;
    // One tensor at a time, so that the old ones can be collected while the new ones are made.
    for (let index = 0; index < this.#tensors.length; index++) {
      const old = this.#tensor(index);
      const grown = new Float32Array(keyValueHeads * capacity * headSize);
      for (let head = 0; head < keyValueHeads; head++) {
        const from = head * this.#capacity * headSize;
        grown.set(old.subarray(from, from + used), head * capacity * headSize);
      }
      this.#tensors[index] = grown;
    }
    this.#capacity = capacity;
  }
}
