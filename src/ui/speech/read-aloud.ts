/** What a model wrote as it is to be heard: sentence by sentence, without marks; code and tables are named, not spelt. */
import type { MarkedToken, Token, Tokens } from 'marked';
import { unreachable } from '../../lib/assert.ts';
import { parseUnfinished } from '../markdown/parse-markdown.ts';
import { decodeReferences, showControls } from '../markdown/plain-text.ts';
import { sentencesOf, type Cut } from './sentences.ts';

/** How is said what is not read out. */
export interface Summaries {
  /** @param language as the model named it, or empty */
  readonly code: (language: string, lines: number) => string;
  readonly table: (rows: number, columns: readonly string[]) => string;
  readonly image: (title: string) => string;
}

/** What lies deeper is not read out. */
const DEEPEST = 24;

/** Follows one text while it grows. Every sentence of it is given once, when it is whole. */
export class ReadAloud {
  readonly #cut: Cut;
  readonly #summaries: Summaries;
  /** The beginning of the text, all of which was given. */
  #passed = '';
  /** Of the sentences behind it, so many were given. */
  #given = 0;

  /** @param begun what was there before, and heard: of it only a sentence that was not whole is given, once it is */
  constructor(cut: Cut, summaries: Summaries, begun = '') {
    this.#cut = cut;
    this.#summaries = summaries;
    this.next(begun, false);
  }

  /**
   * @param text the text of the call before, with more at its end; of another text nothing is given but what comes after it
   * @param isWhole nothing comes after it: then the last sentence is given too
   * @returns sentences that became whole since the call before
   */
  next(text: string, isWhole: boolean): readonly string[] {
    if (!text.startsWith(this.#passed)) {
      this.#passed = '';
      this.#given = 0;
      this.#read(text, false);
      return [];
    }
    return this.#read(text, isWhole);
  }

  #read(text: string, isWhole: boolean): readonly string[] {
    const rest = text.slice(this.#passed.length);
    const blocks = parseUnfinished(rest);
    if (blocks === null) return this.#take(this.#plain(rest, !isWhole));
    // The last block may still grow; blank lines behind it do not end a list.
    const last = isWhole ? blocks.length : blocks.findLastIndex(({ type }) => type !== 'space');
    const whole = blocks.slice(0, Math.max(0, last));
    const settled = whole.flatMap((block) => this.#block(block, false, 0));
    const open = blocks[last];
    const fresh = this.#take([
      ...settled,
      ...(open === undefined ? [] : this.#block(open, true, 0)),
    ]);
    const raw = whole.map((block) => block.raw).join('');
    if (rest.startsWith(raw)) {
      this.#passed += raw;
      this.#given -= settled.length;
    }
    return fresh;
  }

  #take(sentences: readonly string[]): readonly string[] {
    const fresh = sentences.slice(this.#given);
    this.#given = Math.max(this.#given, sentences.length);
    return fresh;
  }

  #block(token: Token, isOpen: boolean, depth: number): readonly string[] {
    const block = token as MarkedToken;
    if (depth > DEEPEST) return [];
    switch (block.type) {
      case 'space':
      case 'def':
      case 'hr':
        return [];
      case 'code':
        return isOpen ? [] : [this.#code(block)];
      case 'table':
        return isOpen ? [] : [this.#table(block)];
      case 'list':
        return this.#list(block, isOpen, depth);
      case 'blockquote':
        return this.#blocks(block.tokens, isOpen, depth);
      case 'paragraph':
        // What has bars may become a table.
        if (isOpen && block.raw.includes('|')) return [];
        return this.#plain(this.#inlines(block.tokens, depth), isOpen);
      case 'heading':
        return this.#plain(this.#inlines(block.tokens, depth), isOpen);
      case 'br':
      case 'checkbox':
      case 'codespan':
      case 'del':
      case 'em':
      case 'escape':
      case 'html':
      case 'image':
      case 'link':
      case 'list_item':
      case 'strong':
      case 'text':
        return this.#plain(this.#inline(block, depth), isOpen);
      default:
        return unreachable(block);
    }
  }

  #blocks(tokens: readonly Token[], isOpen: boolean, depth: number): readonly string[] {
    const last = tokens.findLastIndex(({ type }) => type !== 'space');
    return tokens.flatMap((token, index) =>
      this.#block(token, isOpen && index === last, depth + 1),
    );
  }

  #list({ items, ordered, start }: Tokens.List, isOpen: boolean, depth: number) {
    return items.flatMap(({ tokens }, index) => {
      const isGrowing = isOpen && index === items.length - 1;
      const [first, ...others] = this.#blocks(tokens, isGrowing, depth);
      if (first === undefined) return [];
      return [ordered ? `${Number(start) + index}. ${first}` : first, ...others];
    });
  }

  #code({ text, lang }: Tokens.Code): string {
    const language = showControls(lang?.trim().split(/\s/, 1)[0] ?? '');
    return this.#summaries.code(language, text.trimEnd().split('\n').length);
  }

  #table({ rows, header }: Tokens.Table): string {
    const names = header.map(({ tokens }) => this.#inlines(tokens, 0).trim());
    return this.#summaries.table(rows.length, names);
  }

  #plain(text: string, isOpen: boolean): readonly string[] {
    const sentences = sentencesOf(text, this.#cut);
    return isOpen ? sentences.slice(0, -1) : sentences;
  }

  #inlines(tokens: readonly Token[], depth: number): string {
    return tokens.map((token) => this.#inline(token as MarkedToken, depth + 1)).join('');
  }

  #inline(token: MarkedToken, depth: number): string {
    if (depth > DEEPEST) return '';
    switch (token.type) {
      case 'br':
        return '\n';
      case 'checkbox':
        return '';
      case 'codespan':
      case 'escape':
        return showControls(token.text);
      case 'image':
        return this.#summaries.image(showControls(token.text));
      case 'html':
        return showControls(token.raw);
      case 'text':
        if (token.tokens !== undefined) return this.#inlines(token.tokens, depth);
        return showControls(decodeReferences(token.text));
      case 'del':
      case 'em':
      case 'link':
      case 'strong':
        return this.#inlines(token.tokens, depth);
      case 'blockquote':
      case 'code':
      case 'def':
      case 'heading':
      case 'hr':
      case 'list':
      case 'list_item':
      case 'paragraph':
      case 'space':
      case 'table':
        return showControls(token.raw);
      default:
        return unreachable(token);
    }
  }
}
