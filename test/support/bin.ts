import { join } from 'node:path';

/** An installed command line, by path: `npx` reads some of the flags that are meant for the command. */
export function bin(name: string): string {
  return join(import.meta.dirname, '../../node_modules/.bin', name);
}
