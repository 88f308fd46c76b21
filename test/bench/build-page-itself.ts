import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** In a process of its own: the bundler writes to standard output, which is for the numbers. */
export function buildPageItself(): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const vite = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url));
  const { status } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('the page was not built');
}
