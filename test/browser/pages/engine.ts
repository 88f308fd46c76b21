/** The page of a test that drives the engine's own code in a worker, without the product around it. */
import * as Comlink from 'comlink';
import type { EngineUnderTest } from './engine.worker.ts';

declare global {
  interface Window {
    /** Each starts a worker of its own, as the product does: one engine, one attempt. */
    startEngine?: () => EngineHandle;
  }
}

export interface EngineHandle {
  /** Answers as the worker does, or rejects when the worker dies: no wait outlives it. */
  ask<T>(question: (engine: Comlink.Remote<EngineUnderTest>) => Promise<T>): Promise<T>;
  end(): void;
}

window.startEngine = () => {
  const worker = new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' });
  const engine = Comlink.wrap<EngineUnderTest>(worker);
  const died = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) => reject(new Error(`worker: ${message}`)));
  });
  died.catch(() => {}); // told to whoever asks
  return {
    ask: (question) => Promise.race([question(engine), died]),
    end: () => worker.terminate(),
  };
};
