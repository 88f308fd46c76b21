/** For `expect.poll` about a page: as long as Playwright waits, where Vitest's own second is short for a busy machine. */
export const PATIENT = { timeout: 30_000 } as const;
