import { useSignal } from '@preact/signals';
import type { ElementContent, RootContent } from 'hast';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { CopyButton } from '../chat/CopyButton.tsx';
import { markdown as words } from '../words.ts';
import { showControls } from './plain-text.ts';
import './markdown.css';

interface CodeBlockProps {
  readonly code: string;
  /** What stood behind the fence; may be anything. */
  readonly language: string;
}

type Highlighted = readonly RootContent[] | null;

/** Code with its language named and a way to copy it; coloured once it has rested for a moment, for while it grows its meaning changes. */
export function CodeBlock({ code, language }: CodeBlockProps) {
  const highlighted = useSignal<{ readonly of: string; readonly nodes: Highlighted } | null>(null);
  const name = language.trim().split(/\s/, 1)[0] ?? '';
  const shown = showControls(code);

  useEffect(() => {
    let isWanted = true;
    const colour = async () => {
      const { highlight, prepare } = await import('./highlight.ts');
      await aWhile();
      prepare(name);
      await aWhile();
      if (isWanted) highlighted.value = { of: shown, nodes: highlight(shown, name) };
    };
    const timer = setTimeout(() => void colour().catch(() => {}), RESTS_MS); // offline: without colours
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [shown, name, highlighted]);

  const current = highlighted.value;
  const nodes = current !== null && current.of === shown ? current.nodes : null;
  return (
    <figure class="code-block">
      <figcaption class="code-block__head">
        <span>{name === '' ? words.code : showControls(name)}</span>
        <CopyButton text={code} />
      </figcaption>
      <pre tabIndex={0} aria-label={words.code}>
        <code>{nodes === null ? shown : nodes.map(element)}</code>
      </pre>
    </figure>
  );
}

const RESTS_MS = 120;

/** So that what the first colours take, some 40 ms in all, does not fall into one frame. */
function aWhile(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

function element(node: RootContent | ElementContent, key: number): ComponentChildren {
  if (node.type === 'text') return node.value;
  if (node.type !== 'element') return null;
  const { className } = node.properties;
  const classes = Array.isArray(className) ? className.join(' ') : '';
  return (
    <span class={classes} key={key}>
      {node.children.map(element)}
    </span>
  );
}
