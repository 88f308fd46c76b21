import { Lexer, type Token } from 'marked';

/** A longer text is shown as it is: nobody reads it, and a page should not be held up by it. */
const LONGEST_CHARACTERS = 400_000;

/** Lists and quotations within each other on one line, deeper than anybody means it: reading them takes seconds. */
const NESTED_TOO_DEEP = /^(?:[ \t]{0,3}(?:>|[-*+][ \t]|\d{1,9}[.)][ \t])){12}/m;

/** What Markdown of a model says, as a tree; line breaks count, as in chats. Null when it cannot be read: show the text itself. */
export function parseMarkdown(text: string): readonly Token[] | null {
  if (text.length > LONGEST_CHARACTERS || NESTED_TOO_DEEP.test(text)) return null;
  try {
    return new Lexer({ gfm: true, breaks: true }).lex(text);
  } catch {
    return null; // nested deeper than the parser can go
  }
}

/** The same of a text that may still grow: its open marks count as closed. */
export function parseUnfinished(text: string): readonly Token[] | null {
  return parseMarkdown(closeMarks(text));
}

/**
 * Reads a text that grows. Blocks that more text cannot change any more are read once, so that each word costs the
 * last blocks only.
 */
export class GrowingMarkdown {
  #settledText = '';
  #settled: readonly Token[] = [];

  /** @param text the text of the call before, with more at its end; another text begins anew */
  read(text: string): readonly Token[] | null {
    if (!text.startsWith(this.#settledText)) {
      this.#settledText = '';
      this.#settled = [];
    }
    const rest = text.slice(this.#settledText.length);
    const tokens = parseUnfinished(rest);
    if (tokens === null) return null;
    const all = [...this.#settled, ...tokens];
    const lastSpace = tokens.findLastIndex(({ type }) => type === 'space');
    // The blocks before a blank line, unless the last of them may go on after it, as lists do.
    const before = tokens.slice(0, lastSpace);
    const beforeText = before.map(({ raw }) => raw).join('');
    const maySettle = lastSpace > 1 && before.at(-1)?.type !== 'list';
    if (maySettle && rest.startsWith(beforeText)) {
      this.#settledText += beforeText;
      this.#settled = [...this.#settled, ...before];
    }
    return all;
  }
}

/** Marks that are still open at the end of a growing text are closed, so that they do not show up for a moment. */
function closeMarks(text: string): string {
  const fences = text.match(/^ {0,3}(?:```|~~~)/gm)?.length ?? 0;
  if (fences % 2 === 1) return text;
  const lastBlock = text.slice(text.lastIndexOf('\n\n') + 1);
  const ticks = lastBlock.split('`').length - 1;
  if (ticks % 2 === 1) return `${text}\``;
  const strong = lastBlock.split('**').length - 1;
  if (strong % 2 === 1 && !/\*\*\s*$/.test(text)) return `${text.trimEnd()}**`;
  return text;
}
