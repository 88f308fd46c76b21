/** Worker of the bench page: the product's `LanguageModel` in prompt chunks, driven greedily and without stops. */
import * as Comlink from 'comlink';
import { keepErrorsWhole } from '../../../src/contract/comlink-errors.ts';
import { createFingerprint } from '../../../src/engine/simd/fingerprint.ts';
import { KERNEL_BUILDS } from '../../../src/engine/simd/open-kernels.ts';
import {
  openSimd,
  SIMD_CHUNK_TOKENS,
  type OpenedSimdModel,
} from '../../../src/engine/simd/open-simd.ts';
import { present } from '../../../src/lib/assert.ts';
import { openOpfsFiles } from '../../../src/store/opfs-files.ts';
import { fetchKernels, startWorkerThread } from '../../../workers/kernel-threads.ts';
import type { LoadReport, LoadRequest, RunRequest } from '../protocol.ts';
import { BENCH_FOLDER } from './opfs-copy.ts';
import { runGreedily } from './run-greedily.ts';
import type { WorkerBench } from './worker-bench.ts';

export interface SimdWorkerBench extends WorkerBench {
  /** Before `load`. @param build of the kernels: `plain`, or the best */
  prepare(build: string, fingerprint: string | null): void;
  /** Of the model's file. */
  fingerprint(): Promise<string>;
}

const MODEL_FILE = 'model.gguf';
const PIECE_BYTES = 4 << 20;

let opened: OpenedSimdModel | null = null;
let isPlain = false;
let fingerprint: string | null = null;

const openFile = async () => (await openOpfsFiles(BENCH_FOLDER)).openSync(MODEL_FILE);

async function load({ contextTokens, threads }: LoadRequest): Promise<LoadReport['engine']> {
  const source = await openFile();
  const { totalBytes } = source;
  opened = await openSimd(
    { source, totalBytes, fingerprint },
    {
      contextTokens,
      threads,
      readKernels: fetchKernels,
      startThread: startWorkerThread,
      builds: isPlain ? ['plain'] : KERNEL_BUILDS,
    },
    () => {},
  );
  const { summary, model, build, form, memoryBytes } = opened;
  const phases = summary.phases.map(({ name, elapsedMs }) => [`${name}Ms`, Math.round(elapsedMs)]);
  return {
    target: 'simd-int8',
    kernels: `${build}, ${form}`,
    threads: summary.threads,
    contextTokens: model.contextTokens,
    chunkTokens: SIMD_CHUNK_TOKENS,
    memoryMb: Math.round(memoryBytes / 1e6),
    isVerified: fingerprint !== null,
    ...(Object.fromEntries(phases) as Record<string, number>),
  };
}

function run(request: RunRequest, tokens: MessagePort): Promise<number> {
  const { model } = present(opened, 'a loaded model');
  return runGreedily(model, SIMD_CHUNK_TOKENS, request, tokens);
}

async function takeFingerprint(): Promise<string> {
  const source = await openFile();
  const taken = await createFingerprint();
  const piece = new Uint8Array(PIECE_BYTES);
  for (let at = 0; at < source.totalBytes; at += PIECE_BYTES) {
    const bytes = piece.subarray(0, Math.min(PIECE_BYTES, source.totalBytes - at));
    source.readInto(at, bytes);
    taken.update(bytes);
  }
  source.close();
  return taken.digest();
}

keepErrorsWhole();
Comlink.expose({
  load,
  run,
  prepare(build, known) {
    isPlain = build === 'plain';
    fingerprint = known;
  },
  fingerprint: takeFingerprint,
} satisfies SimdWorkerBench);
