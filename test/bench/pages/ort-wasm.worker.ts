/** Worker of the bench page: the product's `LanguageModel` and prefill chunks, driven greedily and without stops. */
import * as Comlink from 'comlink';
import { keepErrorsWhole } from '../../../src/contract/comlink-errors.ts';
import type { LanguageModel } from '../../../src/engine/language-model.ts';
import { present } from '../../../src/lib/assert.ts';
import { yieldToEvents } from '../../../src/lib/yield-to-events.ts';
import type { ModelFolder } from '../../../src/engine/ort/open-model.ts';
import { readWhole } from '../../../src/store/files.ts';
import { openOpfsFiles } from '../../../src/store/opfs-files.ts';
import { BENCH_FOLDER } from './opfs-copy.ts';
import type { LoadReport, LoadRequest, RunRequest } from '../protocol.ts';

export interface OrtBench {
  load(request: LoadRequest, runtimeFolderUrl: string): Promise<LoadReport['engine']>;
  /** Posts each token id on `tokens` as it is sampled. */
  run(request: RunRequest, tokens: MessagePort): Promise<{ readonly promptTokens: number }>;
}

const PREFILL_CHUNK_TOKENS = 128;

let model: LanguageModel | null = null;

async function load(
  { contextTokens, threads }: LoadRequest,
  runtimeFolderUrl: string,
): Promise<LoadReport['engine']> {
  const { openModel } = await import('../../../src/engine/ort/open-model.ts');
  const { manifest, ...opened } = await openModel(
    await modelFolder(),
    { contextTokens, threads, runtime: { folderUrl: runtimeFolderUrl } },
    () => {},
  );
  model = opened.model;
  return {
    target: manifest.target,
    compilerVersion: manifest.compilerVersion,
    threads: opened.summary.threads,
    contextTokens: opened.model.contextTokens,
    prefillChunkTokens: PREFILL_CHUNK_TOKENS,
    ...Object.fromEntries(
      opened.summary.phases.map(({ name, elapsedMs }) => [`${name} ms`, Math.round(elapsedMs)]),
    ),
  };
}

async function modelFolder(): Promise<ModelFolder> {
  const files = await openOpfsFiles(BENCH_FOLDER);
  return {
    read: async (name) => present(await readWhole(files, name), name),
    openSync: (name) => files.openSync(name),
  };
}

async function run(
  { promptTokenIds, newTokens }: RunRequest,
  tokens: MessagePort,
): Promise<{ readonly promptTokens: number }> {
  const lm = present(model, 'a loaded model');
  lm.truncate(0);
  let token = 0;
  for (let at = 0; at < promptTokenIds.length; at += PREFILL_CHUNK_TOKENS) {
    token = greedy(await lm.prefill(promptTokenIds.slice(at, at + PREFILL_CHUNK_TOKENS)));
    await yieldToEvents();
  }
  const promptTokens = lm.length;
  tokens.postMessage(token);
  for (let made = 1; made < newTokens; made++) {
    token = greedy(await lm.decode(token));
    await yieldToEvents();
    tokens.postMessage(token);
  }
  return { promptTokens };
}

function greedy(logits: Float32Array): number {
  let best = 0;
  let most = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] as number;
    if (logit > most) {
      most = logit;
      best = id;
    }
  }
  return best;
}

keepErrorsWhole();
Comlink.expose({ load, run } satisfies OrtBench);
