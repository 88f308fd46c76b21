import { describe, expect, test } from 'vitest';
import { samplesOfRun, toRatios, toRows, toTable, type Sample } from '../bench/report.ts';
import { interleave } from '../bench/rounds.ts';

describe('interleave', () => {
  test('engines take turns, in the same order in every round', () => {
    expect(interleave(['ort-wasm', 'wllama'], 3)).toEqual([
      { round: 1, engine: 'ort-wasm' },
      { round: 1, engine: 'wllama' },
      { round: 2, engine: 'ort-wasm' },
      { round: 2, engine: 'wllama' },
      { round: 3, engine: 'ort-wasm' },
      { round: 3, engine: 'wllama' },
    ]);
  });
});

describe('the measurements of one run', () => {
  test('prefill ends with the first token, decode begins with it', () => {
    const run = {
      promptTokens: 100,
      newTokens: 5,
      firstTokenMs: 500,
      lastTokenMs: 900,
    };

    expect(samplesOfRun('wllama', 1, run).map(({ measure, value }) => [measure, value])).toEqual([
      ['ttft', 500],
      ['prefill', 200],
      ['decode', 10],
    ]);
  });
});

function sample(
  engine: Sample['engine'],
  measure: Sample['measure'],
  promptTokens: number | null,
  value: number,
): Sample {
  return { engine, round: 1, measure, promptTokens, value };
}

describe('rows', () => {
  test('rounds become one row with its spread, prompt lengths stay apart', () => {
    const rows = toRows([
      sample('wllama', 'load', null, 5000),
      sample('wllama', 'decode', 128, 6),
      sample('wllama', 'decode', 512, 5),
      sample('wllama', 'decode', 128, 8),
    ]);

    expect(rows).toEqual([
      {
        engine: 'wllama',
        measure: 'load',
        promptTokens: null,
        median: 5000,
        p25: 5000,
        p75: 5000,
        unit: 'ms',
      },
      {
        engine: 'wllama',
        measure: 'decode',
        promptTokens: 128,
        median: 7,
        p25: 6.5,
        p75: 7.5,
        unit: 'tok/s',
      },
      {
        engine: 'wllama',
        measure: 'decode',
        promptTokens: 512,
        median: 5,
        p25: 5,
        p75: 5,
        unit: 'tok/s',
      },
    ]);
  });
});

describe('ratios', () => {
  const rows = toRows([
    sample('ort-wasm', 'decode', 128, 12),
    sample('ort-wasm', 'decode', 512, 10),
    sample('ort-wasm', 'prefill', 128, 120),
    sample('ort-wasm', 'prefill', 512, 140),
    sample('wllama', 'decode', 128, 6),
    sample('wllama', 'decode', 512, 2),
    sample('wllama', 'prefill', 128, 10),
    sample('wllama', 'prefill', 512, 10),
  ]);

  test('they say how many times faster we are, decode after the shortest prompt', () => {
    expect(toRatios(rows, 'ort-wasm', ['wllama'], [128, 512])).toEqual({
      wllama: { decode: 2, prefill128: 12, prefill512: 14, prefill2048: null },
    });
  });

  test('a length of the person’s own gets a ratio beside the usual ones', () => {
    const more = [
      ...rows,
      ...toRows([sample('ort-wasm', 'prefill', 64, 90), sample('wllama', 'prefill', 64, 9)]),
    ];

    expect(toRatios(more, 'ort-wasm', ['wllama'], [64])['wllama']).toMatchObject({
      prefill64: 10,
      decode: null,
    });
  });

  test('a peer without measurements has no ratio instead of an infinite one', () => {
    const ours = rows.filter(({ engine }) => engine === 'ort-wasm');

    expect(toRatios(ours, 'ort-wasm', ['wllama'], [128])).toEqual({
      wllama: { decode: null, prefill128: null, prefill512: null, prefill2048: null },
    });
  });

  test('the table shows every row and every known ratio', () => {
    const ratios = toRatios(rows, 'ort-wasm', ['wllama'], [128, 512]);

    const lines = toTable({ environment: {}, rows, ratios }).split('\n');

    expect(lines[1]).toBe('ort-wasm  decode      128    12.0  12.0  12.0  tok/s');
    expect(lines).toContain('times wllama: decode 2.00, prefill128 12.00, prefill512 14.00');
  });
});
