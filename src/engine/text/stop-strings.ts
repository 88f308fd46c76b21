/**
 * Ends a text before the first stop string that is completed in it. Text whose end may still become one is held
 * back. What comes out does not depend on how the text was cut into pieces.
 */
export class StopStrings {
  readonly #stops: readonly string[];
  #held = '';
  #hit: string | null = null;

  /** @param stops none of them empty */
  constructor(stops: readonly string[]) {
    // Of several completed by the same character, the longest begins first.
    this.#stops = [...stops].sort((a, b) => b.length - a.length);
  }

  /** The stop string that ended the text, or null. */
  get hit(): string | null {
    return this.#hit;
  }

  /** Text that is now certain to belong to the reply. Nothing more comes after a hit. */
  push(text: string): string {
    if (this.#hit !== null) return '';
    const before = this.#held.length;
    const all = this.#held + text;
    for (let end = before + 1; end <= all.length; end++) {
      const hit = this.#stops.find((stop) => all.endsWith(stop, end));
      if (hit !== undefined) {
        this.#hit = hit;
        this.#held = '';
        return all.slice(0, end - hit.length);
      }
    }
    const heldLength = this.#longestOpenEnd(all);
    this.#held = all.slice(all.length - heldLength);
    return all.slice(0, all.length - heldLength);
  }

  /** The text is over: what was held back belongs to it. */
  flush(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }

  /** Length of the longest end of `text` that a stop string begins with. */
  #longestOpenEnd(text: string): number {
    const longestStop = this.#stops[0]?.length ?? 0;
    for (let length = Math.min(text.length, longestStop - 1); length > 0; length--) {
      const end = text.slice(text.length - length);
      if (this.#stops.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
  }
}
