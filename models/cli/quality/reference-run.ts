import { InferenceSession, Tensor } from '#ort';
import { referenceHead, referenceLayer } from '../../../src/compile/reference-layer.ts';
import type { WeightReader } from '../../../src/compile/weight-reader.ts';
import type { DecoderShape } from '../../../src/contract/model.ts';
import { causalMask } from '../../../src/engine/ort/feeds.ts';
import { rotation } from '../../../src/engine/rotation.ts';

/** Rows of the head per product: 59 MB of fp32 for a width of 896. */
const HEAD_ROWS = 16_384;

/**
 * Logits of every position of every text by an fp32 run of the GGUF's own weights, `[tokens][vocabulary]` per text.
 * One layer's weights are in memory at a time; the logits are not: 600 kB a token for Qwen2.5.
 */
export async function referenceLogits(
  shape: DecoderShape,
  reader: WeightReader,
  texts: readonly (readonly number[])[],
  onProgress: (fraction: number) => void,
): Promise<readonly Float32Array[]> {
  const { width, vocabulary, layers, headSize } = shape;
  const steps = layers + Math.ceil(vocabulary / HEAD_ROWS);
  let states: Float32Array[] = [];
  for (const tokens of texts) {
    const state = new Float32Array(tokens.length * width);
    for (const [i, token] of tokens.entries()) {
      state.set(await reader.row('token_embd.weight', token), i * width);
    }
    states.push(state);
  }

  for (let layer = 0; layer < layers; layer++) {
    const session = await InferenceSession.create(await referenceLayer(shape, reader, layer));
    const next: Float32Array[] = [];
    for (const state of states) {
      const tokens = state.length / width;
      const { cos, sin } = rotation(0, tokens, headSize, shape.ropeBase);
      const result = await session.run({
        hidden: new Tensor('float32', state, [1, tokens, width]),
        cos: new Tensor('float32', cos, [tokens, headSize / 2]),
        sin: new Tensor('float32', sin, [tokens, headSize / 2]),
        mask: new Tensor('float32', causalMask(tokens, 0, 0), [tokens, tokens]),
      });
      next.push(floats(result['out']));
    }
    states = next;
    await session.release();
    onProgress((layer + 1) / steps);
  }

  const scale = await reader.vector('output_norm.weight');
  const normed = states.map((state) => rmsNorm(state, scale, shape.rmsEpsilon));
  const logits = texts.map((tokens) => new Float32Array(tokens.length * vocabulary));
  const tensor = reader.has('output.weight') ? 'output.weight' : 'token_embd.weight';
  let done = 0;
  for await (const { firstRow, values } of rowsOfHead(reader, tensor, width)) {
    const rows = values.length / width;
    const session = await InferenceSession.create(referenceHead(width, rows, values));
    for (const [index, x] of normed.entries()) {
      const tokens = x.length / width;
      const feeds = { normed: new Tensor('float32', x, [1, tokens, width]) };
      const part = floats((await session.run(feeds))['logits']);
      for (let t = 0; t < tokens; t++) {
        const row = part.subarray(t * rows, (t + 1) * rows);
        logits[index]?.set(row, t * vocabulary + firstRow);
      }
    }
    await session.release();
    done += rows;
    onProgress((layers + (done / vocabulary) * (steps - layers)) / steps);
  }
  return logits;
}

/** The head in portions of `HEAD_ROWS`, whatever the reader's batches are. */
async function* rowsOfHead(reader: WeightReader, tensor: string, width: number) {
  let values = new Float32Array(HEAD_ROWS * width);
  let filled = 0;
  let firstRow = 0;
  for await (const batch of reader.rows(tensor)) {
    for (let at = 0; at < batch.values.length;) {
      const take = Math.min(batch.values.length - at, values.length - filled);
      values.set(batch.values.subarray(at, at + take), filled);
      filled += take;
      at += take;
      if (filled < values.length) continue;
      yield { firstRow, values };
      firstRow += HEAD_ROWS;
      values = new Float32Array(HEAD_ROWS * width);
      filled = 0;
    }
  }
  if (filled > 0) yield { firstRow, values: values.subarray(0, filled) };
}

/** Root mean square norm (arXiv 1910.07467) in double precision, over rows of `scale.length`. */
function rmsNorm(values: Float32Array, scale: Float32Array, epsilon: number): Float32Array {
  const width = scale.length;
  const out = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += width) {
    let squares = 0;
    for (let i = 0; i < width; i++) squares += (values[start + i] as number) ** 2;
    const inverse = 1 / Math.sqrt(squares / width + epsilon);
    for (let i = 0; i < width; i++) {
      out[start + i] = (values[start + i] as number) * inverse * (scale[i] as number);
    }
  }
  return out;
}

function floats(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('the reference gave no output');
  return tensor.data;
}
