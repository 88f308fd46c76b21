/**
 * Resolves when the page has nothing else to do, so that what it shows comes first; after `longestMs` in any case. At
 * the next turn where a browser does not tell (Safari).
 */
export function untilIdle(
  view: Partial<Pick<Window, 'requestIdleCallback'>>,
  longestMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => resolve();
    if (view.requestIdleCallback === undefined) setTimeout(done);
    else view.requestIdleCallback(done, { timeout: longestMs });
  });
}
