/**
 * Decoding speed of the last second, in tokens per second: the tokens sampled in it, divided by the
 * time they took, counted from the token before them. The first token of a reply has none before it
 * and is not counted; prefill paid for it.
 *
 * @param atMs when each token was sampled: milliseconds on one clock, ascending
 * @param nowMs the same clock
 * @returns `null` when no counted token falls into the last second. Unknown is not zero.
 */
export function tokensPerSecondNow(atMs: readonly number[], nowMs: number): number | null {
  let first = atMs.length;
  while (first > 0 && (atMs[first - 1] ?? 0) > nowMs - 1000) first--;
  const before = Math.max(0, first - 1);
  const startMs = atMs[before];
  const endMs = atMs.at(-1);
  if (startMs === undefined || endMs === undefined || first === atMs.length || endMs <= startMs) {
    return null;
  }
  return ((atMs.length - 1 - before) * 1000) / (endMs - startMs);
}
