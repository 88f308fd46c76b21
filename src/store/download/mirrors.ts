/**
 * Whom to ask next: addresses of the same bytes, in order of preference. One that fails rests for longer and longer;
 * one that refuses for good is left out. Decides, and waits for nothing itself.
 */
import type { AppError } from '../../contract/errors.ts';
import { present } from '../../lib/assert.ts';
import type { HostFailure } from './host-failure.ts';

export interface Patience {
  /** Wait after the first failure in a row; doubles with each further one. */
  readonly firstWaitMs: number;
  /** Longest wait of our own, and the longest a host may ask for. */
  readonly longestWaitMs: number;
  readonly longestAskedMs: number;
  /** Failures in a row, no byte between them, after which another mirror is tried, and after which all is given up. */
  readonly triesPerMirror: number;
  readonly triesInAll: number;
}

export const PATIENCE: Patience = {
  firstWaitMs: 1_000,
  longestWaitMs: 30_000,
  longestAskedMs: 300_000,
  triesPerMirror: 3,
  triesInAll: 8,
};

export interface Mirror {
  readonly url: string;
  /** Whether to ask it for parts, or for all of the file. */
  sendsParts: boolean;
  hasDelivered: boolean;
  /** Failures in a row. */
  failures: number;
  /** The clock at which it may be asked again. */
  readyAtMs: number;
  isLeftOut: boolean;
  /** The host asked for patience. */
  hasAsked: boolean;
}

export class Mirrors {
  readonly #all: readonly Mirror[];
  readonly #patience: Patience;
  readonly #now: () => number;
  readonly #random: () => number;
  #failuresInARow = 0;

  /**
   * @param sendsParts whether to begin by asking for parts
   * @param random 0 ≤ x < 1: spreads the tries of many who failed at the same moment
   */
  constructor(
    urls: readonly string[],
    patience: Patience,
    now: () => number,
    sendsParts = true,
    random: () => number = Math.random,
  ) {
    this.#all = urls.map((url) => ({
      url,
      sendsParts,
      hasDelivered: false,
      failures: 0,
      readyAtMs: 0,
      isLeftOut: false,
      hasAsked: false,
    }));
    this.#patience = patience;
    this.#now = now;
    this.#random = random;
  }

  /** The one to ask: the first that is ready, else the one that is ready soonest. */
  next(): { readonly mirror: Mirror; readonly waitMs: number } {
    const now = this.#now();
    const left = this.#all.filter(({ isLeftOut }) => !isLeftOut);
    const soonest = left.reduce<Mirror | null>(
      (best, mirror) =>
        best === null || Math.max(now, mirror.readyAtMs) < Math.max(now, best.readyAtMs)
          ? mirror
          : best,
      null,
    );
    const mirror = present(soonest, 'a mirror');
    return { mirror, waitMs: Math.max(0, mirror.readyAtMs - now) };
  }

  /** Bytes came: whatever went wrong before is over. */
  delivered(mirror: Mirror): void {
    mirror.hasDelivered = true;
    mirror.failures = 0;
    mirror.readyAtMs = 0;
    mirror.hasAsked = false;
    this.#failuresInARow = 0;
  }

  /** @throws AppError what the person reads, when there is nobody left to ask */
  failed(mirror: Mirror, failure: HostFailure): void {
    const { firstWaitMs, longestWaitMs, longestAskedMs, triesPerMirror, triesInAll } =
      this.#patience;
    this.#failuresInARow += mirror.sendsParts ? 1 : 2; // without parts, each try may cost the whole file
    mirror.failures++;
    mirror.hasAsked = failure.patienceMs !== null;
    if (failure.isLasting || (failure.patienceMs ?? 0) > longestAskedMs) {
      this.#leaveOut(mirror, failure.error);
      return;
    }
    if (this.#failuresInARow >= triesInAll) throw failure.error;
    // Chromium drops an answer that is compressed although parts of the plain file were asked for: every second time,
    // ask as if there were no parts.
    if (failure.isUnanswered && !mirror.hasDelivered) {
      mirror.sendsParts = mirror.failures % 2 === 0;
    }
    const ownMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (mirror.failures - 1));
    const spreadMs = ownMs * (0.8 + 0.4 * this.#random());
    const isTired = mirror.failures % triesPerMirror === 0 && this.#hasOthers(mirror);
    const restMs = isTired ? longestWaitMs : spreadMs; // long enough for the others to have their turn
    mirror.readyAtMs = this.#now() + (failure.patienceMs ?? restMs);
  }

  #hasOthers(mirror: Mirror): boolean {
    return this.#all.some((other) => other !== mirror && !other.isLeftOut);
  }

  /** The way to all of them was broken, and is not any more. */
  forgive(): void {
    this.#failuresInARow = 0;
    for (const mirror of this.#all) {
      mirror.failures = 0;
      mirror.readyAtMs = 0;
    }
  }

  /** See `leaveOut`. */
  leaveOutAddress(url: string, why: AppError): void {
    const mirror = this.#all.find((mirror) => mirror.url === url);
    if (mirror !== undefined) this.#leaveOut(mirror, why);
  }

  /** @throws AppError `why`, when it was the last */
  #leaveOut(mirror: Mirror, why: AppError): void {
    mirror.isLeftOut = true;
    if (this.#all.every(({ isLeftOut }) => isLeftOut)) throw why;
  }
}
