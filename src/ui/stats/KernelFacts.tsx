import type { LoadedModel } from '../../contract/engine.ts';
import { formatBytes } from '../format.ts';
import { engineFacts, kernelFacts as words } from '../later-words.ts';
import { describeSelfTest } from './describe-self-test.ts';
import { Figure } from './Figure.tsx';
import './statistics.css';

/** How our own kernels run a model: build, form, memory, self-test. Nothing for other engines. */
export function KernelFacts({ loaded }: { readonly loaded: LoadedModel }) {
  const { kernels } = loaded.summary;
  if (kernels === undefined) return null;
  const { build, forms, memoryBytes, selfTest } = kernels;
  return (
    <>
      <dl class="statistics__facts">
        <dt>{engineFacts.build}</dt>
        <dd>{words.builds[build]}</dd>
        <dt>{words.form}</dt>
        <dd>{words.inForms(words.forms[forms.decode], words.forms[forms.prompt])}</dd>
      </dl>
      <Figure {...words.memory} value={formatBytes(memoryBytes)} />
      {selfTest !== null && <Figure {...words.selfTest} value={describeSelfTest(selfTest)} />}
    </>
  );
}
