import { useEffect } from 'preact/hooks';
import type { KeptFile } from '../../contract/service-worker.ts';
import { formatBytes } from '../format.ts';
import type { Lack } from '../../state/offline.ts';
import { useApp } from '../app-context.ts';
import { modelTitle } from '../models/model-title.ts';
import { Icon } from '../parts/Icon.tsx';
import { offline as words } from '../later-words.ts';
import { joints, page } from '../words.ts';
import './privacy.css';

/** The seal with what it stands for: every file that was looked at, and what is missing. */
export function OfflineReadiness() {
  const { offline: readiness, install } = useApp();
  useEffect(() => void readiness.check(), [readiness]);
  return (
    <section class="privacy__part" aria-live="polite">
      <h3 class="privacy__heading">{words.title}</h3>
      <Verdict />
      {install.value !== null && (
        <div class="privacy__act">
          <button class="button" type="button" onClick={install.value}>
            <Icon name="download" />
            {words.install}
          </button>
          <p class="privacy__hint">{words.installHint}</p>
        </div>
      )}
    </section>
  );
}

function Verdict() {
  const { offline: readiness } = useApp();
  const state = readiness.state.value;
  if (state.type === 'unknown' || state.type === 'checking') return <p>{words.checking}</p>;
  if (state.type === 'ready') {
    const { files, model } = state;
    const totalBytes = files.reduce((sum, file) => sum + (file.totalBytes ?? 0), 0);
    return (
      <>
        <p class="privacy__verdict">
          <Icon name="check" />
          {page.offlineSeal}
        </p>
        <p>
          {words.ready(files.length, formatBytes(totalBytes))}
          {joints.gap}
          {words.model(modelTitle(model.title), formatBytes(model.totalBytes))}
        </p>
        <Files files={files} />
      </>
    );
  }
  return (
    <>
      <p class="privacy__verdict privacy__verdict--wanting">
        <Icon name="alert" />
        {words.notReady}
      </p>
      {state.lacks.map((lack) => (
        <p key={lack.type}>{sentenceOf(lack)}</p>
      ))}
      <button class="button privacy__button" type="button" onClick={() => void readiness.check()}>
        <Icon name="again" />
        {words.again}
      </button>
      {state.files.length > 0 && <Files files={state.files} />}
    </>
  );
}

function sentenceOf(lack: Lack): string {
  if (lack.type === 'files') return words.lacks.files(lack.paths.length);
  if (lack.type === 'model') return words.lacks.model(modelTitle(lack.title));
  return words.lacks[lack.type];
}

/** What is not as it should be comes first. */
function Files({ files }: { readonly files: readonly KeptFile[] }) {
  const sorted = files.toSorted((a, b) => Number(a.state === 'kept') - Number(b.state === 'kept'));
  return (
    <details class="privacy__details" open={sorted[0]?.state !== 'kept'}>
      <summary>{words.files}</summary>
      <ul class="privacy__list">
        {sorted.map(({ path, totalBytes, state }) => (
          <li class="privacy__row" key={path}>
            <span class="privacy__path">{path}</span>
            <span class="privacy__hint">
              {formatBytes(totalBytes)} · {words.states[state]}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
