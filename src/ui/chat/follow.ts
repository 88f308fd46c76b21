import { effect, signal, type ReadonlySignal } from '@preact/signals';

/** This near to the end counts as at the end: less than a line of text. */
const NEAR_PX = 24;

/**
 * Keeps the end of the page in view while the reader is there, and never moves it otherwise.
 * The page itself is the one scroll container.
 */
export class Follower {
  /** Text came below what the reader sees. */
  readonly hasNewText: ReadonlySignal<boolean>;
  readonly #hasNewText = signal(false);
  #isAtEnd = true;
  #lastTop = 0;

  constructor() {
    this.hasNewText = this.#hasNewText;
  }

  /** @returns what ends it */
  start(): () => void {
    const life = new AbortController();
    const onScroll = () => this.#look();
    const onResize = () => this.#stay();
    window.addEventListener('scroll', onScroll, { passive: true, signal: life.signal });
    window.addEventListener('resize', onResize, { signal: life.signal });
    return () => life.abort();
  }

  /** Calls `read`, which reads signals, and follows whenever one of them changes, once a frame. @returns what ends it */
  watch(read: () => void): () => void {
    let isFirst = true;
    let isAsked = false;
    return effect(() => {
      read();
      if (!isFirst && !isAsked) {
        isAsked = true;
        requestAnimationFrame(() => {
          isAsked = false;
          this.#grown();
        });
      }
      isFirst = false;
    });
  }

  toEnd(): void {
    this.#isAtEnd = true;
    this.#hasNewText.value = false;
    this.#stay();
  }

  #grown(): void {
    if (this.#isAtEnd) this.#stay();
    else this.#hasNewText.value = true;
  }

  #stay(): void {
    if (this.#isAtEnd) window.scrollTo({ top: document.documentElement.scrollHeight });
  }

  /** Text that grows moves the end away from the reader, not the reader from the end: only going up is leaving. */
  #look(): void {
    const { scrollHeight } = document.documentElement;
    const wentUp = window.scrollY < this.#lastTop;
    this.#lastTop = window.scrollY;
    if (scrollHeight - window.innerHeight - window.scrollY < NEAR_PX) {
      this.#isAtEnd = true;
      this.#hasNewText.value = false;
    } else if (wentUp) {
      this.#isAtEnd = false;
    }
  }
}
