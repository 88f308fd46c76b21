import type { Conversation, LiveReply } from '../../state/conversation.ts';
import { describeAnswer } from '../chat/describe-answer.ts';
import { speech as words } from '../later-words.ts';
import { reader } from '../markdown/fetch-reader.ts';
import { numberWords } from '../spoken.ts';
import { chat } from '../words.ts';
import type { ReadAloud } from './read-aloud.ts';
import { cutFor } from './sentences.ts';
import { speakingMs } from './speaking-time.ts';

/** While an answer is written, so many sentences are said at once. */
const FEW = 3;
/** So often is looked for a sentence that became whole. */
const LOOK_EVERY_MS = 150;

/**
 * Has an answer said while it is written: sentence by sentence, a few at a time and not faster than they are spoken; when it ends, what is left, and its
 * figures. Why one broke off, its notice says.
 */
export class AnswerFollower {
  readonly #conversation: Pick<Conversation, 'messages'>;
  readonly #say: (sentences: readonly string[]) => void;
  /** Undefined before the first look, which may find an answer in the midst. */
  #live: LiveReply | null | undefined;
  #begun = '';
  #reading: ReadAloud | null = null;
  #waiting: readonly string[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    conversation: Pick<Conversation, 'messages'>,
    say: (sentences: readonly string[]) => void,
  ) {
    this.#conversation = conversation;
    this.#say = say;
  }

  /** Reads the signals that it is to be called for again. */
  look(live: LiveReply | null): void {
    if (live !== this.#live) {
      if (this.#live) this.#finish(this.#live);
      this.#begin(live);
    }
    if (live !== null && live.text.value !== '' && this.#timer === null) this.#listen(live);
  }

  /** Nothing is said any more. */
  rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #begin(live: LiveReply | null): void {
    this.rest();
    this.#begun = this.#live === undefined ? '' : (live?.text.peek() ?? '');
    this.#live = live;
    this.#reading = null;
    this.#waiting = [];
  }

  #listen(live: LiveReply): void {
    const whole = [...this.#waiting, ...this.#read(live.text.peek(), false)];
    const now = whole.slice(0, FEW);
    this.#waiting = whole.slice(FEW);
    if (now.length > 0) this.#say(now);
    const pauseMs = now.length === 0 ? LOOK_EVERY_MS : speakingMs(now.join(' '));
    const heard = live.text.peek();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#waiting.length > 0 || live.text.peek() !== heard) this.#listen(live);
    }, pauseMs);
  }

  /** What is left of it, and its figures; nothing of one that was left for another conversation. */
  #finish({ id }: LiveReply): void {
    const answer = this.#conversation.messages.peek().at(-1);
    if (answer?.role !== 'assistant' || answer.id !== id) return;
    const hasEnded = answer.ending.type === 'ended';
    const hasText = answer.text !== ''; // what is withheld has none
    this.#say([
      ...(hasText ? [...this.#waiting, ...this.#read(answer.text, true)] : []),
      ...(hasEnded && !hasText ? [chat.noText] : []),
      ...(hasEnded ? [describeAnswer(answer)] : []),
    ]);
  }

  /** Without the part that reads, which may not have come yet, a text is read when it is whole. */
  #read(text: string, isWhole: boolean): readonly string[] {
    const module = reader.peek();
    if (this.#reading === null && module !== null) {
      this.#reading = new module.ReadAloud(cutFor(numberWords.peek().locale), words, this.#begun);
    }
    return this.#reading?.next(text, isWhole) ?? (isWhole && text !== '' ? [text] : []);
  }
}
