/** Worker of the bench page: the product's `LanguageModel` in prompt chunks, driven greedily and without stops. */
import * as Comlink from 'comlink';
import { keepErrorsWhole } from '../../../src/contract/comlink-errors.ts';
import { TARGET_OF_RUNG, type GpuRung } from '../../../src/contract/rungs.ts';
import type { OpenedWebGpuModel } from '../../../src/engine/ort/open-webgpu-model.ts';
import { present } from '../../../src/lib/assert.ts';
import { readWhole } from '../../../src/store/files.ts';
import { openOpfsFiles } from '../../../src/store/opfs-files.ts';
import type { LoadReport, LoadRequest, RunRequest } from '../protocol.ts';
import { BENCH_FOLDER } from './opfs-copy.ts';
import { runGreedily } from './run-greedily.ts';
import { webGpuFile, type WebGpuWorkerBench } from './webgpu-files.ts';

let rung: GpuRung = 'webgpu-f32';
let opened: OpenedWebGpuModel | null = null;

const runtimeFile = (build: string, extension: string) =>
  new URL(`/ort/ort-wasm-simd-threaded.${build}.${extension}`, self.location.origin).href;

async function load({ contextTokens }: LoadRequest): Promise<LoadReport['engine']> {
  const { openWebGpuModel } = await import('../../../src/engine/ort/open-webgpu-model.ts');
  const files = await openOpfsFiles(BENCH_FOLDER);
  const nameOf = (name: string) => webGpuFile(TARGET_OF_RUNG[rung], name);
  opened = await openWebGpuModel(
    {
      read: async (name) => present(await readWhole(files, nameOf(name)), name),
      openSync: (name) => files.openSync(nameOf(name)),
    },
    {
      rung,
      contextTokens,
      runtimeOf: async (build) => ({
        mjsUrl: runtimeFile(build, 'mjs'),
        wasm: runtimeFile(build, 'wasm'),
      }),
    },
    () => {},
  );
  const { manifest, summary, model, chunkTokens } = opened;
  const { adapter, memory, selfTest, replaysDecode, shaders } = present(summary.gpu, 'a GPU');
  const phases = summary.phases.map(({ name, elapsedMs }) => [`${name}Ms`, Math.round(elapsedMs)]);
  return {
    target: manifest.target,
    compilerVersion: manifest.compilerVersion,
    adapter: `${adapter.vendor} ${adapter.architecture} ${adapter.description}`.trim(),
    isSoftware: adapter.isSoftware,
    ortBuild: adapter.ortBuild,
    replaysDecode,
    shaders,
    selfTestErrorNats: selfTest.largestErrorNats,
    bytesPerToken: 'bytesPerToken' in manifest ? manifest.bytesPerToken : 0,
    gpuMemoryMb: Math.round((memory.weightBytes + memory.cacheBytes + memory.otherBytes) / 1e6),
    contextTokens: model.contextTokens,
    chunkTokens,
    ...(Object.fromEntries(phases) as Record<string, number>),
  };
}

function run(request: RunRequest, tokens: MessagePort): Promise<number> {
  const { model, chunkTokens } = present(opened, 'a loaded model');
  return runGreedily(model, chunkTokens, request, tokens);
}

keepErrorsWhole();
Comlink.expose({
  load,
  run,
  useRung(name) {
    rung = name;
  },
} satisfies WebGpuWorkerBench);
