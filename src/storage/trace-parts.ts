import type { TraceRecord } from './records.ts';

/** Parts of one answer, in the order of their tokens, as the whole they are of; null for none. What lies before a gap is left out. */
export function joinParts(parts: readonly TraceRecord[]): TraceRecord | null {
  const known = parts.filter(({ version }) => version === 1);
  let run: TraceRecord[] = [];
  for (const part of known) {
    const last = run.at(-1);
    const follows = last !== undefined && last.firstToken + last.tokens.length === part.firstToken;
    run = follows ? [...run, part] : [part];
  }
  const [first] = run;
  if (first === undefined) return null;
  const prompt = known.findLast((part) => part.prompt !== null)?.prompt ?? null;
  return { ...first, tokens: run.flatMap(({ tokens }) => tokens), prompt };
}
