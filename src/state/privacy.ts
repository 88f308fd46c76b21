import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { AppError } from '../contract/errors.ts';
import type { ReadPolicy, WayOutTried } from '../contract/requests.ts';
import { asAppError } from './as-app-error.ts';
import type { Dependencies } from './dependencies.ts';
import { createLedger, type Ledger } from './ledger.ts';

/** Tries to get out of page and engine, and what became of them. */
export type FireDrill =
  | { readonly type: 'none' }
  | { readonly type: 'running' }
  | {
      readonly type: 'done';
      readonly page: readonly WayOutTried[];
      readonly inference: readonly WayOutTried[];
      /** As ISO 8601. */
      readonly date: string;
    }
  | { readonly type: 'failed'; readonly error: AppError };

/** What a person can check of what leaves this page. */
export interface Privacy {
  readonly ledger: ReadonlySignal<Ledger>;
  /** Null until they were read. */
  readonly policies: ReadonlySignal<readonly ReadPolicy[] | null>;
  readonly drill: ReadonlySignal<FireDrill>;
  readonly readPolicies: () => Promise<void>;
  /** Once at a time. */
  readonly runDrill: () => Promise<void>;
}

export function createPrivacy({
  witness,
  engine,
  clock,
}: Pick<Dependencies, 'witness' | 'engine' | 'clock'>): Privacy {
  const { ledger, enter } = createLedger(witness.base);
  const policies = signal<readonly ReadPolicy[] | null>(null);
  const drill = signal<FireDrill>({ type: 'none' });
  witness.listen(enter);

  return {
    ledger,
    policies,
    drill,
    async readPolicies() {
      policies.value = await witness.readPolicies();
    },
    async runDrill() {
      if (drill.value.type === 'running') return;
      drill.value = { type: 'running' };
      try {
        const page = await witness.tryWaysOut();
        const inference = await engine.tryWaysOut();
        drill.value = { type: 'done', page, inference, date: clock.date() };
      } catch (thrown) {
        drill.value = { type: 'failed', error: asAppError(thrown) };
      }
    },
  };
}

/** Whether every way out was tried and refused by the policy. */
export function allRefused(tried: readonly WayOutTried[]): boolean {
  return tried.length > 0 && tried.every(({ outcome }) => outcome === 'refused');
}
