import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { Clock } from './dependencies.ts';
import { tokensPerSecondNow } from './live-rate.ts';
import { RateTrace } from './rate-trace.ts';

/** How often the gauge is read while a reply runs. */
const READING_MS = 250;
/** What the trace shows, in milliseconds. */
export const TRACE_MS = 30_000;
/** Tokens older than this no longer matter to the last second, however slow the model (2 tokens a minute). */
const KEPT_TOKENS = 512;

/** Live decoding speed and its last 30 seconds. */
export interface Speedometer {
  /** Tokens per second over the last second; null when nothing runs or nothing can be measured. */
  readonly perSecond: ReadonlySignal<number | null>;
  readonly trace: RateTrace;
  /** Changes with every reading, for those who draw the trace. */
  readonly readings: ReadonlySignal<number>;
  begin(): void;
  /** Notes tokens as they arrive. @param atMs by the worker's clock, since the request */
  note(atMs: readonly number[]): void;
  end(): void;
}

export function createSpeedometer(clock: Clock): Speedometer {
  const perSecond = signal<number | null>(null);
  const readings = signal(0);
  const trace = new RateTrace(TRACE_MS / READING_MS + 1);
  let sampledAtMs: number[] = [];
  /** Page clock minus worker clock: the least delay seen, since messages only ever arrive late. */
  let offsetMs = Number.POSITIVE_INFINITY;
  let stopReading: (() => void) | null = null;

  function read(): void {
    const nowMs = clock.nowMs();
    perSecond.value = tokensPerSecondNow(sampledAtMs, nowMs - offsetMs);
    trace.push({ atMs: nowMs, perSecond: perSecond.value });
    readings.value++;
  }

  function end(): void {
    stopReading?.();
    stopReading = null;
    perSecond.value = null;
  }

  return {
    perSecond,
    trace,
    readings,
    end,
    begin() {
      end();
      sampledAtMs = [];
      offsetMs = Number.POSITIVE_INFINITY;
      trace.push({ atMs: clock.nowMs(), perSecond: null });
      stopReading = clock.every(READING_MS, read);
    },
    note(atMs) {
      const lastMs = atMs.at(-1);
      if (lastMs === undefined) return;
      offsetMs = Math.min(offsetMs, clock.nowMs() - lastMs);
      sampledAtMs.push(...atMs);
      if (sampledAtMs.length > 2 * KEPT_TOKENS) sampledAtMs = sampledAtMs.slice(-KEPT_TOKENS);
    },
  };
}
