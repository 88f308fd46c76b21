import type { PrepareEvent, PreparePhase } from '../contract/store.ts';

/** Twenty events a second are smooth, and cost nothing beside the work they tell of. */
const LEAST_GAP_MS = 50;

/** Tells the page how far a preparation is, phase by phase, and remembers how long each took. */
export class Steps {
  readonly #port: MessagePort;
  readonly #now: () => number;
  readonly #phases: { phase: PreparePhase; elapsedMs: number }[] = [];
  #phase: PreparePhase = 'check';
  #beganAt = 0;
  #toldAt = 0;

  /** @param now milliseconds, never going backwards */
  constructor(port: MessagePort, now: () => number) {
    this.#port = port;
    this.#now = now;
  }

  /** The phases that ended, in order. */
  get phases(): readonly { readonly phase: PreparePhase; readonly elapsedMs: number }[] {
    return this.#phases;
  }

  begin(phase: PreparePhase, totalBytes: number | null): void {
    this.#phase = phase;
    this.#beganAt = this.#now();
    this.#tell(0, totalBytes);
  }

  /** May be called as often as it comes: what follows another too closely is not told. */
  reach(doneBytes: number, totalBytes: number | null): void {
    if (this.#now() - this.#toldAt >= LEAST_GAP_MS) this.#tell(doneBytes, totalBytes);
  }

  end(totalBytes: number): void {
    this.#tell(totalBytes, totalBytes);
    this.#phases.push({ phase: this.#phase, elapsedMs: this.#toldAt - this.#beganAt });
  }

  #tell(doneBytes: number, totalBytes: number | null): void {
    this.#toldAt = this.#now();
    const event: PrepareEvent = {
      type: 'progress',
      phase: this.#phase,
      doneBytes,
      totalBytes,
      elapsedMs: this.#toldAt - this.#beganAt,
    };
    this.#port.postMessage(event);
  }
}
