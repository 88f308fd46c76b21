import type { LoadedModel } from '../../contract/engine.ts';
import type { Adapter } from '../../contract/rungs.ts';
import { formatBytes, formatCount } from '../format.ts';
import { engineFacts as words } from '../later-words.ts';
import { joints } from '../words.ts';
import { describeSelfTest } from './describe-self-test.ts';
import { Figure } from './Figure.tsx';
import './statistics.css';

/** What a model runs on and takes there, when that is a GPU: adapter, bits, memory, self-test. Nothing on the CPU. */
export function GpuFacts({ loaded }: { readonly loaded: LoadedModel }) {
  const { summary, manifest } = loaded;
  if (summary.gpu === null) return null;
  const { adapter, memory, cacheBuffers, shaders, replaysDecode, selfTest, usedFeatures } =
    summary.gpu;
  const { weightBytes, cacheBytes, otherBytes } = memory;
  return (
    <>
      <dl class="statistics__facts">
        <dt>{words.adapter}</dt>
        <dd>{nameOf(adapter)}</dd>
        <dt>{words.build}</dt>
        <dd>{words.builds[adapter.ortBuild]}</dd>
        <dt>{words.replay}</dt>
        <dd>{replaysDecode ? words.replays : words.records}</dd>
      </dl>
      <Figure {...words.memory} value={formatBytes(weightBytes + cacheBytes + otherBytes)} />
      <Facts
        facts={[
          [words.weights, formatBytes(weightBytes)],
          [words.cache(formatCount(cacheBuffers)), formatBytes(cacheBytes)],
          [words.other, formatBytes(otherBytes)],
        ]}
      />
      {'matrices' in manifest && (
        <details class="figure">
          <Disclosure name={words.bits} />
          <Facts
            facts={manifest.matrices.map(({ kind, bits, blockSize, totalBytes }) => [
              words.kinds[kind],
              words.stored(bits, blockSize, formatBytes(totalBytes)),
            ])}
          />
        </details>
      )}
      <Figure {...words.shaders} value={formatCount(shaders)} />
      <Figure {...words.selfTest} value={describeSelfTest(selfTest)} />
      <details class="figure">
        <Disclosure name={words.features} />
        <p class="figure__definition">{adapter.features.join(joints.list) || words.none}</p>
        <p class="figure__definition">
          {joints.labelled(words.usedFeatures, usedFeatures.join(joints.list) || words.none)}
        </p>
      </details>
      <details class="figure">
        <Disclosure name={words.limits} />
        <Facts
          facts={Object.entries(adapter.limits).map(([name, limit]) => [name, formatCount(limit)])}
        />
      </details>
    </>
  );
}

function Disclosure({ name }: { readonly name: string }) {
  return (
    <summary class="figure__line">
      <span class="figure__name">{name}</span>
    </summary>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, string])[] }) {
  return (
    <dl class="statistics__facts statistics__facts--inner">
      {facts.map(([name, value]) => (
        <div class="statistics__fact" key={`${name} ${value}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function nameOf({ description, vendor, architecture, device }: Adapter): string {
  const named = [vendor, architecture, device].filter((part) => part !== '').join(' ');
  return description || named || words.unnamed;
}
