/**
 * Worker of the transformers.js page. Nothing comes from the network: the model from the private file system through
 * the library's own cache interface, the runtime from this origin, in the build that the library asks for by itself. The
 * worker's name says which export to run.
 */
import {
  AutoModelForCausalLM,
  AutoTokenizer,
  BaseStreamer,
  Tensor,
  env,
  type PreTrainedModel,
  type TextStreamer,
} from '@huggingface/transformers';
import * as Comlink from 'comlink';
import { keepErrorsWhole } from '../../../src/contract/comlink-errors.ts';
import { present } from '../../../src/lib/assert.ts';
import type { LoadReport, LoadRequest, RunRequest } from '../protocol.ts';
import { STOCK_FOLDER, stockFileName, type StockDtype } from '../stock-files.ts';
import { openFromOpfs } from './opfs-copy.ts';
import type { WorkerBench } from './worker-bench.ts';

const DTYPE: StockDtype = self.name === 'q4' ? 'q4' : 'q8';
const MODEL_ID = STOCK_FOLDER[DTYPE];
const RUNTIME = '/ort/ort-wasm-simd-threaded.asyncify';

let model: PreTrainedModel | null = null;

async function load({ threads }: LoadRequest): Promise<LoadReport['engine']> {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = '/';
  env.useWasmCache = false;
  env.useBrowserCache = false;
  env.useCustomCache = true;
  env.customCache = { match: findFile, put: () => Promise.resolve() };
  const wasm = present(env.backends.onnx.wasm, 'the WASM backend');
  wasm.numThreads = threads;
  wasm.wasmPaths = {
    mjs: new URL(`${RUNTIME}.mjs`, self.location.origin).href,
    wasm: new URL(`${RUNTIME}.wasm`, self.location.origin).href,
  };
  await AutoTokenizer.from_pretrained(MODEL_ID);
  const device = DTYPE === 'q4' ? 'webgpu' : 'wasm';
  model = await AutoModelForCausalLM.from_pretrained(MODEL_ID, { dtype: DTYPE, device });
  return { dtype: DTYPE, device, export: EXPORTS[DTYPE], threads, runtime: 'asyncify' };
}

const EXPORTS: Readonly<Record<StockDtype, string>> = {
  q8: 'untied, int8 with one scale per matrix',
  q4: 'untied, four bits in blocks of 32, embedding and activations in 32 bits',
};

/** Called with the path `/MODEL_ID/FILE` or the address on the Hub that it would have. */
async function findFile(key: string): Promise<Response | undefined> {
  const [, path] = key.split(`/${MODEL_ID}/`);
  if (path === undefined || key.startsWith('http')) return undefined;
  const file = await openFromOpfs(stockFileName(DTYPE, path)).catch(() => null);
  if (file === null) return undefined;
  return new Response(file, { headers: { 'content-length': String(file.size) } });
}

async function run({ promptTokenIds, newTokens }: RunRequest, tokens: MessagePort) {
  const lm = present(model, 'a loaded model');
  const dims = [1, promptTokenIds.length];
  const ids = BigInt64Array.from(promptTokenIds, BigInt);
  const streamer = new PortStreamer(tokens);
  await lm.generate({
    inputs: new Tensor('int64', ids, dims),
    attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), dims),
    do_sample: false,
    max_new_tokens: newTokens,
    min_new_tokens: newTokens,
    // Any BaseStreamer will do; the types ask for the one that makes text.
    streamer: streamer as BaseStreamer as TextStreamer,
  });
  return streamer.promptTokens;
}

/** `generate` hands over the prompt first, then token by token. */
class PortStreamer extends BaseStreamer {
  promptTokens = 0;
  readonly #tokens: MessagePort;

  constructor(tokens: MessagePort) {
    super();
    this.#tokens = tokens;
  }

  override put([ids = []]: bigint[][]): void {
    if (this.promptTokens === 0) this.promptTokens = ids.length;
    else for (const id of ids) this.#tokens.postMessage(Number(id));
  }

  override end(): void {}
}

keepErrorsWhole();
Comlink.expose({ load, run } satisfies WorkerBench);
