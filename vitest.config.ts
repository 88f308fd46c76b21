import { defineConfig } from 'vitest/config';
import { relaxedSimdFlags } from './test/support/relaxed-simd.ts';

/** Where SwiftShader is the GPU: busy all the time, so one file at a time, beside one of the others, which wait much. */
const GPU_TESTS = ['test/browser/webgpu-*.test.ts', 'test/browser/ladder.test.ts'];
/** They come after those in the same lane, so that both lanes end at about the same time. */
const DOWNLOAD_TESTS = ['test/browser/download-*.test.ts'];

/** Real Chromium. Compiling shaders on a busy CPU takes a while; no test asserts a time. */
const IN_A_BROWSER = {
  globalSetup: ['test/support/build-kernels-once.ts', 'test/support/build-once.ts'],
  testTimeout: 120_000,
  hookTimeout: 60_000,
};

/** `unit` needs nothing, `built` the built page, `browser` and `gpu` a Chromium as well. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'],
          globalSetup: 'test/support/build-kernels-once.ts',
          execArgv: relaxedSimdFlags(),
          isolate: false, // loading every module again for each file takes as long as the tests
          maxWorkers: '100%', // Vitest leaves one core idle, which is half of the least that runs this
          testTimeout: 10_000,
        },
      },
      {
        test: {
          name: 'built',
          include: ['test/built/**/*.test.ts'],
          globalSetup: ['test/support/build-kernels-once.ts', 'test/support/build-once.ts'],
          sequence: { groupOrder: 4 }, // of its own, as each project with another number of workers
          testTimeout: 30_000, // some start a process
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          exclude: [...GPU_TESTS, ...DOWNLOAD_TESTS],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          ...IN_A_BROWSER,
        },
      },
      {
        test: {
          name: 'download',
          include: DOWNLOAD_TESTS,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
          ...IN_A_BROWSER,
        },
      },
      {
        test: {
          name: 'gpu',
          include: GPU_TESTS,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          ...IN_A_BROWSER,
        },
      },
    ],
  },
});
