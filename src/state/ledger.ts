import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { RequestMaker, RequestRecord } from '../contract/requests.ts';
import { purposeOf, type RequestPurpose } from './request-purpose.ts';

/** Every request that the page and its workers made since it opened. */
export interface Ledger {
  /** The first that was made first. */
  readonly lines: readonly LedgerLine[];
  /** Tries of the fire drill do not count: what became of each is told there. */
  readonly requests: number;
  /** Bytes that came over the network, as far as the browser tells. */
  readonly networkBytes: number;
  /** Of the requests, those to other origins than this page's. */
  readonly requestsElsewhere: number;
}

/** What one part of the page asked of one address. */
export interface LedgerLine {
  readonly maker: RequestMaker;
  readonly url: string;
  readonly isElsewhere: boolean;
  readonly purpose: RequestPurpose;
  readonly requests: number;
  /** Null where the browser tells of none of them. */
  readonly networkBytes: number | null;
  readonly answeredBy: readonly RequestRecord['answeredBy'][];
}

export interface LedgerBook {
  readonly ledger: ReadonlySignal<Ledger>;
  readonly enter: (records: readonly RequestRecord[]) => void;
}

/** @param base address of the page, with a slash at the end */
export function createLedger(base: string): LedgerBook {
  const lines = new Map<string, LedgerLine>();
  const ledger = signal<Ledger>({ lines: [], requests: 0, networkBytes: 0, requestsElsewhere: 0 });
  const { origin } = new URL(base);

  function enterOne(record: RequestRecord): void {
    const { maker, url, answeredBy } = record;
    const key = `${maker} ${url}`;
    const before = lines.get(key) ?? {
      maker,
      url,
      isElsewhere: new URL(url).origin !== origin,
      purpose: purposeOf(url, base),
      requests: 0,
      networkBytes: null,
      answeredBy: [],
    };
    lines.set(key, {
      ...before,
      requests: before.requests + record.requests,
      networkBytes: sum(before.networkBytes, record.networkBytes),
      answeredBy: before.answeredBy.includes(answeredBy)
        ? before.answeredBy
        : [...before.answeredBy, answeredBy],
    });
  }

  return {
    ledger,
    enter(records) {
      records.forEach(enterOne);
      const all = [...lines.values()];
      const counted = all.filter(({ purpose }) => purpose !== 'drill');
      const count = (some: readonly LedgerLine[]) =>
        some.reduce((n, { requests }) => n + requests, 0);
      ledger.value = {
        lines: all,
        requests: count(counted),
        networkBytes: all.reduce((bytes, line) => bytes + (line.networkBytes ?? 0), 0),
        requestsElsewhere: count(counted.filter(({ isElsewhere }) => isElsewhere)),
      };
    },
  };
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : a + b;
}
