/** Worker of the bench page: the product's `LanguageModel` in prompt chunks, driven greedily and without stops. */
import * as Comlink from 'comlink';
import { keepErrorsWhole } from '../../../src/contract/comlink-errors.ts';
import { KERNEL_BUILDS } from '../../../src/engine/simd/open-kernels.ts';
import { openSimd, type OpenedSimdModel } from '../../../src/engine/simd/open-simd.ts';
import { present } from '../../../src/lib/assert.ts';
import { readWhole } from '../../../src/store/files.ts';
import { openOpfsFiles } from '../../../src/store/opfs-files.ts';
import { fetchKernels, startWorkerThread } from '../../../workers/kernel-threads.ts';
import type { LoadReport, LoadRequest, RunRequest } from '../protocol.ts';
import { BENCH_FOLDER } from './opfs-copy.ts';
import { runGreedily } from './run-greedily.ts';
import { runWithLookup } from './run-with-lookup.ts';
import { simdFile, SOURCE_FILE } from './simd-files.ts';
import type { WorkerBench } from './worker-bench.ts';

export interface SimdWorkerBench extends WorkerBench {
  /** Before `load`. */
  usePlainKernels(): void;
  /** Tokens are drafted from the text so far. */
  draft(): void;
}

let opened: OpenedSimdModel | null = null;
let isPlain = false;
let isDrafting = false;

async function load({ contextTokens, threads }: LoadRequest): Promise<LoadReport['engine']> {
  const files = await openOpfsFiles(BENCH_FOLDER);
  opened = await openSimd(
    {
      folder: { read: async (name) => present(await readWhole(files, simdFile(name)), name) },
      openSource: () => files.openSync(SOURCE_FILE),
    },
    {
      contextTokens,
      threads,
      readKernels: fetchKernels,
      startThread: startWorkerThread,
      builds: isPlain ? ['plain'] : KERNEL_BUILDS,
    },
    () => {},
  );
  const { manifest, summary, model, chunkTokens } = opened;
  const { build, forms, memoryBytes } = present(summary.kernels, 'how the kernels run');
  const phases = summary.phases.map(({ name, elapsedMs }) => [`${name}Ms`, Math.round(elapsedMs)]);
  return {
    target: manifest.target,
    compilerVersion: manifest.compilerVersion,
    kernels: `${build}, ${forms.decode}, of prompts ${forms.prompt}`,
    threads: summary.threads,
    contextTokens: model.contextTokens,
    chunkTokens,
    memoryMb: Math.round(memoryBytes / 1e6),
    ...(Object.fromEntries(phases) as Record<string, number>),
  };
}

function run(request: RunRequest, tokens: MessagePort): Promise<number> {
  const loaded = present(opened, 'a loaded model');
  if (isDrafting) return runWithLookup(loaded, request, tokens);
  const { model, chunkTokens } = loaded;
  return runGreedily(model, chunkTokens, request, tokens);
}

keepErrorsWhole();
Comlink.expose({
  load,
  run,
  usePlainKernels() {
    isPlain = true;
  },
  draft() {
    isDrafting = true;
  },
} satisfies SimdWorkerBench);
