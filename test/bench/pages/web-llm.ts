/**
 * WebLLM on a model of its own form: it cannot read a GGUF. On the page's own thread, as its examples do; prompts as text, through its
 * interface for completions, which adds no template and starts from an empty cache.
 */
import { MLCEngine, prebuiltAppConfig, type AppConfig } from '@mlc-ai/web-llm';
import { present } from '../../../src/lib/assert.ts';
import type {
  BenchPage,
  LoadReport,
  LoadRequest,
  RunReport,
  RunRequest,
  WebLlmModel,
} from '../protocol.ts';

let engine: MLCEngine | null = null;

/** As `AppConfig` and the model's name in it. */
async function chooseModel(): Promise<{ readonly appConfig: AppConfig; readonly id: string }> {
  const response = await fetch('/web-llm.json');
  const model = (await response.json()) as WebLlmModel;
  if (model.from === 'list') return { appConfig: prebuiltAppConfig, id: model.id };
  const id = 'bench';
  const record = {
    model_id: id,
    model: new URL(model.modelUrl, location.href).href,
    model_lib: new URL(model.libraryUrl, location.href).href,
  };
  return { appConfig: { model_list: [record] }, id };
}

async function open(contextTokens: number | null): Promise<MLCEngine> {
  const { appConfig, id } = await chooseModel();
  const opened = new MLCEngine({ appConfig, logLevel: 'WARN' });
  // The library of a model is compiled for one chunk size; the context is ours to say.
  const options = contextTokens === null ? {} : { context_window_size: contextTokens };
  await opened.reload(id, options);
  return opened;
}

/** Opening it once leaves its files in the browser's cache, where it looks first. */
async function prepare(): Promise<void> {
  const opened = await open(null);
  await opened.unload();
}

async function load({ contextTokens }: LoadRequest): Promise<LoadReport> {
  const { id } = await chooseModel();
  const startedMs = performance.now();
  engine = await open(contextTokens);
  const loadMs = performance.now() - startedMs;
  const vendor = await engine.getGPUVendor();
  return { loadMs, engine: { model: id, vendor, contextTokens } };
}

async function run({ promptText, newTokens }: RunRequest): Promise<RunReport> {
  const webLlm = present(engine, 'a loaded engine');
  const startedMs = performance.now();
  const chunks = await webLlm.completions.create({
    prompt: promptText,
    max_tokens: newTokens,
    temperature: 0,
    ignore_eos: true,
    stream: true,
    stream_options: { include_usage: true },
  });
  let firstTokenMs: number | null = null;
  let lastTokenMs = 0;
  let usage = { prompt_tokens: 0, completion_tokens: 0 };
  for await (const chunk of chunks) {
    const atMs = performance.now() - startedMs;
    usage = chunk.usage ?? usage;
    if (chunk.choices.length === 0) continue; // usage alone, at the end
    firstTokenMs ??= atMs;
    lastTokenMs = atMs;
  }
  return {
    promptTokens: usage.prompt_tokens,
    newTokens: usage.completion_tokens,
    firstTokenMs: present(firstTokenMs, 'a first token'),
    lastTokenMs,
  };
}

window.bench = { prepare, load, run } satisfies BenchPage;
