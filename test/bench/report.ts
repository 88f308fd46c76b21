/** From single measurements to what the bench prints: rows with their spread, ratios, a table to read. */
import { present } from '../../src/lib/assert.ts';
import type { EngineName, RunReport } from './protocol.ts';
import { spread, type Spread } from '../../src/lib/spread.ts';

export type Measure = 'load' | 'ttft' | 'prefill' | 'decode';

/** One measurement, kept raw. */
export interface Sample {
  readonly engine: EngineName;
  readonly round: number;
  readonly measure: Measure;
  /** Null for `load`. */
  readonly promptTokens: number | null;
  readonly value: number;
}

export interface Row extends Spread {
  readonly engine: EngineName;
  readonly measure: Measure;
  readonly promptTokens: number | null;
  readonly unit: 'tok/s' | 'ms';
}

/** Ours over the peer's, medians; above 1 ours is faster. Null where either was not measured. */
export type Ratios = Readonly<Record<string, number | null>>;

export interface BenchReport {
  readonly environment: Readonly<Record<string, unknown>>;
  readonly rows: readonly Row[];
  readonly ratios: Readonly<Record<string, Ratios>>;
}

export const UNITS: Readonly<Record<Measure, Row['unit']>> = {
  load: 'ms',
  ttft: 'ms',
  prefill: 'tok/s',
  decode: 'tok/s',
};

/** What the numbers mean; printed with them. */
export const DEFINITIONS: Readonly<Record<Measure | 'ratios' | 'clock', string>> = {
  load: 'from the engine’s files on this device (no network) to an engine that takes a prompt; runtime, weights and tokenizer included, downloading and compiling GGUF to ONNX not',
  ttft: 'from just before the page hands the token ids to the engine until the page hears of the first token',
  prefill:
    'prompt tokens ÷ ttft: running the prompt, sampling the first token and the message hops to the page',
  decode:
    '(new tokens − 1) ÷ time from the first to the last token, as the page hears of them, after a prompt of promptTokens',
  ratios:
    'median of the engine ÷ median of the peer, in tokens per second; decode is taken after the shortest prompt',
  clock:
    'performance.now() of the page, for every engine; one fresh browser process per engine and round, one warm-up run before the measured ones, an empty cache at every run',
};

/** The measurements in one run: time to first token and both speeds. */
export function samplesOfRun(engine: EngineName, round: number, run: RunReport): readonly Sample[] {
  const { promptTokens, newTokens, firstTokenMs, lastTokenMs } = run;
  const of = (measure: Measure, value: number): Sample => ({
    engine,
    round,
    measure,
    promptTokens,
    value,
  });
  return [
    of('ttft', firstTokenMs),
    of('prefill', (promptTokens * 1000) / firstTokenMs),
    of('decode', ((newTokens - 1) * 1000) / (lastTokenMs - firstTokenMs)),
  ];
}

/** One row for each engine, measure and prompt length, in the order in which they were first measured. */
export function toRows(samples: readonly Sample[]): readonly Row[] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = `${sample.engine} ${sample.measure} ${sample.promptTokens}`;
    groups.set(key, [...(groups.get(key) ?? []), sample]);
  }
  return [...groups.values()].map((group) => {
    const { engine, measure, promptTokens } = present(group[0], 'first sample of a group');
    return {
      engine,
      measure,
      promptTokens,
      ...spread(group.map(({ value }) => value)),
      unit: UNITS[measure],
    };
  });
}

/** The lengths that a ratio is always named for, measured or not. */
const NAMED_PROMPT_TOKENS = [128, 512, 2048] as const;

/** `decode` is compared after the shortest prompt, where the context weighs least on either side. */
export function toRatios(
  rows: readonly Row[],
  engine: EngineName,
  peers: readonly EngineName[],
  promptTokens: readonly number[],
): Readonly<Record<string, Ratios>> {
  const median = (of: EngineName, measure: Measure, tokens: number | undefined) =>
    rows.find((row) => row.engine === of && row.measure === measure && row.promptTokens === tokens)
      ?.median;
  const ratio = (peer: EngineName, measure: Measure, tokens: number | undefined) => {
    const ours = median(engine, measure, tokens);
    const theirs = median(peer, measure, tokens);
    return ours === undefined || theirs === undefined ? null : ours / theirs;
  };
  const lengths = [...new Set([...NAMED_PROMPT_TOKENS, ...promptTokens])].toSorted((a, b) => a - b);
  return Object.fromEntries(
    peers.map((peer) => [
      peer,
      {
        decode: ratio(peer, 'decode', promptTokens[0]),
        ...Object.fromEntries(
          lengths.map((tokens) => [`prefill${tokens}`, ratio(peer, 'prefill', tokens)]),
        ),
      },
    ]),
  );
}

/** Rows and ratios for a person's eye; ends with a line break. */
export function toTable(report: BenchReport): string {
  const heads = ['engine', 'measure', 'prompt', 'median', 'p25', 'p75', 'unit'];
  const cells = report.rows.map((row) => [
    row.engine,
    row.measure,
    row.promptTokens === null ? '' : String(row.promptTokens),
    ...[row.median, row.p25, row.p75].map(threeDigits),
    row.unit,
  ]);
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const ratios = Object.entries(report.ratios).map(
    ([peer, values]) =>
      `times ${peer}: ${Object.entries(values)
        .filter((entry): entry is [string, number] => entry[1] !== null)
        .map(([name, value]) => `${name} ${value.toFixed(2)}`)
        .join(', ')}`,
  );
  return `${[line(heads), ...cells.map(line), ...(ratios.length === 0 ? [] : ['', ...ratios])].join('\n')}\n`;
}

/** Prompt, median and quartiles stand to the right. */
const isNumber = (column: number) => column >= 2 && column <= 5;

/** Three significant digits, never in exponent form. */
function threeDigits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
