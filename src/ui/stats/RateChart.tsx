import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { formatCount, formatRate } from '../format.ts';
import { TRACE_MS, type Speedometer } from '../../state/speedometer.ts';
import { statistics as words } from '../later-words.ts';
import { units } from '../words.ts';
import { drawTrace, scaleTop } from './draw-trace.ts';
import './rate-chart.css';

/** The last 30 seconds of the gauge: a thin line on a light grid, and the same data as a table. */
export function RateChart({ speedometer }: { readonly speedometer: Speedometer }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const top = useComputed(() => {
    void speedometer.readings.value;
    return scaleTop(samplesOf(speedometer).map(({ perSecond }) => perSecond));
  });
  const topLabel = useComputed(() => `${formatCount(top.value)} ${units.perSecond}`);
  const draw = () => {
    const samples = samplesOf(speedometer);
    if (canvas.current !== null) drawTrace(canvas.current, samples, top.value, TRACE_MS);
  };

  useSignalEffect(() => {
    void speedometer.readings.value;
    draw();
  });
  useEffect(() => {
    const life = new AbortController();
    const sizes = new ResizeObserver(draw);
    if (canvas.current !== null) sizes.observe(canvas.current);
    for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
      matchMedia(query).addEventListener('change', draw, { signal: life.signal });
    }
    return () => {
      sizes.disconnect();
      life.abort();
    };
  }, [speedometer]);

  return (
    <figure class="rate-chart">
      <span class="rate-chart__top" aria-hidden="true">
        {topLabel}
      </span>
      <canvas class="rate-chart__canvas" ref={canvas} role="img" aria-label={words.traceLabel} />
      <div class="rate-chart__axis" aria-hidden="true">
        <span>{words.ago}</span>
        <span>{words.latest}</span>
      </div>
      <TraceTable speedometer={speedometer} />
    </figure>
  );
}

/** A line a second; made only while it is open, for it changes four times a second. */
function TraceTable({ speedometer }: { readonly speedometer: Speedometer }) {
  const isOpen = useSignal(false);
  return (
    <details
      class="rate-chart__details"
      onToggle={(event) => (isOpen.value = event.currentTarget.open)}
    >
      <summary>{words.asTable}</summary>
      {isOpen.value && <TraceRows speedometer={speedometer} />}
    </details>
  );
}

function TraceRows({ speedometer }: { readonly speedometer: Speedometer }) {
  void speedometer.readings.value;
  const samples = samplesOf(speedometer);
  const lastMs = samples.at(-1)?.atMs ?? 0;
  const rows = new Map<number, number | null>();
  for (const { atMs, perSecond } of samples) {
    rows.set(Math.round((lastMs - atMs) / 1000), perSecond);
  }
  return (
    <table class="rate-chart__table">
      <thead>
        <tr>
          <th scope="col">{words.secondsAgo}</th>
          <th scope="col">{words.tokensPerSecond}</th>
        </tr>
      </thead>
      <tbody>
        {[...rows].reverse().map(([secondsAgo, perSecond]) => (
          <tr key={secondsAgo}>
            <td>{secondsAgo}</td>
            <td>{formatRate(perSecond)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The trace up to its last reading, so that it stays in view after the answer has ended. */
function samplesOf({ trace }: Speedometer) {
  const { lastAtMs } = trace;
  return lastAtMs === null ? [] : [...trace.since(lastAtMs - TRACE_MS)];
}
