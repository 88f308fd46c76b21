import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from '#ort';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STOCK_GRAPH, stockFiles, type StockDtype } from '../bench/stock-files.ts';
import { writeStockExport } from '../bench/stock-export.ts';
import { tinyGolden, tinyLogits } from '../support/compiled-tiny.ts';
import { goldenPath } from '../support/golden.ts';

interface StockConfig {
  readonly model_type: string;
  readonly num_hidden_layers: number;
  readonly num_key_value_heads: number;
  readonly hidden_size: number;
  readonly num_attention_heads: number;
}

type Feeds = Readonly<Record<string, Tensor>>;

let config: StockConfig;
let session: InferenceSession;

const int64 = (values: readonly number[]) =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);

/** Runs `ids` after `pastLength` tokens, as transformers.js feeds a decoder. */
function feeds(ids: readonly number[], pastLength: number, past: Feeds) {
  return {
    input_ids: int64(ids),
    attention_mask: int64(Array.from({ length: pastLength + ids.length }, () => 1)),
    position_ids: int64(ids.map((_, index) => pastLength + index)),
    ...past,
  };
}

function pastNames(): readonly string[] {
  const layers = Array.from({ length: config.num_hidden_layers }, (_, layer) => layer);
  return layers.flatMap((layer) => [`${layer}.key`, `${layer}.value`]);
}

function emptyPast(): Feeds {
  const headSize = config.hidden_size / config.num_attention_heads;
  const dims = [1, config.num_key_value_heads, 0, headSize];
  const nothing = () => new Tensor('float32', new Float32Array(0), dims);
  return Object.fromEntries(pastNames().map((name) => [`past_key_values.${name}`, nothing()]));
}

function lastRow(logits: Tensor | undefined, vocabulary: number): Float32Array {
  if (!(logits?.data instanceof Float32Array)) throw new Error('no logits');
  const width = logits.dims[2] ?? 0;
  const start = ((logits.dims[1] ?? 0) - 1) * width;
  return logits.data.subarray(start, start + vocabulary);
}

const mean = (values: Float32Array) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Of two vectors about their means; 1 when one is the other up to scale and offset. */
function correlation(a: Float32Array, b: Float32Array): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, alone, other] = [0, 0, 0];
  for (const [index, value] of a.entries()) {
    const [x, y] = [value - meanA, (b[index] ?? 0) - meanB];
    both += x * y;
    alone += x * x;
    other += y * y;
  }
  return both / Math.sqrt(alone * other);
}

describe.each<[StockDtype, number]>([
  ['q8', 0.99],
  ['q4', 0.9],
])('an export of dtype %s', (dtype, leastCorrelation) => {
  const folder = mkdtempSync(join(tmpdir(), 'stock-export-'));
  beforeAll(async () => {
    await writeStockExport(goldenPath('tiny-qwen2.gguf'), folder, dtype);
    config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as StockConfig;
    session = await InferenceSession.create(
      new Uint8Array(await readFile(join(folder, STOCK_GRAPH[dtype]))),
    );
  });
  afterAll(async () => {
    await session.release();
    rmSync(folder, { recursive: true });
  });

  test('the folder has all that transformers.js asks for', async () => {
    for (const path of stockFiles(dtype)) {
      expect((await readFile(join(folder, path))).length).not.toBe(0);
    }
    expect(config.model_type).toBe('qwen2');
  });

  test("the export gives PyTorch's logits, as far as its rounding lets it", async () => {
    const { prompt, vocabulary } = await tinyGolden('tiny-qwen2');
    const golden = (await tinyLogits('tiny-qwen2')).subarray(-vocabulary);

    const { logits } = await session.run(feeds(prompt.ids, 0, emptyPast()));

    expect(correlation(lastRow(logits, vocabulary), golden)).toBeGreaterThan(leastCorrelation);
  });

  test('the same comes out when the last tokens run one by one after their past', async () => {
    const { prompt, vocabulary } = await tinyGolden('tiny-qwen2');
    const golden = (await tinyLogits('tiny-qwen2')).subarray(-vocabulary);
    const first = prompt.ids.length - 2;

    let result = await session.run(feeds(prompt.ids.slice(0, first), 0, emptyPast()));
    for (let at = first; at < prompt.ids.length; at++) {
      const past = Object.fromEntries(
        pastNames().map((name) => {
          const present = result[`present.${name}`];
          if (present === undefined) throw new Error(`no present.${name}`);
          return [`past_key_values.${name}`, present];
        }),
      );
      result = await session.run(feeds(prompt.ids.slice(at, at + 1), at, past));
    }

    expect(correlation(lastRow(result['logits'], vocabulary), golden)).toBeGreaterThan(
      leastCorrelation,
    );
  });
});
