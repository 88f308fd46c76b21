import type { LoadEvent } from '../contract/engine.ts';
import type { LoadSummary } from '../contract/stats.ts';

type Phase = LoadSummary['phases'][number];

/** Times the phases of one load, each from the end of the one before, and tells how far the whole is. */
export class LoadPhases {
  readonly #onProgress: (event: LoadEvent) => void;
  readonly #ended: Phase[] = [];
  #beganAtMs = performance.now();
  #fraction = 0;

  constructor(onProgress: (event: LoadEvent) => void) {
    this.#onProgress = onProgress;
  }

  get ended(): readonly Phase[] {
    return this.#ended;
  }

  /** @param fraction of the whole load, 0–1; one that is less than before is told as that */
  report(phase: Phase['name'], fraction: number): void {
    this.#fraction = Math.max(this.#fraction, fraction);
    this.#onProgress({ type: 'loading', phase, fraction: this.#fraction });
  }

  end(name: Phase['name']): void {
    const now = performance.now();
    this.#ended.push({ name, elapsedMs: now - this.#beganAtMs });
    this.#beganAtMs = now;
  }
}
