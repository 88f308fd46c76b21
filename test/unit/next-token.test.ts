import { InferenceSession, Tensor } from '#ort';
import { describe, expect, test } from 'vitest';
import { GraphBuilder, type FloatType } from '../../src/compile/graph-builder.ts';
import { emitNextToken, leadersOf } from '../../src/compile/next-token.ts';
import { encodeModel } from '../../src/compile/onnx.ts';
import { halfToFloat } from '../../src/gguf/dequantize/half.ts';
import { toHalf } from '../../src/lib/half.ts';

/** Runs the end of a graph on logits that come in these many parts; reads what it tells. */
async function tell(logits: Float32Array, sizes: readonly number[], floatType: FloatType) {
  const g = new GraphBuilder(floatType);
  const parts = sizes.map((size, i) => g.input(`part.${i}`, floatType, [1, 1, size]));
  emitNextToken(g, parts, logits.length);
  const session = await InferenceSession.create(encodeModel(g.finish('next'), 'test'));
  const feeds: Record<string, Tensor> = {};
  let at = 0;
  for (const [i, size] of sizes.entries()) {
    const values = logits.subarray(at, at + size);
    feeds[`part.${i}`] =
      floatType === 'float16'
        ? new Tensor('float16', toHalf(values), [1, 1, size])
        : new Tensor('float32', values, [1, 1, size]);
    at += size;
  }
  const { next } = await session.run(feeds);
  await session.release();
  const told = next === undefined ? [] : [...(next.data as Float32Array)];
  const count = leadersOf(logits.length);
  return {
    logits: told.slice(0, count),
    ids: told.slice(count, 2 * count),
    logNormaliser: told[2 * count],
    length: told.length,
  };
}

/** Distinct in either float type: multiples of 1/8, shuffled by a stride that is prime to their number. */
function distinctLogits(vocabulary: number, highest: number): Float32Array {
  return Float32Array.from(
    { length: vocabulary },
    (_, id) => highest - ((id * 7919) % vocabulary) / 8,
  );
}

describe.each<FloatType>(['float32', 'float16'])('the next token from %s logits', (floatType) => {
  test.each([
    ['fewer than 64 candidates: all of them', [40]],
    ['one row', [480]],
    ['the most that one row holds', [2048]],
    ['two rows', [2050]],
    ['a number that no rows divide', [2053]],
    ['parts of different length', [1000, 1000, 777]],
    ['two rounds of many rows', [7001, 7000, 130]],
  ])('%s', async (_, sizes) => {
    const vocabulary = sizes.reduce((sum, n) => sum + n, 0);
    const logits = distinctLogits(vocabulary, 30);
    const best = [...logits.keys()].toSorted((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));

    const told = await tell(logits, sizes, floatType);

    const count = Math.min(64, vocabulary);
    expect(told.length).toBe(2 * count + 1);
    expect(told.ids).toEqual(best.slice(0, count));
    expect(told.logits).toEqual(best.slice(0, count).map((id) => logits[id]));
  });

  test('the normaliser is right where exp overflows', async () => {
    const logits = distinctLogits(3000, 400);

    const told = await tell(logits, [3000], floatType);

    const halves = halfToFloat();
    const seen =
      floatType === 'float32' ? logits : Float32Array.from(toHalf(logits), (h) => halves[h] ?? NaN);
    const sum = seen.reduce((total, logit) => total + Math.exp(logit - 400), 0);
    expect(told.logNormaliser).toBeCloseTo(400 + Math.log(sum), 3);
  });
});
