import { defineConfig } from 'vitest/config';
import { relaxedSimdFlags } from './test/support/relaxed-simd.ts';

/** `unit` needs nothing, `built` the built page, `browser` a Chromium as well. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'],
          globalSetup: 'test/support/build-kernels-once.ts',
          execArgv: relaxedSimdFlags(),
          testTimeout: 10_000,
        },
      },
      {
        test: {
          name: 'built',
          include: ['test/built/**/*.test.ts'],
          globalSetup: ['test/support/build-kernels-once.ts', 'test/support/build-once.ts'],
          testTimeout: 30_000, // some start a process
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/support/build-kernels-once.ts', 'test/support/build-once.ts'],
          maxWorkers: 2, // one browser compiles shaders on one core, or waits; no test asserts a time
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
