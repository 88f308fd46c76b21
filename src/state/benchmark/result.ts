/** What a benchmark measured, as a value: it is shown, saved as JSON, and packed into a link. */
import type { Rung } from '../../contract/rungs.ts';

export const FORMAT = 'offgrid-benchmark';

/** Speed of reading a prompt (`prefill`) or of writing a reply (`decode`), in tokens per second by the worker's clock. */
export type Kind = 'prefill' | 'decode';

/** `cold`: the first request after the model was loaded anew. `warm`: the same once more. */
export type Heat = 'cold' | 'warm';

/** One thing measured several times. */
export interface Series {
  readonly kind: Kind;
  /** Of the prompt, or of the reply. */
  readonly tokens: number;
  readonly heat: Heat;
  /** Tokens per second, one for each round, in order. */
  readonly perSecond: readonly number[];
}

/** Decoding while the device warms up. */
export interface DriftPoint {
  /** Since decoding began: the end of the stretch that this is about. */
  readonly atMs: number;
  readonly perSecond: number;
}

export interface BenchmarkResult {
  readonly format: typeof FORMAT;
  readonly version: 1;
  /** When it began, as ISO 8601 in UTC. */
  readonly date: string;
  readonly model: {
    readonly title: string;
    readonly fileName: string;
    readonly sha256: string;
    readonly totalBytes: number;
    /** Of the file: its bits divided by the model's weights. */
    readonly bitsPerWeight: number;
  };
  readonly engine: {
    readonly rung: Rung;
    readonly threads: number;
    readonly contextTokens: number;
  };
  readonly versions: {
    readonly page: string;
    readonly runtime: string;
    readonly compiler: number;
  };
  readonly device: {
    /** As the browser calls itself. */
    readonly browser: string;
    /** Null where the browser does not tell; so for the others. */
    readonly cores: number | null;
    /** Rounded and capped by the browser. */
    readonly memoryBytes: number | null;
    readonly gpu: string | null;
  };
  readonly series: readonly Series[];
  /** Of each load, from the request to ready, by the page's clock. */
  readonly loadMs: readonly number[];
  /** Null when it was not asked for. */
  readonly drift: readonly DriftPoint[] | null;
  /** The page was out of sight meanwhile, where browsers slow things down. */
  readonly wasHidden: boolean;
}

/** Whether there is anything in it to look at. */
export function isEmpty({ series, drift }: BenchmarkResult): boolean {
  return series.length === 0 && (drift ?? []).length === 0;
}
