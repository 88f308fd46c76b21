/** Worker of the engine's tests: a model from files that the test serves, driven as the test says. */
import * as Comlink from 'comlink';
import { keepErrorsWhole } from '../../../src/contract/comlink-errors.ts';
import type { GenerateRequest, LoadEvent, LoadOptions } from '../../../src/contract/engine.ts';
import { toWire, type WireError } from '../../../src/contract/errors.ts';
import type { GenerationEvent } from '../../../src/contract/events.ts';
import type { LoadSummary } from '../../../src/contract/stats.ts';
import { createEngine, type ModelEngine } from '../../../src/engine/create-engine.ts';
import type { ModelFolder } from '../../../src/engine/model-folder.ts';
import type { GpuRung } from '../../../src/contract/rungs.ts';
import {
  openWebGpuModel,
  type OpenedWebGpuModel,
} from '../../../src/engine/ort/open-webgpu-model.ts';
import { present } from '../../../src/lib/assert.ts';
import { askEngine } from '../../support/ask-engine.ts';
import { languageModelScenarios, PLAIN_TERMS } from '../../contract/language-model.ts';
import { watchGpu, type GpuCounts } from './gpu-counts.ts';

export interface EngineLoad extends Omit<LoadOptions, 'rung'> {
  readonly rung: GpuRung;
  /** Where the compiled model's files are served. */
  readonly folderUrl: string;
  /** Build of the runtime to use; null for the one that this browser is given. */
  readonly build: 'asyncify' | null;
}

export interface EngineUnderTest {
  /** What a load took, and the progress it told of; or why it failed. */
  load(load: EngineLoad): Promise<{
    readonly summary: LoadSummary | null;
    readonly error: WireError | null;
    readonly progress: readonly LoadEvent[];
  }>;
  /** Every event of one reply. Cancels it, or takes the device away, once it has so many tokens. */
  ask(request: GenerateRequest, interrupt: Interrupt | null): Promise<readonly GenerationEvent[]>;
  /** Runs a scenario of test/contract/language-model.ts on the loaded model, emptied. Rejects where it does not hold. */
  runScenario(name: string, allLogits: readonly number[]): Promise<void>;
  /** What WebGPU was asked for since this worker began. */
  counts(): Promise<GpuCounts>;
  unload(): Promise<void>;
}

export interface Interrupt {
  readonly by: 'cancel' | 'loss';
  readonly afterTokens: number;
}

const gpu = watchGpu();
let opened: OpenedWebGpuModel | null = null;
let engine: ModelEngine | null = null;

function servedFolder(url: string): ModelFolder {
  const read = async (name: string) => {
    const response = await fetch(`${url}/${name}`);
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  };
  return {
    read,
    async openSync(name) {
      const bytes = await read(name);
      return {
        totalBytes: bytes.byteLength,
        readInto: (offset, target) =>
          target.set(bytes.subarray(offset, offset + target.byteLength)),
        close() {},
      };
    },
  };
}

const runtimeFile = (build: string, extension: string) =>
  new URL(`/ort/ort-wasm-simd-threaded.${build}.${extension}`, self.location.origin).href;

const api: EngineUnderTest = {
  async load({ folderUrl, build, rung, ...options }) {
    if (build === 'asyncify') Reflect.deleteProperty(WebAssembly, 'Suspending');
    const progress: LoadEvent[] = [];
    engine = createEngine({
      async openModel(_folder, _options, onProgress) {
        opened = await openWebGpuModel(
          servedFolder(folderUrl),
          {
            ...options,
            rung,
            runtimeOf: async (chosen) => ({
              mjsUrl: runtimeFile(chosen, 'mjs'),
              wasm: runtimeFile(chosen, 'wasm'),
            }),
          },
          (event) => {
            progress.push(event);
            onProgress(event);
          },
        );
        return opened;
      },
    });
    const { port2 } = new MessageChannel();
    try {
      const { summary } = await engine.load('', { ...options, rung }, port2);
      return { summary, error: null, progress };
    } catch (thrown) {
      return { summary: null, error: toWire(thrown), progress };
    }
  },

  ask: (request, interrupt) =>
    askEngine(present(engine, 'an engine'), request, (tokens) => {
      if (tokens !== interrupt?.afterTokens) return null;
      if (interrupt.by === 'cancel') return 'cancel';
      present(gpu.device, 'a device').destroy();
      return null;
    }),

  async runScenario(name, allLogits) {
    const { model } = present(opened, 'a model');
    const scenario = languageModelScenarios.find((one) => one.name === name);
    model.truncate(0);
    await present(scenario, name).run(model, {
      ...PLAIN_TERMS,
      tolerance: 1e-3,
      allLogits: async () => Float32Array.from(allLogits),
    });
  },

  counts: async () => ({ ...gpu.counts }),
  unload: async () => engine?.unload(),
};

keepErrorsWhole();
Comlink.expose(api);
