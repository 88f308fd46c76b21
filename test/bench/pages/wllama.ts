/**
 * wllama (llama.cpp in WASM) on the GGUF itself, from local files only, with its own best CPU settings: the
 * multi-threaded build, one slot with the whole context, flash attention as it chooses, 512-token batches.
 */
import { Wllama, type RawCompletionChunk } from '@wllama/wllama/esm/index.js';
import wasmUrl from '@wllama/wllama/esm/wasm/wllama.wasm?url';
import { present } from '../../../src/lib/assert.ts';
import type { BenchPage, LoadReport, LoadRequest, RunReport, RunRequest } from '../protocol.ts';
import { copyToOpfs, openFromOpfs } from './opfs-copy.ts';

const MODEL_FILE = 'model.gguf';

let engine: Wllama | null = null;

async function load({ contextTokens, threads }: LoadRequest): Promise<LoadReport> {
  const startedMs = performance.now();
  const wllama = new Wllama({ default: wasmUrl }, { suppressNativeLog: true });
  // The fallback build would come from a CDN; without it a browser that needs it fails, and says so.
  wllama.setCompat(null);
  await wllama.loadModel([await openFromOpfs(MODEL_FILE)], {
    n_ctx: contextTokens,
    n_parallel: 1,
    n_threads: threads,
    n_gpu_layers: 0,
  });
  const loadMs = performance.now() - startedMs;

  engine = wllama;
  const { n_ctx, n_batch, n_ubatch } = wllama.getLoadedContextInfo();
  return {
    loadMs,
    engine: {
      llamaCpp: Wllama.getLibllamaVersion(),
      threads: wllama.getNumThreads(),
      contextTokens: n_ctx,
      batchTokens: n_batch,
      microBatchTokens: n_ubatch,
    },
  };
}

/** The server's own options, which wllama passes on and its types leave out. */
interface LlamaServerRequest {
  readonly prompt: string;
  readonly n_predict: number;
  readonly ignore_eos: boolean;
  readonly cache_prompt: boolean;
  readonly temperature: number;
  readonly samplers: readonly string[];
  readonly timings_per_token: boolean;
}

async function run({ promptText, newTokens }: RunRequest): Promise<RunReport> {
  const wllama = present(engine, 'a loaded engine');
  const heard: { atMs: number; chunk: RawCompletionChunk }[] = [];
  const request: LlamaServerRequest = {
    prompt: promptText,
    n_predict: newTokens,
    ignore_eos: true,
    cache_prompt: false,
    temperature: 0,
    samplers: ['temperature'],
    timings_per_token: true,
  };

  const startedMs = performance.now();
  await wllama.createCompletion({
    ...request,
    stream: true,
    onData: (chunk) => heard.push({ atMs: performance.now() - startedMs, chunk }),
  });

  // Each chunk says how many tokens there are by now: text that ends inside a character is held back and comes
  // with the next token. Where that happens to the first, llama.cpp says how long ago it was chosen.
  const steps = heard.flatMap(({ atMs, chunk }) =>
    chunk.timings === undefined ? [] : [{ atMs, timings: chunk.timings }],
  );
  const first = present(steps[0], 'a first token');
  const last = present(
    steps.find(({ timings }) => timings.predicted_n === newTokens),
    'as many tokens as were asked for',
  );
  const heldBackMs = first.timings.predicted_n > 1 ? first.timings.predicted_ms : 0;
  return {
    promptTokens: last.timings.prompt_n,
    newTokens: last.timings.predicted_n,
    firstTokenMs: first.atMs - heldBackMs,
    lastTokenMs: last.atMs,
  };
}

window.bench = {
  prepare: async () => void (await copyToOpfs('/model.gguf', MODEL_FILE)),
  load,
  run,
} satisfies BenchPage;
