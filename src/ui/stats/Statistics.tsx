import { useComputed } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { GenerationSummary } from '../../contract/stats.ts';
import { formatBytes, formatCount, formatDuration, formatRate, UNKNOWN } from '../format.ts';
import type { Answer } from '../../state/messages.ts';
import type { EngineState } from '../../state/session.ts';
import { useApp, useFacts } from '../app-context.ts';
import { modelTitle } from '../models/model-title.ts';
import { openSheet } from '../open-sheet.ts';
import { ProgressBar } from '../parts/ProgressBar.tsx';
import { engineFacts, engines, statistics as words } from '../later-words.ts';
import { figures, page } from '../words.ts';
import { Figure } from './Figure.tsx';
import { GpuFacts } from './GpuFacts.tsx';
import { KernelFacts } from './KernelFacts.tsx';
import { RateChart } from './RateChart.tsx';
import { withRateUnit, withTokenUnit } from './with-unit.ts';
import './statistics.css';

/** The instrument: what an engineer leaves open. Beside the conversation, or in a sheet on phones. */
export function Statistics() {
  return (
    <div class="statistics">
      <Gauge />
      <LastAnswer />
      <Memory />
      <EngineSection />
      <button class="button" type="button" onClick={() => (openSheet.value = 'benchmark')}>
        {page.benchmark}
      </button>
    </div>
  );
}

function Section({ title, children }: { readonly title: string; children: ComponentChildren }) {
  const titleId = useId();
  return (
    <section class="statistics__section" aria-labelledby={titleId}>
      <h3 class="statistics__heading" id={titleId}>
        {title}
      </h3>
      {children}
    </section>
  );
}

function Gauge() {
  const { speedometer } = useApp();
  const text = useComputed(() => formatRate(speedometer.perSecond.value));
  return (
    <Section title={words.now}>
      <details class="figure">
        <summary class="statistics__gauge">
          <span class="statistics__rate">{text}</span>
          <span class="statistics__caption">{words.overLastSecond}</span>
        </summary>
        <p class="figure__definition">{figures.live.definition}</p>
      </details>
      <RateChart speedometer={speedometer} />
    </Section>
  );
}

function LastAnswer() {
  const answer = useLastAnswer();
  const summary = summaryOf(answer);
  return (
    <Section title={words.lastAnswer}>
      <Figure {...figures.ttft} value={formatDuration(summary?.ttftMs ?? null)} />
      <Figure {...figures.prefill} value={withRateUnit(summary?.prefillTokensPerSecond ?? null)} />
      <Figure {...figures.decode} value={withRateUnit(summary?.decodeTokensPerSecond ?? null)} />
      <Figure {...figures.tokensIn} value={withTokenUnit(summary?.promptTokens ?? null)} />
      <Figure {...figures.reused} value={withTokenUnit(summary?.reusedTokens ?? null)} />
      <Figure {...figures.tokensOut} value={withTokenUnit(summary?.newTokens ?? null)} />
      <Figure {...figures.total} value={formatDuration(summary?.totalMs ?? null)} />
      <Figure {...figures.seed} value={answer === null ? UNKNOWN : String(answer.seed)} />
      {summary !== null && summary.runTimes !== null && (
        <>
          <Figure {...figures.record} value={formatDuration(summary.runTimes.recordMs)} />
          <Figure {...figures.gpu} value={formatDuration(summary.runTimes.gpuMs)} />
          <Figure {...figures.wait} value={formatDuration(summary.runTimes.waitMs)} />
        </>
      )}
    </Section>
  );
}

function Memory() {
  const { engine, memoryBytes } = useApp();
  const bytes = memoryBytes.value;
  const summary = summaryOf(useLastAnswer());
  const loaded = inMemoryOf(engine.value)?.loaded ?? null;
  const contextTokens = summary?.contextTokens ?? loaded?.contextTokens ?? null;
  const usedTokens = summary?.contextUsedTokens ?? (loaded === null ? null : 0);
  const context =
    contextTokens === null || usedTokens === null
      ? UNKNOWN
      : words.contextOf(formatCount(usedTokens), formatCount(contextTokens));
  return (
    <Section title={words.memory}>
      <Figure {...figures.context} value={context} />
      {contextTokens !== null && usedTokens !== null && (
        <ProgressBar label={figures.context.name} fraction={usedTokens / contextTokens} />
      )}
      <Figure
        {...figures.page}
        value={bytes === 'measuring' ? words.measuring : formatBytes(bytes)}
      />
    </Section>
  );
}

function EngineSection() {
  const { engine, threads } = useApp();
  const { versions, isIsolated } = useFacts();
  const inMemory = inMemoryOf(engine.value);
  const loaded = inMemory?.loaded ?? null;
  return (
    <Section title={words.engine}>
      <dl class="statistics__facts">
        <dt>{words.model}</dt>
        <dd>{inMemory === null ? words.noModel : modelTitle(inMemory.model.title)}</dd>
        {inMemory !== null && (
          <>
            <dt>{engineFacts.runsOn}</dt>
            <dd>{engines.names[inMemory.rung]}</dd>
            <dt>{words.target}</dt>
            <dd>
              {words.compiler(
                inMemory.loaded.manifest.target,
                inMemory.loaded.manifest.compilerVersion,
              )}
            </dd>
          </>
        )}
        <dt>{words.runtime}</dt>
        <dd>{versions.runtime}</dd>
        <dt>{words.tokenizer}</dt>
        <dd>{versions.tokenizer}</dd>
        <dt>{words.pageVersion}</dt>
        <dd>{versions.page}</dd>
      </dl>
      <Figure {...figures.threads} value={String(loaded?.summary.threads ?? threads)} />
      {!isIsolated && <p class="statistics__attention">{words.singleThread}</p>}
      {loaded !== null && <GpuFacts loaded={loaded} />}
      {loaded !== null && <KernelFacts loaded={loaded} />}
      {loaded !== null && (
        <>
          <Figure
            {...figures.loadTotal}
            value={formatDuration(
              loaded.summary.phases.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0),
            )}
          />
          <dl class="statistics__facts statistics__facts--inner">
            {loaded.summary.phases.map(({ name, elapsedMs }) => (
              <div class="statistics__fact" key={name}>
                <dt>{words.loadPhases[name]}</dt>
                <dd>{formatDuration(elapsedMs)}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </Section>
  );
}

function useLastAnswer(): Answer | null {
  const { conversation } = useApp();
  const last = conversation.messages.value.findLast(({ role }) => role === 'assistant');
  return last?.role === 'assistant' ? last : null;
}

/** Null for an answer that broke off: its numbers died with the engine. */
function summaryOf(answer: Answer | null): GenerationSummary | null {
  return answer?.ending.type === 'ended' ? answer.ending.summary : null;
}

function inMemoryOf(state: EngineState) {
  return state.type === 'ready' || state.type === 'answering' ? state : null;
}
