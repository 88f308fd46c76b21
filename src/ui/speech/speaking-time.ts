/** A quick listener's pace: what is said is then seldom behind, and never far. */
const MS_A_LETTER = 40;
const MS_A_CHINESE_SIGN = 120;
const LEAST_MS = 400;

/** About how long a screen reader says this, in milliseconds. */
export function speakingMs(text: string): number {
  const signs = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  return Math.max(LEAST_MS, signs * MS_A_CHINESE_SIGN + (text.length - signs) * MS_A_LETTER);
}
