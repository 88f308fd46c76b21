import type { RequestMaker, RequestRecord } from '../contract/requests.ts';

/**
 * Tells of every request that this page or worker made or makes, from its beginning on, as the browser's own list has
 * them (Resource Timing). The list knows nothing of WebSockets, and nothing of what a policy refused.
 *
 * @param isOurs false for an entry that is told elsewhere
 */
export function tellRequests(
  maker: RequestMaker,
  tell: (records: readonly RequestRecord[]) => void,
  isOurs: (entry: PerformanceResourceTiming) => boolean = () => true,
): void {
  const types = maker === 'page' ? ['navigation', 'resource'] : ['resource'];
  for (const type of types) {
    new PerformanceObserver((list) => {
      const entries = list.getEntries() as PerformanceResourceTiming[];
      const records = entries.filter(isOurs).map((entry) => recordOf(maker, entry));
      if (records.length > 0) tell(records);
    }).observe({ type, buffered: true });
  }
}

/** The parts of an entry that are read here. */
export type Timing = Pick<
  PerformanceResourceTiming,
  'name' | 'transferSize' | 'decodedBodySize' | 'workerStart'
>;

export function recordOf(maker: RequestMaker, entry: Timing): RequestRecord {
  const { name, transferSize, decodedBodySize, workerStart } = entry;
  const [url = name] = name.split('#', 1);
  const told = { maker, url, requests: 1 } as const;
  if (workerStart > 0) return { ...told, answeredBy: 'service-worker', networkBytes: 0 };
  if (transferSize > 0) return { ...told, answeredBy: 'network', networkBytes: transferSize };
  if (decodedBodySize > 0) return { ...told, answeredBy: 'browser-cache', networkBytes: 0 };
  return { ...told, answeredBy: 'untold', networkBytes: null };
}
