import type {
  GenerateRequest,
  LoadedModel,
  LoadEvent,
  LoadOptions,
} from '../../src/contract/engine.ts';
import { AppError } from '../../src/contract/errors.ts';
import type { GenerationEvent, StopReason, TokenInsight } from '../../src/contract/events.ts';
import type { WayOutTried } from '../../src/contract/requests.ts';
import { toModelId, type CompiledManifest } from '../../src/contract/model.ts';
import {
  TARGET_OF_RUNG,
  type Adapter,
  type Capability,
  type Rung,
} from '../../src/contract/rungs.ts';
import { yieldToEvents } from '../../src/lib/yield-to-events.ts';
import type { Engine } from '../../src/state/dependencies.ts';
import { endsTheEngine } from '../../src/state/remedies.ts';
import { QWEN2_HALF_B } from './qwen2-half-b.ts';

/** As a browser refuses it by the policy of this page. */
export const REFUSED_FETCH: WayOutTried = {
  way: 'fetch',
  outcome: 'refused',
  directive: 'connect-src',
  policy: "connect-src 'self'",
};

/** What a `FakeEngine` does; change the fields between calls. */
export interface FakeEngineScript {
  /** The reply, cut where its tokens are cut. */
  tokens: readonly string[];
  reason: StopReason;
  capability: Capability;
  /** What becomes of tries to get out of it. */
  waysOut: readonly WayOutTried[];
  /** Thrown by the next such try, once. */
  failNextDrill: AppError | null;
  /** Thrown by the next load, once. */
  failNextLoad: AppError | null;
  /** Thrown by every load on these rungs. */
  failRungs: Partial<Record<Rung, AppError>>;
  /** Thrown by the next answer after this many of its tokens, once. */
  failNextAnswer: { readonly error: AppError; readonly afterTokens: number } | null;
  omittedMessages: number;
  /** Behaves as a worker that is stuck: a request to stop is not heard. */
  ignoresCancel: boolean;
  /** Waited for before each step of a load, of the prompt, and of the reply. */
  pause: () => Promise<void>;
  /** Between tokens, by the clock that the events carry. */
  stepMs: number;
}

/** An engine that says what it is told, and keeps what it was asked. */
export class FakeEngine implements Engine {
  readonly script: FakeEngineScript;
  readonly loads: { readonly folder: string; readonly options: LoadOptions }[] = [];
  readonly requests: GenerateRequest[] = [];
  #loaded: LoadedModel | null = null;
  #cachedTokens = 0;

  constructor(script: Partial<FakeEngineScript> = {}) {
    this.script = {
      tokens: ['The', ' capital', ' is', ' Paris', '.'],
      reason: 'stop',
      capability: { gpu: { type: 'no-webgpu' }, threads: 2 },
      waysOut: [REFUSED_FETCH],
      failNextDrill: null,
      failNextLoad: null,
      failRungs: {},
      failNextAnswer: null,
      omittedMessages: 0,
      ignoresCancel: false,
      pause: yieldToEvents,
      stepMs: 70,
      ...script,
    };
  }

  async tryWaysOut(): Promise<readonly WayOutTried[]> {
    const failure = this.script.failNextDrill;
    this.script.failNextDrill = null;
    if (failure !== null) throw failure;
    return this.script.waysOut;
  }

  async probe(): Promise<Capability> {
    return this.script.capability;
  }

