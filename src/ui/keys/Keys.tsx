import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { keys as words } from '../later-words.ts';
import { act, ACTIONS, canDo, LETTERS } from './key-actions.ts';
import { isSingleKeyOn, switchSingleKey } from './single-key.ts';
import '../styles/row-button.css';
import './keys.css';

/** Every key of the page, and what it does. That the letters do it while it is open, `KeyPresses` sees to. */
export function Keys() {
  const app = useApp();
  const id = useId();
  return (
    <div class="keys">
      <p class="keys__hint">{words.intro}</p>
      <ul class="keys__actions">
        {ACTIONS.map((action) => (
          <li key={action}>
            <button
              class="row-button keys__action"
              type="button"
              aria-keyshortcuts={LETTERS[action]}
              aria-disabled={!canDo(action, app)}
              onClick={() => canDo(action, app) && act(action, app)}
            >
              <span>{words.actions[action]}</span>
              <kbd>{LETTERS[action].toUpperCase()}</kbd>
            </button>
          </li>
        ))}
      </ul>
      <h3 class="keys__title">{words.everywhere}</h3>
      <dl class="keys__direct">
        {direct().map(([what, ...ways]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{joined(ways)}</dd>
          </div>
        ))}
      </dl>
      <div class="keys__switch">
        <input
          type="checkbox"
          id={id}
          checked={isSingleKeyOn.value}
          aria-describedby={`${id}-hint`}
          onChange={(event) => switchSingleKey(event.currentTarget.checked)}
        />
        <label for={id}>{words.single}</label>
        <p class="keys__hint" id={`${id}-hint`}>
          {words.singleHint}
        </p>
      </div>
    </div>
  );
}

/** What is done, and in which ways: keys that are pressed together, named as they are on keyboards of any language. */
function direct(): readonly (readonly [string, ...(readonly string[])[]])[] {
  const { direct: what } = words;
  return [
    [what.ask, ['Enter']],
    [what.newLine, ['Shift', 'Enter']],
    [what.stop, ['Esc']],
    [what.list, ...(isSingleKeyOn.value ? [['?']] : []), ['Ctrl', '/']],
    [what.turns, ['Alt', 'Page Up'], ['Alt', 'Page Down']],
    [what.conversations, ['Alt', 'Shift', 'Page Up'], ['Alt', 'Shift', 'Page Down']],
    [what.controls, ['Tab']],
  ];
}

function joined(ways: readonly (readonly string[])[]): ComponentChildren {
  return ways.map((way, index) => (
    <span class="keys__way" key={index}>
      {way.map((name, at) => (
        <>
          {at > 0 && ' + '}
          <kbd>{name}</kbd>
        </>
      ))}
    </span>
  ));
}
