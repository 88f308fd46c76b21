/**
 * Reads a result that somebody else made: out of a file, or out of a link. Anything may stand there, so that every field is checked, of every
 * text only what can be shown on one line is kept, and whatever is not a result is null.
 */
import { RUNGS } from '../../contract/rungs.ts';
import { FORMAT, type BenchmarkResult, type DriftPoint, type Series } from './result.ts';

const MOST_SERIES = 40;
const MOST_SAMPLES = 100;
const MOST_POINTS = 200;
const MOST_CHARACTERS = 300;

/** Larger files are not read at all. */
export const MOST_FILE_BYTES = 256 * 1024;

export function parseResult(json: string): BenchmarkResult | null {
  try {
    return readResult(JSON.parse(json));
  } catch {
    return null;
  }
}

export function readResult(value: unknown): BenchmarkResult | null {
  try {
    return resultOf(fieldsOf(value));
  } catch (thrown) {
    if (thrown instanceof Refused) return null;
    throw thrown;
  }
}

class Refused extends Error {}

type Fields = Readonly<Record<string, unknown>>;

function resultOf(found: Fields): BenchmarkResult {
  must(found['format'] === FORMAT && found['version'] === 1);
  const model = fieldsOf(found['model']);
  const engine = fieldsOf(found['engine']);
  const versions = fieldsOf(found['versions']);
  const device = fieldsOf(found['device']);
  const rung = RUNGS.find((name) => name === engine['rung']);
  const { sha256 } = model;
  const { date } = found;
  if (rung === undefined || typeof sha256 !== 'string' || typeof date !== 'string') {
    throw new Refused();
  }
  must(/^[0-9a-f]{64}$/.test(sha256));
  const day = new Date(date.slice(0, 40));
  must(!Number.isNaN(day.valueOf()));
  const { drift, wasHidden } = found;
  must(typeof wasHidden === 'boolean');
  return {
    format: FORMAT,
    version: 1,
    date: day.toISOString(),
    model: {
      title: textOf(model['title']),
      fileName: textOf(model['fileName']),
      sha256,
      totalBytes: numberOf(model['totalBytes'], 1e13),
      bitsPerWeight: numberOf(model['bitsPerWeight'], 1e6),
    },
    engine: {
      rung,
      threads: numberOf(engine['threads'], 1e4),
      contextTokens: numberOf(engine['contextTokens'], 2 ** 20),
    },
    versions: {
      page: textOf(versions['page']),
      runtime: textOf(versions['runtime']),
      compiler: numberOf(versions['compiler'], 1e6),
    },
    device: {
      browser: textOf(device['browser']),
      cores: nullOr(device['cores'], (value) => numberOf(value, 1e4)),
      memoryBytes: nullOr(device['memoryBytes'], (value) => numberOf(value, 1e14)),
      gpu: nullOr(device['gpu'], textOf),
    },
    series: listOf(found['series'], MOST_SERIES).map(seriesOf),
    loadMs: listOf(found['loadMs'], MOST_SAMPLES).map((value) => numberOf(value, 1e9)),
    drift: nullOr(drift, (value) => listOf(value, MOST_POINTS).map(pointOf)),
    wasHidden: wasHidden === true,
  };
}

function seriesOf(value: unknown): Series {
  const { kind, heat, tokens, perSecond } = fieldsOf(value);
  if (kind !== 'prefill' && kind !== 'decode') throw new Refused();
  if (heat !== 'cold' && heat !== 'warm') throw new Refused();
  const samples = listOf(perSecond, MOST_SAMPLES).map(rateOf);
  must(samples.length > 0);
  return { kind, heat, tokens: numberOf(tokens, 2 ** 20), perSecond: samples };
}

function pointOf(value: unknown): DriftPoint {
  const { atMs, perSecond } = fieldsOf(value);
  return { atMs: numberOf(atMs, 1e9), perSecond: rateOf(perSecond) };
}

function rateOf(value: unknown): number {
  const rate = numberOf(value, 1e7);
  must(rate > 0);
  return rate;
}

/** From 0 on. */
function numberOf(value: unknown, most: number): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= most)) throw new Refused();
  return value;
}

/** Without what cannot be seen or turns the direction of writing; cut where it is too long. */
function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Refused();
  return value
    .slice(0, MOST_CHARACTERS)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .trim();
}

function listOf(value: unknown, most: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > most) throw new Refused();
  return value;
}

function nullOr<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null ? null : read(value);
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refused();
  return value as Fields;
}

function must(isSo: boolean): void {
  if (!isSo) throw new Refused();
}