  async load(
    folder: string,
    options: LoadOptions,
    onProgress: (event: LoadEvent) => void,
    signal: AbortSignal,
  ): Promise<LoadedModel | null> {
    this.loads.push({ folder, options });
    this.#loaded = null;
    for (const [index, phase] of LOAD_PHASES.entries()) {
      await this.script.pause();
      if (signal.aborted) return null;
      onProgress({ type: 'loading', phase, fraction: (index + 1) / LOAD_PHASES.length });
    }
    const failure = this.script.failNextLoad ?? this.script.failRungs[options.rung] ?? null;
    this.script.failNextLoad = null;
    if (failure !== null) throw failure;
    this.#cachedTokens = 0;
    this.#loaded = {
      manifest: { ...MANIFEST, target: TARGET_OF_RUNG[options.rung] } as CompiledManifest,
      contextTokens: options.contextTokens,
      summary: {
        phases: LOAD_PHASES.map((name, index) => ({
          name,
          elapsedMs: [412, 1630, 214, 380][index] ?? 0,
        })),
        threads: options.threads,
        gpu: null,
      },
    };
    return this.#loaded;
  }

  async *generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent> {
    const { script } = this;
    const engine = this.#loaded;
    if (engine === null) throw new AppError('not-loaded', 'the fake was not loaded');
    this.requests.push(request);
    const promptTokens =
      12 + request.messages.reduce((sum, { content }) => sum + Math.ceil(content.length / 4), 0);
    const reusedTokens = Math.min(this.#cachedTokens, promptTokens - 1);
    const atMs: number[] = [];
    const prefillMs = (promptTokens - reusedTokens) * 7;
    const { contextTokens } = engine;
    const end = (reason: StopReason): GenerationEvent => {
      this.#cachedTokens = promptTokens + atMs.length;
      return {
        type: 'end',
        reason,
        tail: '',
        summary: {
          promptTokens,
          reusedTokens,
          newTokens: atMs.length,
          ttftMs: atMs[0] ?? null,
          prefillTokensPerSecond: 1000 / 7,
          decodeTokensPerSecond: atMs.length < 2 ? null : 1000 / script.stepMs,
          contextUsedTokens: this.#cachedTokens,
          contextTokens,
          totalMs: atMs.at(-1) ?? prefillMs,
          runTimes: null,
        },
      };
    };

    if (request.alternatives !== undefined) {
      const begunText = (request.begun ?? []).map((id) => this.#textOf(id)).join('');
      const pieces = request.messages.map(({ content }) => ({ text: content, isControl: false }));
      yield { type: 'prompt', pieces, begunText };
    }
    for (const doneTokens of [Math.max(reusedTokens, Math.floor(promptTokens / 2)), promptTokens]) {
      await script.pause();
      if (signal.aborted && !script.ignoresCancel) {
        yield end('cancelled');
        return;
      }
      const { omittedMessages } = script;
      yield { type: 'prefill', doneTokens, promptTokens, reusedTokens, omittedMessages };
    }
    const begun = request.begun?.length ?? 0;
    for (const [index, text] of script.tokens.entries()) {
      if (index < begun) continue;
      await script.pause();
      if (signal.aborted && !script.ignoresCancel) {
        yield end('cancelled');
        return;
      }
      if (this.#loaded !== engine) throw new AppError('worker-died', 'another load took its place');
      const failure = script.failNextAnswer;
      if (failure?.afterTokens === index) {
        script.failNextAnswer = null;
        if (endsTheEngine(failure.error.code)) this.#loaded = null;
        throw failure.error;
      }
      atMs.push(prefillMs + 20 + index * script.stepMs);
      const token = {
        id: 1000 + index,
        text,
        logprob: -0.1,
        atMs: atMs.at(-1) ?? 0,
        ...(request.alternatives === undefined ? {} : { insight: insightOf(index, text) }),
      };
      yield { type: 'step', tokens: [token], drafted: 0 };
    }
    yield end(script.reason);
  }

  #textOf(id: number): string {
    return id >= 2000 ? ELSE : (this.script.tokens[id - 1000] ?? '');
  }

  dispose(): void {
    this.#loaded = null;
  }
}

/** A GPU that can do all that any rung asks for; `part` says what is special about it. */
export function fakeGpu(part: Partial<Adapter> = {}): Capability {
  const adapter: Adapter = {
    vendor: 'fake',
    architecture: 'gen-1',
    device: '',
    description: '',
    isSoftware: false,
    features: ['shader-f16', 'subgroups'],
    limits: { maxBufferSize: 2 ** 31 },
    ortBuild: 'jspi',
    ...part,
  };
  return { gpu: { type: 'adapter', adapter }, threads: 2 };
}

/** What might have stood anywhere; its id is 2000 and the place. */
const ELSE = ' else';

function insightOf(index: number, text: string): TokenInsight {
  return {
    before: 0.7,
    entropyNats: 0.9,
    alternatives: [
      { id: 1000 + index, text, isControl: false, before: 0.7, after: 0.9 },
      { id: 2000 + index, text: ELSE, isControl: false, before: 0.2, after: 0.1 },
      { id: 3000, text: '<|im_end|>', isControl: true, before: 0.1, after: 0 },
    ],
  };
}

const LOAD_PHASES = ['runtime', 'weights', 'tokenizer', 'warm-up'] as const;

const MANIFEST: CompiledManifest = {
  format: 1,
  target: 'wasm-int8',
  compilerVersion: 1,
  source: { id: toModelId('a'.repeat(64)), fileName: 'fake.gguf', totalBytes: 491_400_032 },
  title: 'Qwen2.5 0.5B Instruct',
  shape: QWEN2_HALF_B,
  head: { rowsOffset: 0, scalesOffset: 136_134_656, rowsPerPart: 18_992 },
  embedding: null,
  stopTokens: [151_645, 151_643],
  files: [{ name: 'weights.bin', totalBytes: 494_000_000 }],
};
