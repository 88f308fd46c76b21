import { useEffect } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { policy as words } from '../later-words.ts';
import { joints } from '../words.ts';
import './privacy.css';

/** What the browser was told to forbid, word by word, as it came with page and scripts. */
export function PolicyInForce() {
  const { privacy } = useApp();
  useEffect(() => void privacy.readPolicies(), [privacy]);
  const policies = privacy.policies.value;
  return (
    <section class="privacy__part">
      <h3 class="privacy__heading">{words.title}</h3>
      <p class="privacy__hint">{policies === null ? words.reading : words.hint}</p>
      {policies?.map(({ bound, source, text }) => (
        <details class="privacy__details" key={`${bound} ${source}`}>
          <summary>{[words.bound[bound], words.sources[source]].join(joints.list)}</summary>
          <ul class="privacy__list">
            {(text ?? words.none).split('; ').map((directive) => (
              <li class="privacy__path" key={directive}>
                {directive}
              </li>
            ))}
          </ul>
        </details>
      ))}
    </section>
  );
}
