import { formatBytes } from '../format.ts';
import type { LedgerLine } from '../../state/ledger.ts';
import { useApp, useFacts } from '../app-context.ts';
import { ledger as words } from '../later-words.ts';
import { joints } from '../words.ts';
import './privacy.css';

/** Every request of the page and its workers: to whom, what for, how much. Those to other hosts come first. */
export function RequestLedger() {
  const { lines, requests, networkBytes, requestsElsewhere } = useApp().privacy.ledger.value;
  const sorted = lines.toSorted((a, b) => Number(b.isElsewhere) - Number(a.isElsewhere));
  return (
    <section class="privacy__part">
      <h3 class="privacy__heading">{words.title}</h3>
      <p>
        {words.total(requests, formatBytes(networkBytes))}
        {joints.gap}
        {requestsElsewhere === 0 ? words.nowhere : words.elsewhere(requestsElsewhere)}
      </p>
      <details class="privacy__details">
        <summary>{words.each}</summary>
        <ul class="privacy__list">
          {sorted.map((line) => (
            <Line key={`${line.maker} ${line.url}`} line={line} />
          ))}
        </ul>
        <p class="privacy__hint">{words.hint}</p>
      </details>
    </section>
  );
}

function Line({ line }: { readonly line: LedgerLine }) {
  const { base } = useFacts();
  const { maker, url, purpose, requests, networkBytes, answeredBy, isElsewhere } = line;
  const path = url.startsWith(base) ? `./${url.slice(base.length)}` : url;
  const by = answeredBy.map((answer) => words.answers[answer]).join(joints.list);
  const what = [words.purposes[purpose], words.times(requests), formatBytes(networkBytes), by];
  return (
    <li class={isElsewhere ? 'privacy__row privacy__row--elsewhere' : 'privacy__row'}>
      <span class="privacy__path">{path}</span>
      <span class="privacy__hint">{joints.labelled(words.makers[maker], what.join(' · '))}</span>
    </li>
  );
}
