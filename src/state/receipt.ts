import type { ReadPolicy } from '../contract/requests.ts';
import type { Ledger } from './ledger.ts';
import type { OfflineState } from './offline.ts';
import type { FireDrill } from './privacy.ts';

export interface ReceiptFacts {
  /** As ISO 8601. */
  readonly date: string;
  readonly address: string;
  readonly browser: string;
  readonly isIsolated: boolean;
  readonly versions: Readonly<Record<string, string>>;
  readonly ledger: Ledger;
  readonly policies: readonly ReadPolicy[] | null;
  readonly drill: FireDrill;
  readonly offline: OfflineState;
  /** What the page cannot see, in the words that the person reads. */
  readonly limits: readonly string[];
}

/** All that the privacy page shows, as a file to keep or to show around. No question and no answer is in it. */
export function receipt(facts: ReceiptFacts): string {
  const { ledger, drill, offline, ...rest } = facts;
  const { lines, ...totals } = ledger;
  const written = {
    format: 'offgrid-privacy-receipt/1',
    ...rest,
    totals,
    requests: lines,
    tries: drill.type === 'done' ? drill : null,
    offline: offline.type,
  };
  return `${JSON.stringify(written, null, 2)}\n`;
}
