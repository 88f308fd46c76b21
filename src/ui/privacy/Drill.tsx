import type { WayOutTried } from '../../contract/requests.ts';
import { allRefused } from '../../state/privacy.ts';
import { useApp } from '../app-context.ts';
import { Icon } from '../parts/Icon.tsx';
import { drill as words, policy } from '../later-words.ts';
import { failureText } from '../failure-text.ts';
import './privacy.css';

/** The fire drill: tries to get out of the page and of the worker, and shows what the browser did. */
export function Drill() {
  const { privacy } = useApp();
  const drill = privacy.drill.value;
  const isRunning = drill.type === 'running';
  return (
    <section class="privacy__part">
      <h3 class="privacy__heading">{words.title}</h3>
      <p>{words.hint}</p>
      <button
        class="button privacy__button"
        type="button"
        aria-disabled={isRunning}
        onClick={() => void privacy.runDrill()}
      >
        {isRunning ? words.running : words.run}
      </button>
      <div aria-live="polite">
        {drill.type === 'failed' && <p>{failureText(drill.error)}</p>}
        {drill.type === 'done' && (
          <>
            <Verdict isHeld={allRefused(drill.page) && allRefused(drill.inference)} />
            <Tried from={policy.bound.page} tried={drill.page} />
            <Tried from={policy.bound.inference} tried={drill.inference} />
          </>
        )}
      </div>
    </section>
  );
}

function Verdict({ isHeld }: { readonly isHeld: boolean }) {
  return (
    <p class={isHeld ? 'privacy__verdict' : 'privacy__verdict privacy__verdict--failed'}>
      <Icon name={isHeld ? 'check' : 'alert'} />
      {isHeld ? words.allRefused : words.notRefused}
    </p>
  );
}

function Tried({ from, tried }: { readonly from: string; readonly tried: readonly WayOutTried[] }) {
  return (
    <>
      <h4 class="privacy__subheading">{from}</h4>
      <ul class="privacy__list">
        {tried.map(({ way, outcome, directive }) => (
          <li class="privacy__row privacy__row--pair" key={way}>
            <span>{words.ways[way]}</span>
            <span class="privacy__hint">
              {outcome === 'refused'
                ? words.outcomes.refused(directive ?? '')
                : words.outcomes[outcome]}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
