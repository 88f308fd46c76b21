/**
 * Bytes of tokens in, whole characters out. A character may be spread over several tokens; its bytes are held
 * back until it is whole. Bytes that can no longer become a character show as U+FFFD, one per maximal
 * subpart (Unicode 16, §3.9, as the Encoding Standard's decoder does it).
 */
export class IncrementalText {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /** Text that `bytes` completed; empty while a character is still open. */
  push(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** Gives up on an open character: U+FFFD if there was one, else empty. The next `push` starts afresh. */
  flush(): string {
    return this.#decoder.decode();
  }
}
