/**
 * The tokens of an answer, to choose from. A long answer has many thousand: it stands there as text, and becomes options block by block, where
 * it is looked at or chosen from.
 */
import { useComputed, useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useId, useMemo, useRef } from 'preact/hooks';
import type { TracedToken } from '../../state/traces.ts';
import { xray as words } from '../later-words.ts';
import { showControls } from '../markdown/plain-text.ts';
import { blocksOf, type TokenBlock } from './token-blocks.ts';
import { surpriseLevel } from './token-figures.ts';

interface TokenListProps {
  readonly tokens: readonly TracedToken[];
  /** Index of one of them. */
  readonly chosen: ReadonlySignal<number>;
  readonly onChoose: (index: number) => void;
}

export function TokenList({ tokens, chosen, onChoose }: TokenListProps) {
  const id = useId();
  const blocks = useMemo(() => blocksOf(tokens), [tokens]);
  const active = useComputed(() => `${id}-${chosen.value}`);
  const choose = (index: number) => onChoose(Math.max(0, Math.min(tokens.length - 1, index)));
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    choose(step(chosen.peek(), tokens.length));
  };
  return (
    <div
      class="xray__tokens"
      role="listbox"
      tabIndex={0}
      aria-label={words.tokens}
      aria-activedescendant={active}
      onKeyDown={onKeyDown}
      onClick={(event) => {
        const index = (event.target as HTMLElement).dataset['index'];
        if (index !== undefined) choose(Number(index));
      }}
    >
      {blocks.map((block) => (
        <Block key={block.from} id={id} tokens={tokens} block={block} chosen={chosen} />
      ))}
    </div>
  );
}

interface BlockProps {
  /** Each option's own ends with its index. */
  readonly id: string;
  readonly tokens: readonly TracedToken[];
  readonly block: TokenBlock;
  readonly chosen: ReadonlySignal<number>;
}

function Block({ id, tokens, block, chosen }: BlockProps) {
  const { from, until } = block;
  const box = useRef<HTMLDivElement>(null);
  const wasSeen = useSignal(from === 0);
  /** Null where it is in another block. */
  const at = useComputed(() => {
    const index = chosen.value;
    return index >= from && index < until ? index : null;
  }).value;
  const hasOptions = wasSeen.value || at !== null;
  const before = useRef(at);

  useEffect(() => {
    if (box.current === null || hasOptions) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) wasSeen.value = true;
      },
      { rootMargin: '50%' },
    );
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [hasOptions, wasSeen]);

  useEffect(() => {
    if (at === before.current) return;
    before.current = at;
    if (at === null) return;
    wasSeen.value = true;
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [at, id, wasSeen]);

  const own = tokens.slice(from, until);
  return (
    <div class="xray__block" role="presentation" ref={box}>
      {hasOptions
        ? own.map((one, offset) => (
            <span
              key={offset}
              id={`${id}-${from + offset}`}
              class={`xray__token xray__token--${surpriseLevel(one)}`}
              role="option"
              aria-selected={from + offset === at}
              aria-setsize={tokens.length}
              aria-posinset={from + offset + 1}
              data-index={from + offset}
            >
              {visible(one.text)}
            </span>
          ))
        : own.map(({ text }) => visible(text)).join('')}
    </div>
  );
}

const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowRight: (at) => at + 1,
  ArrowDown: (at) => at + 10,
  ArrowLeft: (at) => at - 1,
  ArrowUp: (at) => at - 10,
  Home: () => 0,
  End: (_at, count) => count - 1,
};

function visible(text: string): string {
  return showControls(text).replaceAll('\n', '⏎\n') || '·';
}
