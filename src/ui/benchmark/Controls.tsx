import { useSignal } from '@preact/signals';
import { useEffect, useId } from 'preact/hooks';
import { formatCount, formatDuration } from '../format.ts';
import type { Benchmark } from '../../state/benchmark/benchmark.ts';
import {
  DRIFT_MS,
  lengthsLeftOut,
  MOST_ROUNDS,
  planFor,
  type Extent,
} from '../../state/benchmark/plan.ts';
import type { Step } from '../../state/benchmark/run-benchmark.ts';
import { useApp } from '../app-context.ts';
import { Choice } from '../parts/Choice.tsx';
import { ProgressBar } from '../parts/ProgressBar.tsx';
import { joints } from '../words.ts';
import { keepAwake } from './keep-awake.ts';
import { benchmark as words } from '../later-words.ts';

const EXTENTS: readonly Extent[] = ['quick', 'full'];

/** What is to be measured, the button that begins it, and how far it is. */
export function Controls({ benchmark }: { readonly benchmark: Benchmark }) {
  const { engine, conversation } = useApp();
  const id = useId();
  const extent = useSignal<Extent>('quick');
  const typedRounds = useSignal('3');
  const hasDrift = useSignal(false);
  const running = benchmark.running.value;
  const isRunning = running !== null;
  useEffect(() => (isRunning ? keepAwake() : undefined), [isRunning]);

  const rounds = Number(typedRounds.value);
  const isValid = Number.isInteger(rounds) && rounds >= 1 && rounds <= MOST_ROUNDS;
  const wish = { extent: extent.value, rounds, hasDrift: hasDrift.value };
  if (running !== null) return <Progress benchmark={benchmark} rounds={rounds} />;

  const { value } = engine;
  const isAnswering = conversation.live.value !== null;
  const isReady = value.type === 'ready' && !isAnswering;
  const context = value.type === 'ready' ? value.loaded.contextTokens : null;
  const missing = context === null ? [] : lengthsLeftOut(planFor(wish, context));
  return (
    <form
      class="benchmark__part"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && isValid) void benchmark.run(wish);
      }}
    >
      <fieldset class="benchmark__choices">
        <legend>{words.extentTitle}</legend>
        {EXTENTS.map((each) => (
          <Choice
            key={each}
            type="radio"
            name={id}
            label={words.extents[each]}
            hint={words.extentHints[each]}
            isChosen={extent.value === each}
            onChange={() => (extent.value = each)}
          />
        ))}
        <Choice
          type="checkbox"
          label={words.drift}
          hint={words.driftHint}
          isChosen={hasDrift.value}
          onChange={(isChosen) => (hasDrift.value = isChosen)}
        />
      </fieldset>
      <div class="benchmark__rounds">
        <label for={`${id}-rounds`}>{words.rounds}</label>
        <input
          id={`${id}-rounds`}
          type="text"
          inputmode="numeric"
          autocomplete="off"
          aria-describedby={`${id}-rounds-hint`}
          aria-invalid={!isValid}
          value={typedRounds.value}
          onInput={(event) => (typedRounds.value = event.currentTarget.value)}
        />
        <p class="benchmark__hint" id={`${id}-rounds-hint`}>
          {words.roundsHint(formatCount(MOST_ROUNDS))}
        </p>
      </div>
      {missing.length > 0 && (
        <p class="benchmark__hint">
          {words.leftOut(
            missing
              .map(({ kind, tokens }) => words.length(words.kinds[kind], formatCount(tokens)))
              .join(joints.list),
            formatCount(context),
          )}
        </p>
      )}
      {!isReady && (
        <p class="benchmark__attention">{isAnswering ? words.needsRest : words.needsModel}</p>
      )}
      <button class="button button--primary" type="submit" aria-disabled={!isReady || !isValid}>
        {words.start}
      </button>
      <p class="benchmark__hint">{words.keepOpen}</p>
    </form>
  );
}

function Progress({
  benchmark,
  rounds,
}: {
  readonly benchmark: Benchmark;
  readonly rounds: number;
}) {
  const running = benchmark.running.value;
  if (running === null) return null;
  return (
    <div class="benchmark__part">
      <p class="benchmark__step">
        {describeStep(running.step)}
        {running.step.type !== 'drift' && (
          <span class="benchmark__spread">{words.round(running.round, rounds)}</span>
        )}
      </p>
      <ProgressBar label={words.progress} fraction={running.fraction} />
      <button
        class="button"
        type="button"
        aria-disabled={running.isStopping}
        onClick={benchmark.stop}
      >
        {running.isStopping ? words.stopping : words.stop}
      </button>
      <p class="benchmark__hint">{words.keepOpen}</p>
    </div>
  );
}

function describeStep(step: Step): string {
  if (step.type === 'load') return words.loading;
  if (step.type === 'drift')
    return words.heating(formatDuration(step.elapsedMs), formatDuration(DRIFT_MS));
  const { promptTokens, newTokens, reads } = step.trial;
  const what = reads.map((kind) =>
    words.length(words.kinds[kind], formatCount(kind === 'prefill' ? promptTokens : newTokens)),
  );
  return [...what, words.heats[step.heat]].join(joints.list);
}
