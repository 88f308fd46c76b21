/** Worker of the bench page: the product's `LanguageModel` in prompt chunks, driven greedily and without stops. */
import * as Comlink from 'comlink';
import { keepErrorsWhole } from '../../../src/contract/comlink-errors.ts';
import type { LanguageModel } from '../../../src/engine/language-model.ts';
import type { ModelFolder } from '../../../src/engine/model-folder.ts';
import { present } from '../../../src/lib/assert.ts';
import { readWhole } from '../../../src/store/files.ts';
import { openOpfsFiles } from '../../../src/store/opfs-files.ts';
import type { LoadReport, LoadRequest, RunRequest } from '../protocol.ts';
import { BENCH_FOLDER } from './opfs-copy.ts';
import { runGreedily } from './run-greedily.ts';
import type { WorkerBench } from './worker-bench.ts';

let model: LanguageModel | null = null;
let chunkTokens = 0;

async function load({ contextTokens, threads }: LoadRequest): Promise<LoadReport['engine']> {
  const { openModel, ORT_CHUNK_TOKENS } = await import('../../../src/engine/ort/open-model.ts');
  const runtime = { folderUrl: new URL('/ort/', self.location.origin).href };
  const opened = await openModel(
    await modelFolder(),
    { contextTokens, threads, runtime },
    () => {},
  );
  model = opened.model;
  chunkTokens = ORT_CHUNK_TOKENS;
  const { manifest, summary } = opened;
  const phases = summary.phases.map(({ name, elapsedMs }) => [`${name}Ms`, Math.round(elapsedMs)]);
  return {
    target: manifest.target,
    compilerVersion: manifest.compilerVersion,
    threads: summary.threads,
    contextTokens: opened.model.contextTokens,
    chunkTokens,
    ...(Object.fromEntries(phases) as Record<string, number>),
  };
}

async function modelFolder(): Promise<ModelFolder> {
  const files = await openOpfsFiles(BENCH_FOLDER);
  return {
    read: async (name) => present(await readWhole(files, name), name),
    openSync: (name) => files.openSync(name),
  };
}

function run(request: RunRequest, tokens: MessagePort): Promise<number> {
  return runGreedily(present(model, 'a loaded model'), chunkTokens, request, tokens);
}

keepErrorsWhole();
Comlink.expose({ load, run } satisfies WorkerBench);
