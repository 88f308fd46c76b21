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
/** And so many when it has ended: more at once would hold up the page. */
const MANY = 24;
/** So often is looked for a sentence that became whole, also while others are being said: little is then left to be read at the end. */
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
  #waiting: string[] = [];
  /** When what was said last will have been heard; a reading of the page's clock. */
  #heardAtMs = 0;
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
    if (live !== this.#live) this.#turnTo(live);
    if (live !== null && live.text.value !== '' && this.#timer === null) this.#listen(live);
  }

  /** Nothing is said any more. */
  rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #turnTo(live: LiveReply | null): void {
    this.rest();
    if (this.#live) this.#finish(this.#live);
    if (live !== null) this.rest(); // of the one before nothing is said any more
    this.#begun = this.#live === undefined ? '' : (live?.text.peek() ?? '');
    this.#live = live;
    this.#reading = null;
    this.#waiting = [];
    this.#heardAtMs = 0;
  }

  #listen(live: LiveReply): void {
    const read = live.text.peek();
    this.#waiting.push(...this.#read(read, false));
    if (this.#waiting.length > 0 && performance.now() >= this.#heardAtMs) {
      const now = this.#waiting.splice(0, FEW);
      this.#say(now);
      this.#heardAtMs = performance.now() + speakingMs(now.join(' '));
    }
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#waiting.length > 0 || live.text.peek() !== read) this.#listen(live);
    }, LOOK_EVERY_MS);
  }

  /** What is left of it, and its figures; nothing of one that was left for another conversation. */
  #finish({ id }: LiveReply): void {
    const answer = this.#conversation.messages.peek().at(-1);
    if (answer?.role !== 'assistant' || answer.id !== id) return;
    const hasEnded = answer.ending.type === 'ended';
    const hasText = answer.text !== ''; // what is withheld has none
    this.#pour([
      ...(hasText ? [...this.#waiting, ...this.#read(answer.text, true)] : []),
      ...(hasEnded && !hasText ? [chat.noText] : []),
      ...(hasEnded ? [describeAnswer(answer)] : []),
    ]);
  }

  #pour(sentences: readonly string[]): void {
    if (sentences.length === 0) return;
    this.#say(sentences.slice(0, MANY));
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#pour(sentences.slice(MANY));
    }, LOOK_EVERY_MS);
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
