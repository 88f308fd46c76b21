import type { EngineName } from './protocol.ts';

/**
 * Who takes part, and up to which prompt length. A peer that fails is left out from there on and named with the
 * reason; when our own engine fails, so does the bench.
 */
export class Field {
  readonly #ours: EngineName;
  readonly #say: (line: string) => void;
  /** Shortest prompt that each peer failed at; 0 where it failed altogether. */
  readonly #failedAt = new Map<EngineName, number>();
  readonly #leftOut = new Map<string, string>();

  /** @param say told once about everyone who is left out */
  constructor(ours: EngineName, say: (line: string) => void) {
    this.#ours = ours;
    this.#say = say;
  }

  /** Whether the engine still runs prompts of this length; 0 asks whether it runs at all. */
  has(engine: EngineName, promptTokens = 0): boolean {
    const failedAt = this.#failedAt.get(engine);
    return failedAt === undefined || promptTokens < failedAt;
  }

  /**
   * Does one engine's part of the work, if it still takes part.
   *
   * @param promptTokens length of the prompt that is run; 0 when the engine cannot do without this part
   * @returns whether it was done
   * @throws what `work` throws when the engine is ours
   */
  async attempt(
    engine: EngineName,
    promptTokens: number,
    work: () => Promise<void>,
  ): Promise<boolean> {
    if (!this.has(engine, promptTokens)) return false;
    try {
      await work();
      return true;
    } catch (error) {
      if (engine === this.#ours) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      const what =
        promptTokens === 0 ? engine : `${engine} from ${promptTokens} prompt tokens upwards`;
      this.#failedAt.set(engine, promptTokens);
      this.#leftOut.set(what, reason);
      this.#say(`left out: ${what}: ${reason}`);
      return false;
    }
  }

  /** What is left out → why. */
  get leftOut(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#leftOut);
  }
}
