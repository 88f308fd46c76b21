import { spawnSync } from 'node:child_process';
import { bin } from './bin.ts';

/** Builds the page before the tests that need it; once for all projects, or not at all where it was just built. */
export default function buildOnce(): void {
  if (process.env['OFFGRID_BUILT'] === '1') return;
  // In a process of its own: Vitest sets NODE_ENV, and Vite would then build the page for development.
  const { NODE_ENV: _, ...env } = process.env;
  const { status } = spawnSync(bin('vite'), ['build', '--logLevel', 'error'], {
    stdio: 'inherit',
    env,
  });
  if (status !== 0) throw new Error('the page does not build');
  process.env['OFFGRID_BUILT'] = '1';
}
