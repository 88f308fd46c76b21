/**
 * A result in the fragment of an address: the part behind `#`, which browsers send to nobody. As JSON without names, in base64url. Read back, it
 * goes through the same checks as a file.
 */
import { readResult } from './read-result.ts';
import { FORMAT, type BenchmarkResult } from './result.ts';

const MARK = '#benchmark=';
/** Five times what the largest run takes. */
const MOST_CHARACTERS = 16_384;

export function isResultFragment(fragment: string): boolean {
  return fragment.startsWith(MARK);
}

/** @returns with its `#`; letters, digits, `-` and `_` behind it */
export function toFragment(result: BenchmarkResult): string {
  const { model, engine, versions, device } = result;
  const compact = [
    result.version,
    result.date,
    [model.title, model.fileName, model.sha256, model.totalBytes, short(model.bitsPerWeight)],
    [engine.rung, engine.threads, engine.contextTokens],
    [versions.page, versions.runtime, versions.compiler],
    [device.browser, device.cores, device.memoryBytes, device.gpu],
    result.series.map(({ kind, heat, tokens, perSecond }) => [
      kind,
      heat,
      tokens,
      ...perSecond.map(short),
    ]),
    result.loadMs.map(short),
    result.drift?.map(({ atMs, perSecond }) => [atMs, short(perSecond)]) ?? null,
    result.wasHidden,
  ];
  const bytes = new TextEncoder().encode(JSON.stringify(compact));
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return MARK + base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @returns null for anything that is not a result */
export function fromFragment(fragment: string): BenchmarkResult | null {
  if (!isResultFragment(fragment) || fragment.length > MOST_CHARACTERS) return null;
  const base64 = fragment.slice(MARK.length).replaceAll('-', '+').replaceAll('_', '/');
  let found: unknown;
  try {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    found = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
  const [version, date, model, engine, versions, device, series, loadMs, drift, wasHidden] =
    listOf(found);
  const [title, fileName, sha256, totalBytes, bitsPerWeight] = listOf(model);
  const [rung, threads, contextTokens] = listOf(engine);
  const [page, runtime, compiler] = listOf(versions);
  const [browser, cores, memoryBytes, gpu] = listOf(device);
  return readResult({
    format: FORMAT,
    version,
    date,
    model: { title, fileName, sha256, totalBytes, bitsPerWeight },
    engine: { rung, threads, contextTokens },
    versions: { page, runtime, compiler },
    device: { browser, cores, memoryBytes, gpu },
    series: listOf(series).map((one) => {
      const [kind, heat, tokens, ...perSecond] = listOf(one);
      return { kind, heat, tokens, perSecond };
    }),
    loadMs,
    drift:
      drift === null
        ? null
        : listOf(drift).map((one) => {
            const [atMs, perSecond] = listOf(one);
            return { atMs, perSecond };
          }),
    wasHidden,
  });
}

/** Four figures: more than any clock here is good for. */
function short(value: number): number {
  return Number(value.toPrecision(4));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
