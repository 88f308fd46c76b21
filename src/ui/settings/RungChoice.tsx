import { useId } from 'preact/hooks';
import type { Obstacle } from '../../state/ladder.ts';
import type { SurveyedRung } from '../../state/ladder-store.ts';
import { useApp } from '../app-context.ts';
import { formatDate } from '../format.ts';
import { engines as words } from '../later-words.ts';
import { closeSheet } from '../open-sheet.ts';
import { Choice } from '../parts/Choice.tsx';
import { joints, rungs } from '../words.ts';

/** Where models run: by itself, or where the person says. What cannot run here says why; what failed may be chosen. */
export function RungChoice() {
  const { ladder, engine, models } = useApp();
  const name = useId();
  const state = engine.value;
  const model = state.type === 'idle' ? null : state.model.id;
  const running = state.type === 'ready' || state.type === 'answering' ? state.rung : null;
  const pinned = ladder.pinned.value;
  // Nothing is known against any rung while the device has not been looked at.
  const survey = ladder.current.value.capability === null ? [] : ladder.survey(model);
  const tryAgain = () => {
    closeSheet();
    void models.tryAllRungs();
  };
  return (
    <fieldset class="settings__group">
      <legend>{words.title}</legend>
      <p class="settings__hint">{words.intro}</p>
      <Choice
        type="radio"
        name={name}
        label={words.automatic}
        hint={words.automaticHint}
        isChosen={pinned === null}
        onChange={() => models.chooseRung(null)}
      />
      {survey.map((surveyed) => (
        <Choice
          key={surveyed.rung}
          type="radio"
          name={name}
          label={words.names[surveyed.rung]}
          hint={hintsFor(surveyed, surveyed.rung === running).join(joints.gap)}
          isChosen={pinned === surveyed.rung}
          isPossible={isPossible(surveyed)}
          onChange={() => models.chooseRung(surveyed.rung)}
        />
      ))}
      {survey.some(({ obstacle }) => obstacle?.type === 'failed') && (
        <button class="button" type="button" onClick={tryAgain}>
          {words.tryAllAgain}
        </button>
      )}
    </fieldset>
  );
}

function hintsFor({ rung, obstacle }: SurveyedRung, isRunning: boolean): readonly string[] {
  const hints = [words.hints[rung]];
  if (isRunning) hints.push(words.runsNow);
  if (obstacle?.type === 'failed') {
    const { at, code } = obstacle.failure;
    hints.push(words.failed(formatDate(at), rungs.reason(code)));
  } else if (obstacle !== null) {
    hints.push(words.obstacles[obstacle.type]);
  }
  return hints;
}

const MAY_BE_CHOSEN: ReadonlySet<Obstacle['type']> = new Set(['failed', 'software', 'small']);

/** What failed before may be tried; what the device lacks may not. */
function isPossible({ obstacle }: SurveyedRung): boolean {
  return obstacle === null || MAY_BE_CHOSEN.has(obstacle.type);
}
