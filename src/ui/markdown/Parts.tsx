/**
 * The blocks of a text in parts, of which the browser lays out and paints those in sight only (`markdown.css`): a word more, or a
 * scrolled line, then costs the last part and not all of a long answer. What is opened long is made in steps, its two ends first.
 */
import type { Token } from 'marked';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Blocks } from './Blocks.tsx';
import { showControls } from './plain-text.ts';

/** About half of them are the spaces between blocks. */
const PART_TOKENS = 32;
/** So many parts at each end are made at once. */
const FIRST_PARTS = 3;
/** Between two parts that are made, so that frames come between. */
const REST_MS = 8;

interface Part {
  readonly tokens: readonly Token[];
  readonly isMade: boolean;
  readonly element: ComponentChildren;
}

export function Parts({ tokens }: { readonly tokens: readonly Token[] }) {
  const [waiting, setWaiting] = useState<readonly number[]>(() =>
    middle(Math.ceil(tokens.length / PART_TOKENS)),
  );
  const [parts] = useState<Part[]>(() => []);
  useEffect(() => {
    if (waiting.length === 0) return undefined;
    const timer = setTimeout(() => setWaiting(waiting.slice(1)), REST_MS);
    return () => clearTimeout(timer);
  }, [waiting]);

  const count = Math.ceil(tokens.length / PART_TOKENS);
  parts.length = Math.min(parts.length, count);
  for (let index = 0; index < count; index++) {
    const own = tokens.slice(index * PART_TOKENS, (index + 1) * PART_TOKENS);
    const isMade = !waiting.includes(index);
    const before = parts[index];
    // The same element again for the same tokens: of a growing text, what is settled is not even compared.
    if (before?.isMade === isMade && areSame(before.tokens, own)) continue;
    parts[index] = {
      tokens: own,
      isMade,
      element: (
        <div class="markdown__part" key={index}>
          {isMade ? (
            <Blocks tokens={own} />
          ) : (
            <p class="markdown__waiting">{showControls(own.map(({ raw }) => raw).join(''))}</p>
          )}
        </div>
      ),
    };
  }
  return <>{parts.map(({ element }) => element)}</>;
}

function middle(count: number): readonly number[] {
  const indexes = Array.from({ length: count }, (_, index) => index);
  return indexes.slice(FIRST_PARTS, -FIRST_PARTS);
}

function areSame(some: readonly Token[], others: readonly Token[]): boolean {
  return some.length === others.length && some.every((token, index) => token === others[index]);
}
