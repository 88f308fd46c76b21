import { Lexer, type Links, type Token, type Tokens } from 'marked';

/** A longer text is shown as it is: nobody reads it, and a page should not be held up by it. */
const LONGEST_CHARACTERS = 400_000;

/** Lists and quotations within each other on one line, deeper than anybody means it: reading them takes seconds. */
const NESTED_TOO_DEEP = /^(?:[ \t]{0,3}(?:>|[-*+][ \t]|\d{1,9}[.)][ \t])){12}/m;

/** What Markdown of a model says, as a tree; line breaks count, as in chats. Null when it cannot be read: show the text itself. */
export function parseMarkdown(text: string): readonly Token[] | null {
  return lex(text, among({}));
}

/** @param links that were defined elsewhere, to which those of `text` are added */
function lex(text: string, links: Links): readonly Token[] | null {
  if (text.length > LONGEST_CHARACTERS || NESTED_TOO_DEEP.test(text)) return null;
  try {
    const lexer = new Lexer({ gfm: true, breaks: true });
    lexer.tokens.links = links;
    lexer.blockTokens(text.replace(/\r\n?/g, '\n'), lexer.tokens);
    // As `lexer.lex` does, but for links: HTML that is left open must not reach into later blocks, which may be read without it.
    for (let next = 0; next < lexer.inlineQueue.length; next++) {
      const { src = '', tokens = [] } = lexer.inlineQueue[next] ?? {};
      lexer.state.inRawBlock = false;
      lexer.state.inLink = false;
      lexer.inlineTokens(src, tokens);
    }
    return lexer.tokens;
  } catch {
    return null; // nested deeper than the parser can go
  }
}

/** The same of a text that may still grow: its open marks count as closed. */
export function parseUnfinished(text: string): readonly Token[] | null {
  return parseMarkdown(closeMarks(text));
}

/**
 * Reads a text that grows. Blocks that more text cannot change any more are read once, and are the same tokens ever after, so
 * that each word costs the last blocks only, and the end of a long text no more than that of a short one.
 */
export class GrowingMarkdown {
  #settledText = '';
  #settled: readonly Token[] = [];
  #links = among({});

  /** @param text the text of the call before, with more at its end; another text begins anew */
  read(text: string): readonly Token[] | null {
    const rest = this.#restOf(text);
    const links = among(this.#links);
    const tokens = lex(closeMarks(rest), links);
    if (tokens === null) return null;
    const all = [...this.#settled, ...tokens];
    const before = tokens.slice(0, settledCount(tokens));
    const beforeText = before.map(({ raw }) => raw).join('');
    if (before.length > 0 && rest.startsWith(beforeText)) {
      this.#settledText += beforeText;
      this.#settled = [...this.#settled, ...before];
      define(this.#links, before);
    }
    return all;
  }

  /** The text as it stays: nothing more comes, and marks that are still open are no marks. */
  finish(text: string): readonly Token[] | null {
    const rest = this.#restOf(text);
    const links = among(this.#links);
    const tokens = lex(rest, links);
    if (tokens === null) return null;
    // A link may be used long before it is defined.
    if (Object.keys(links).length > 0) {
      this.#settled = this.#settled.map((token) => withLinks(token, links));
    }
    return [...this.#settled, ...tokens];
  }

  /** What is not settled. */
  #restOf(text: string): string {
    if (!text.startsWith(this.#settledText)) {
      this.#settledText = '';
      this.#settled = [];
      this.#links = among({});
    }
    return text.slice(this.#settledText.length);
  }
}

/** How many of the blocks more text cannot change: those before a blank line, unless the last of them may go on after it. */
function settledCount(blocks: readonly Token[]): number {
  const open = blocks.findIndex(isOpen);
  const closed = open === -1 ? blocks : blocks.slice(0, open);
  // White space at the very end may yet turn out to be the beginning of a line.
  const lastSpace = closed
    .slice(0, blocks.length - 1)
    .findLastIndex(({ type }) => type === 'space');
  const last = closed[lastSpace - 1];
  if (last === undefined || lastSpace < 2) return 0;
  const goesOn =
    last.type === 'list' || (last.type === 'code' && last['codeBlockStyle'] === 'indented');
  return goesOn ? 0 : lastSpace;
}

/** HTML that begins with the first ends with the second, however many blank lines are between; unless that never comes. */
const HTML_ENDS: readonly (readonly [RegExp, RegExp])[] = [
  [/^ {0,3}<(?:pre|script|style|textarea)\b/i, /<\/(?:pre|script|style|textarea)>/i],
  [/^ {0,3}<!--/, /-->/],
  [/^ {0,3}<\?/, /\?>/],
  [/^ {0,3}<!\[CDATA\[/, /\]\]>/],
];

function isOpen({ type, raw }: Token): boolean {
  if (type !== 'html') return false;
  return HTML_ENDS.some(([begins, ends]) => begins.test(raw) && !ends.test(raw));
}

/** A copy; without a prototype, for any word may be the name of a link. */
function among(links: Links): Links {
  return Object.assign(Object.create(null) as Links, links);
}

/** Adds what the blocks define; of several of one name the first counts. */
function define(links: Links, blocks: readonly Token[]): void {
  for (const block of blocks) {
    if (block.type === 'def') {
      const { tag, href, title } = block as Tokens.Def;
      links[tag] ??= { href, title: title ?? null };
    } else if (block.type === 'blockquote') {
      define(links, block.tokens ?? []);
    } else if (block.type === 'list') {
      for (const { tokens } of (block as Tokens.List).items) define(links, tokens);
    }
  }
}

/** A block as it reads with these links. */
function withLinks(block: Token, links: Links): Token {
  if (block.type === 'code' || !block.raw.includes('[')) return block;
  const [read, ...others] = lex(block.raw, among(links)) ?? [];
  return read?.type === block.type && others.length === 0 ? read : block;
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
