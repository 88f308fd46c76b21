import { IncrementalText } from './incremental-text.ts';
import { StopStrings } from './stop-strings.ts';
import type { TextCodec } from './tokenizer.ts';

/** The text of one reply as its tokens come: whole characters only, nothing of a stop string. */
export class ReplyText {
  readonly #codec: Pick<TextCodec, 'bytesOf'>;
  readonly #characters = new IncrementalText();
  readonly #stops: StopStrings;

  constructor(codec: Pick<TextCodec, 'bytesOf'>, stopStrings: readonly string[]) {
    this.#codec = codec;
    this.#stops = new StopStrings(stopStrings);
  }

  get isStopped(): boolean {
    return this.#stops.hit !== null;
  }

  /** Text that this token made final; often empty, see `SampledToken.text`. */
  push(id: number): string {
    return this.#stops.push(this.#characters.push(this.#codec.bytesOf(id)));
  }

  /** What was held back, once no token follows. An open character may complete a stop string; it no longer counts. */
  flush(): string {
    return this.#stops.push(this.#characters.flush()) + this.#stops.flush();
  }
}
