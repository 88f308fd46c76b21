import { fileURLToPath } from 'node:url';

/** A file of test/golden. */
export const goldenPath = (name: string) =>
  fileURLToPath(new URL(`../golden/${name}`, import.meta.url));
