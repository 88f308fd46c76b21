/**
 * Does one job several times at once; how many may grow and shrink meanwhile. The first failure stops all.
 */
export class Crew {
  readonly #job: (isSurplus: (wanted: number) => boolean, signal: AbortSignal) => Promise<void>;
  readonly #stop = new AbortController();
  /** Oldest first. */
  readonly #members: { done: Promise<void> }[] = [];
  readonly #failures: unknown[] = [];

  /**
   * @param job `isSurplus(wanted)` says whether its member is one more than wanted and may go; `signal` is aborted
   *   when all have to stop
   */
  constructor(job: (isSurplus: (wanted: number) => boolean, signal: AbortSignal) => Promise<void>) {
    this.#job = job;
  }

  get size(): number {
    return this.#members.length;
  }

  /** One more. */
  add(): void {
    const member = { done: Promise.resolve() };
    this.#members.push(member);
    const isSurplus = (wanted: number) => this.#members.indexOf(member) >= wanted;
    member.done = this.#job(isSurplus, this.#stop.signal)
      .catch((error: unknown) => {
        this.#failures.push(error);
        this.stop();
      })
      .finally(() => void this.#members.splice(this.#members.indexOf(member), 1));
  }

  /** Asks all to stop; `finish` tells when they have. */
  stop(): void {
    this.#stop.abort();
  }

  /** Resolves when nobody is left; rejects then, with the first failure, if there was one. */
  async finish(): Promise<void> {
    while (this.#members.length > 0) await this.#members[0]?.done;
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}
