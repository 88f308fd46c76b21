import { useEffect, useId, useMemo } from 'preact/hooks';
import type { AppState } from '../../state/app-state.ts';
import {
  createBenchmark,
  type Benchmark as BenchmarkState,
} from '../../state/benchmark/benchmark.ts';
import { useApp, useFacts } from '../app-context.ts';
import { Controls } from './Controls.tsx';
import { otherResult, putAway, takeFromAddress, takeFromFile } from './other-result.ts';
import { Results } from './Results.tsx';
import { Share } from './Share.tsx';
import { benchmark as words } from '../later-words.ts';
import { failureText } from '../failure-text.ts';
import './benchmark.css';

/** One for each page, made when it is first looked at. */
const benchmarks = new WeakMap<AppState, BenchmarkState>();

/** How fast this device is, measured here; beside what another one measured, where a link or a file brought it. */
export function Benchmark() {
  const app = useApp();
  const { versions } = useFacts();
  const benchmark = useMemo(() => {
    const known = benchmarks.get(app);
    if (known !== undefined) return known;
    const cores = navigator.hardwareConcurrency;
    const made = createBenchmark(app.bench, { cores, pageVersion: versions.page });
    benchmarks.set(app, made);
    return made;
  }, [app]);
  useEffect(() => {
    takeFromAddress();
    addEventListener('hashchange', takeFromAddress);
    return () => {
      removeEventListener('hashchange', takeFromAddress);
      benchmark.stop();
      putAway();
    };
  }, [benchmark]);

  const own = benchmark.own.value;
  const failure = benchmark.failure.value;
  const isRunning = benchmark.running.value !== null;
  const other = otherResult.value.type === 'there' ? otherResult.value.result : null;
  return (
    <div class="benchmark">
      <p class="benchmark__intro">{words.intro}</p>
      {other !== null && <Results here={own} other={other} />}
      <Controls benchmark={benchmark} />
      <div aria-live="polite">
        {failure !== null && (
          <p class="benchmark__attention">
            {words.failed} {failureText(failure)}
          </p>
        )}
      </div>
      {own === null && other === null && <p class="benchmark__hint">{words.none}</p>}
      {own !== null && other === null && <Results here={own} other={null} />}
      {own !== null && !isRunning && <Share result={own} />}
      {!isRunning && <Other />}
      <details class="benchmark__details">
        <summary>{words.howTitle}</summary>
        {words.how.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </details>
    </div>
  );
}

/** Brings the result of another device here, and puts it away. */
function Other() {
  const id = useId();
  const { type } = otherResult.value;
  return (
    <div class="benchmark__part">
      <div aria-live="polite">
        {type === 'unreadable' && <p class="benchmark__attention">{words.unreadable}</p>}
      </div>
      <label class="button" for={id}>
        {words.openFile}
        <input
          class="visually-hidden"
          id={id}
          type="file"
          accept=".json,application/json"
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            if (file !== undefined) void takeFromFile(file);
            event.currentTarget.value = '';
          }}
        />
      </label>
      {type !== 'none' && (
        <button class="button" type="button" onClick={putAway}>
          {words.putAway}
        </button>
      )}
    </div>
  );
}
