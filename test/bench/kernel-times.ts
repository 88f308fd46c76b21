/** Where the time of a decoded token goes, kernel by kernel: V8's sampling profiler looks at one thread in Node; kernels are not changed for it. */
import { mkdtemp, readFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileToFolder } from '../../models/cli/compile-to-folder.ts';
import { nodeModelFolder, openNodeSync } from '../../models/cli/open-compiled-folder.ts';
import { withScratchFolder } from '../../models/cli/scratch-folder.ts';
import { openSimd, SIMD_CHUNK_TOKENS } from '../../src/engine/simd/open-simd.ts';
import type { SimdLanguageModel } from '../../src/engine/simd/simd-language-model.ts';
import { compileNamedKernels } from '../../src/kernels/build-kernels.ts';
import type { KernelsPlan } from './arguments.ts';
import { describeEnvironment } from './environment.ts';

export interface KernelTimesReport {
  readonly environment: Readonly<Record<string, unknown>>;
  readonly rows: readonly {
    /** Tokens in the cache before those that were decoded. */
    readonly contextTokens: number;
    readonly msPerToken: number;
    /** Function of src/kernels/assembly, or `other` → share of the samples, 0–1; largest first. */
    readonly shares: readonly (readonly [string, number])[];
  }[];
}

const SAMPLING_INTERVAL_US = 200;
const TOKENS = 32;
/** Less than this share of a token is `other`. */
const LEAST_SHARE = 0.002;

export async function measureKernelTimes(
  { modelPath, contexts }: KernelsPlan,
  say: (line: string) => void,
): Promise<KernelTimesReport> {
  const scratch = await mkdtemp(join(tmpdir(), 'offgrid-kernels-'));
  return withScratchFolder(scratch, async () => {
    const folder = join(scratch, 'simd');
    await compileToFolder(modelPath, 'simd-int8', folder, () => {});
    const build = join(scratch, 'plain.wasm');
    await compileNamedKernels('plain', build);
    const { model } = await openSimd(
      { folder: nodeModelFolder(folder), openSource: async () => openNodeSync(modelPath) },
      {
        contextTokens: Math.max(...contexts) + TOKENS + 1,
        threads: 1,
        builds: ['plain'],
        readKernels: () => readFile(build),
        startThread: () => {
          throw new Error('one thread starts no other');
        },
      },
      () => {},
    );
    try {
      const rows = [];
      for (const contextTokens of contexts) {
        say(`after ${contextTokens} tokens`);
        rows.push({ contextTokens, ...(await profile(model, contextTokens)) });
      }
      return { environment: { ...(await describeEnvironment()), threads: 1 }, rows };
    } finally {
      await model.dispose();
    }
  });
}

async function profile(model: SimdLanguageModel, contextTokens: number) {
  model.truncate(Math.min(model.length, contextTokens));
  while (model.length < contextTokens) {
    const count = Math.min(SIMD_CHUNK_TOKENS, contextTokens - model.length);
    await model.prefill(
      Array.from({ length: count }, (_, at) => (7 * (model.length + at)) % 30_000),
    );
  }
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
  await session.post('Profiler.start');
  const startedMs = performance.now();
  for (let token = 0; token < TOKENS; token++) await model.decode(100 + token);
  const msPerToken = (performance.now() - startedMs) / TOKENS;
  const { profile: made } = await session.post('Profiler.stop');
  session.disconnect();
  const names = new Map(made.nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
  const samples = made.samples ?? [];
  const counts = new Map<string, number>();
  for (const id of samples) {
    const name = names.get(id)?.replace(/^.*assembly\//, '') ?? 'other';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const all = [...counts].map(([name, count]) => [name, count / samples.length] as const);
  const shares = all.filter(([, share]) => share >= LEAST_SHARE).toSorted((a, b) => b[1] - a[1]);
  const named = shares.reduce((sum, [, share]) => sum + share, 0);
  return { msPerToken, shares: [...shares, ['other', 1 - named] as const] };
}

/** For a person's eye; ends with a line break. */
export function toKernelsTable({ rows }: KernelTimesReport): string {
  return rows
    .map(({ contextTokens, msPerToken, shares }) => {
      const lines = shares.map(
        ([name, share]) => `  ${(100 * share).toFixed(1).padStart(5)} %  ${name}`,
      );
      return `after ${contextTokens} tokens: ${msPerToken.toFixed(1)} ms a token\n${lines.join('\n')}\n`;
    })
    .join('');
}
