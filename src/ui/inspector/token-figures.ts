import type { TracedToken } from '../../state/traces.ts';
import { showControls } from '../markdown/plain-text.ts';

/** In nats: from here on a token is of the next level. */
const LEVELS = [0.1, 0.5, 1, 2, 4];

/** 0–5: how much the model itself would have been surprised. */
export function surpriseLevel({ before }: TracedToken): number {
  const nats = -Math.log(before);
  return LEVELS.filter((level) => nats >= level).length;
}

/** From the token before it; of the first one from the beginning of the request. */
export function elapsedMs(tokens: readonly TracedToken[], index: number): number | null {
  const token = tokens[index];
  if (token === undefined) return null;
  const elapsed = token.atMs - (tokens[index - 1]?.atMs ?? 0);
  return elapsed < 0 ? token.atMs : elapsed; // where an answer went on, the clock began anew
}

/** A token as one sees it in quotation marks, spaces and line breaks included. */
export function quoted(text: string): string {
  return showControls(text).replaceAll('\n', '⏎').replaceAll('\t', '⇥').replaceAll(' ', '␣') || '∅';
}

/** The probability that it was drawn with, after the whole chain. */
export function drawnWith({ id, alternatives }: TracedToken): number {
  return alternatives.find((other) => other.id === id)?.after ?? 0;
}
