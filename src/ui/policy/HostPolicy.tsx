import { useApp } from '../app-context.ts';
import { formatCount } from '../format.ts';
import { language } from '../language.ts';
import { hostPolicy as words } from '../later-words.ts';
import './host-policy.css';

/** Shown for as long as the host of this page has a policy: its notice, and every decision made by it. Or why it does not count. */
export function HostPolicy() {
  const { policy } = useApp();
  const state = policy.state.value;
  const decisions = policy.decisions.value;
  if (state.type === 'off' || state.type === 'unknown') return null; // an answer that it keeps from being given says so
  if (state.type === 'refused') {
    return (
      <p class="host-policy host-policy--refused" role="status">
        {words.refused(
          formatCount(state.line),
          words.faults[state.reason.code](state.reason.detail),
        )}
      </p>
    );
  }
  const { notice } = state.policy;
  const own = notice.get(language.value) ?? notice.get('en') ?? [...notice.values()][0];
  return (
    <aside class="host-policy" aria-label={words.title}>
      <p>{own ?? words.notice}</p>
      {decisions.length > 0 && (
        <details>
          <summary>{words.decisions(decisions.length)}</summary>
          <ul class="host-policy__list">
            {decisions.map(({ at, side, action, pattern }, index) => (
              <li key={index}>
                <time dateTime={at}>{at.slice(11, 19)}</time>{' '}
                {words.decision(words.sides[side], words.actions[action], pattern)}
              </li>
            ))}
          </ul>
          <p class="host-policy__hint">{words.stays}</p>
        </details>
      )}
    </aside>
  );
}
