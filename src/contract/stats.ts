import type { Adapter } from './rungs.ts';

/** Numbers about one reply. Every field: one definition (its docstring), one unit (its name), the worker's clock. */
export interface GenerationSummary {
  /** Tokens of the whole templated prompt, special tokens and what was begun of the reply included. */
  readonly promptTokens: number;
  /** Of those, how many were already in the KV cache and were not run again. */
  readonly reusedTokens: number;
  /** Tokens sampled and kept in the reply; the stop token is not counted. */
  readonly newTokens: number;
  /** From accepting the request to sampling the first token, template and prefill included. Null if there was none. */
  readonly ttftMs: number | null;
  /** Prompt tokens that were run (promptTokens − reusedTokens, unless cancelled) ÷ time inside those runs. Null when nothing was run. */
  readonly prefillTokensPerSecond: number | null;
  /** (n − 1) tokens ÷ time from first to last token. Null below two tokens. */
  readonly decodeTokensPerSecond: number | null;
  /** Prompt and reply now in the KV cache, in tokens. */
  readonly contextUsedTokens: number;
  readonly contextTokens: number;
  /** From accepting the request to the ending. */
  readonly totalMs: number;
  /** Medians over the runs that decoded. Null without such a run, and for an engine that does not tell. */
  readonly runTimes: RunTimes | null;
}

/** Where the time of one run went: milliseconds, by the worker's clock but for `gpuMs`. */
export interface RunTimes {
  /** Recording commands, or playing recorded ones, and submitting them. */
  readonly recordMs: number;
  /**
   * From the GPU's first to its last command of the run, by its own clock; pauses in which it waited for more commands
   * are included. Null where the device has no timestamps.
   */
  readonly gpuMs: number | null;
  /** From the last submission until the result was read back: what the GPU still had to do, and the way back. */
  readonly waitMs: number;
}

/** What loading a compiled model took. */
export interface LoadSummary {
  readonly phases: readonly {
    readonly name: 'runtime' | 'weights' | 'tokenizer' | 'shaders' | 'self-test' | 'warm-up';
    readonly elapsedMs: number;
  }[];
  readonly threads: number;
  /** Null on the CPU. */
  readonly gpu: GpuSummary | null;
  /** Only the simd engine has it. */
  readonly kernels?: KernelSummary;
}

/** How the simd engine runs on this device. */
export interface KernelSummary {
  /** `relaxed` where the browser has relaxed SIMD. */
  readonly build: 'relaxed' | 'plain';
  /** How products read activations, of one token and of a prompt: whichever proved faster. */
  readonly forms: Readonly<Record<'decode' | 'prompt', 'words' | 'halves'>>;
  /** Of the one memory that holds weights, cache and all else. */
  readonly memoryBytes: number;
  /** Null for a model that was prepared without one. */
  readonly selfTest: SelfTestResult | null;
}

/** What a model on a GPU runs on, and what it takes there. */
export interface GpuSummary {
  /** The device has all of its limits, and of its features those in `usedFeatures`. */
  readonly adapter: Adapter;
  readonly usedFeatures: readonly string[];
  /** Bytes of GPU memory by what they are for, as computed from sizes; a browser does not tell what it takes. */
  readonly memory: {
    readonly weightBytes: number;
    /** Keys and values for the whole context. */
    readonly cacheBytes: number;
    /** Rotations, ids, candidates and staging; what a run needs for a moment is not counted. */
    readonly otherBytes: number;
  };
  /** Buffers that hold the cache. */
  readonly cacheBuffers: number;
  /** Shaders compiled while loading. */
  readonly shaders: number;
  /** Whether a decoded token plays recorded commands; false where the test of that gave wrong numbers. */
  readonly replaysDecode: boolean;
  readonly selfTest: SelfTestResult;
}

/** How near a device's numbers are to the right ones on the same weights. */
export interface SelfTestResult {
  /** Of the log-probability of a leading candidate, over all steps. */
  readonly largestErrorNats: number;
  readonly toleranceNats: number;
  /** Steps compared, and at how many of them the most likely token is the CPU's. */
  readonly tokens: number;
  readonly sameTokens: number;
}
