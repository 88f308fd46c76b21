import type { GenerateRequest, LoadedModel, LoadEvent, LoadOptions } from '../contract/engine.ts';
import { AppError } from '../contract/errors.ts';
import type { GenerationEvent } from '../contract/events.ts';
import type { WayOutTried } from '../contract/requests.ts';
import type { Capability } from '../contract/rungs.ts';
import { EngineClient, type Patience } from './engine-client.ts';
import { Watchdog } from './watchdog.ts';

/**
 * A cancel is heard between two chunks of a prompt: 128 tokens at 14 tokens a second, the speed of a slow phone, take
 * 9 s, and a worker that is ended too early has to load the model again.
 */
const PATIENCE: HostPatience = {
  silenceLimitMs: 60_000,
  cancelLimitMs: 20_000,
  probeLimitMs: 10_000,
};

export interface HostPatience extends Patience {
  /** An adapter that was not given by then is none: a driver that hangs must not keep the CPU from answering. */
  readonly probeLimitMs: number;
}

/**
 * Which engine answers now. Every load gets a fresh worker, for a failed session poisons the one it was opened in;
 * what dies is replaced by the next load.
 */
export class EngineHost {
  readonly #spawn: () => Worker;
  readonly #patience: HostPatience;
  #engine: EngineClient | null = null;

  constructor(spawn: () => Worker, patience: Partial<HostPatience> = {}) {
    this.#spawn = spawn;
    this.#patience = { ...PATIENCE, ...patience };
  }

  /** Asks a worker of its own, for what hangs there must not take an engine with it. */
  async probe(): Promise<Capability> {
    const { probeLimitMs } = this.#patience;
    const asked = new EngineClient(this.#spawn(), this.#patience);
    const limit = new Watchdog(probeLimitMs, () =>
      asked.terminate(new AppError('worker-silent', `no answer for ${probeLimitMs} ms`)),
    );
    try {
      return await asked.probe();
    } finally {
      limit.stop();
      asked.terminate(new AppError('worker-died', 'it has answered'));
    }
  }

  /**
   * Replaces the engine there is; whatever that was doing ends with `worker-died`. Null when `signal` was aborted;
   * then, and after a failure, no engine is left.
   */
  async load(
    folder: string,
    options: LoadOptions,
    onProgress: (event: LoadEvent) => void,
    signal: AbortSignal,
  ): Promise<LoadedModel | null> {
    this.#end(this.#engine, 'another load took its place');
    if (signal.aborted) return null;

    const engine = new EngineClient(this.#spawn(), this.#patience);
    this.#engine = engine;
    const onAbort = () => this.#end(engine, 'the load was cancelled');
    signal.addEventListener('abort', onAbort);
    try {
      return await engine.load(folder, options, onProgress);
    } catch (error) {
      if (signal.aborted) return null;
      this.#end(engine, 'the load failed');
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** See `EngineClient.generate`. Throws `not-loaded` when there is no engine. */
  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerationEvent, void, undefined> {
    if (this.#engine === null) throw new AppError('not-loaded', 'no engine');
    yield* this.#engine.generate(request, signal);
  }

  /** See `EngineApi.tryWaysOut`: from within the engine there is, else from a worker of the same script. */
  async tryWaysOut(): Promise<readonly WayOutTried[]> {
    if (this.#engine !== null) return this.#engine.tryWaysOut();
    const asked = new EngineClient(this.#spawn(), this.#patience);
    try {
      return await asked.tryWaysOut();
    } finally {
      asked.terminate(new AppError('worker-died', 'it has answered'));
    }
  }

  dispose(): void {
    this.#end(this.#engine, 'disposed');
  }

  #end(engine: EngineClient | null, why: string): void {
    engine?.terminate(new AppError('worker-died', why));
    if (this.#engine === engine) this.#engine = null;
  }
}
