/** What the bench asks of a page that runs one engine; values only, they cross from Node to the browser. */

/**
 * `simd-plain`: the simd engine with the kernels that it uses where there is no relaxed SIMD. `simd-lookup`: with tokens
 * drafted from the text so far. `webgpu-…`: this project's engine on that rung of the ladder.
 */
export const ENGINE_NAMES = [
  'webgpu-f16',
  'webgpu-f16-fp32',
  'webgpu-f32',
  'simd',
  'simd-plain',
  'simd-lookup',
  'ort-wasm',
  'wllama',
  'transformers.js',
  'transformers.js-webgpu',
  'web-llm',
] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** Those that need a browser with WebGPU. */
export const GPU_ENGINES: ReadonlySet<EngineName> = new Set([
  'webgpu-f16',
  'webgpu-f16-fp32',
  'webgpu-f32',
  'transformers.js-webgpu',
  'web-llm',
]);

/** What WebLLM runs, as its page finds it in `/web-llm.json`: a model of its own list, or one that lies elsewhere. */
export type WebLlmModel =
  | { readonly from: 'list'; readonly id: string }
  /** Addresses, relative to the page where they are served beside it. */
  | { readonly from: 'url'; readonly modelUrl: string; readonly libraryUrl: string };

/** Global `bench` of every engine's page. Called in this order: `prepare`, `load` once, `run` any number of times. */
export interface BenchPage {
  /** Puts the engine's files where it loads them from. Not measured; does nothing when they are there already. */
  prepare(): Promise<void>;
  load(request: LoadRequest): Promise<LoadReport>;
  run(request: RunRequest): Promise<RunReport>;
}

export interface LoadRequest {
  /** Room for prompt and reply, in tokens. */
  readonly contextTokens: number;
  readonly threads: number;
}

export interface LoadReport {
  /** From files on this device to an engine that takes a prompt, by the page's clock. */
  readonly loadMs: number;
  /** What the engine says it runs with: threads, versions, settings. */
  readonly engine: Readonly<Record<string, string | number | boolean>>;
}

export interface RunRequest {
  /** The same prompt twice: wllama takes text alone. */
  readonly promptText: string;
  readonly promptTokenIds: readonly number[];
  /** Generated exactly, whatever the model would like to stop at; at least 2. */
  readonly newTokens: number;
}

/** Times are milliseconds by the page's clock, measured from just before the request is handed to the engine. */
export interface RunReport {
  /** Prompt tokens that the engine says it ran in this request, reused ones not counted. */
  readonly promptTokens: number;
  readonly newTokens: number;
  /** When the page heard of the first token. */
  readonly firstTokenMs: number;
  /** When it heard of the last one. */
  readonly lastTokenMs: number;
}

declare global {
  interface Window {
    bench?: BenchPage;
  }
}
