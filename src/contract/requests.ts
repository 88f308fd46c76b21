/** What the page and its workers tell of the requests they made, and of tries to reach somebody they may not. */

export type RequestMaker = 'page' | 'inference' | 'store' | 'download' | 'service-worker';

export interface RequestRecord {
  readonly maker: RequestMaker;
  /** Absolute, without fragment. */
  readonly url: string;
  /** 0 for more about a request that was told before. */
  readonly requests: 0 | 1;
  /**
   * Who answered. `service-worker`: this page's own, with what it keeps or with what it fetched, which it then tells
   * itself. `untold`: the browser does not say, as of other origins and of what failed.
   */
  readonly answeredBy: 'network' | 'service-worker' | 'browser-cache' | 'untold';
  /** Bytes that came over the network for it; null where the browser does not say. */
  readonly networkBytes: number | null;
}

/** A worker posts these beside its other messages. */
export interface ToldRequests {
  readonly toldRequests: readonly RequestRecord[];
}

export function isToldRequests(message: unknown): message is ToldRequests {
  return typeof message === 'object' && message !== null && 'toldRequests' in message;
}

/** Whom the page tries to reach to see that it cannot: a name that belongs to nobody (RFC 2606 reserves `.invalid`). */
export const CANARY_HOST = 'canary.invalid';

/** Ways out of a page or a worker. */
export type WayOut = 'fetch' | 'websocket' | 'script' | 'beacon' | 'image';

/** One try to reach a host that is not this page's. */
export interface WayOutTried {
  readonly way: WayOut;
  /**
   * `refused`: the browser did, by the policy. `failed`: nothing kept it from being sent, but it did not get there.
   * `sent`: it left.
   */
  readonly outcome: 'refused' | 'failed' | 'sent';
  /** Which part of the policy refused it; null unless `refused`. */
  readonly directive: string | null;
  /** The policy as the browser quotes it when it refuses; null unless `refused`. */
  readonly policy: string | null;
}

/** A policy in force, and where it was read. */
export interface ReadPolicy {
  readonly bound: 'page' | 'inference' | 'store' | 'download';
  readonly source: 'header' | 'element';
  /** Null: there is none. */
  readonly text: string | null;
}
