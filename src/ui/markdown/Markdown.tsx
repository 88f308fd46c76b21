import { effect, useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { languageOf } from '../chat/language.ts';
import { language } from '../language.ts';
import { fetchReader, reader } from './fetch-reader.ts';
import './markdown.css';

interface MarkdownProps {
  /** As it stays; or, while it is being written, a signal. */
  readonly text: string | ReadonlySignal<string>;
}

/** A text of a model. When one that was being written is whole, what stands there stays: only its last blocks are made anew. */
export function Markdown({ text }: MarkdownProps) {
  fetchReader();
  const module = reader.value;
  const shown = useOnceAFrame(text);
  const isWhole = typeof text === 'string';
  const growing = useMemo(() => (module === null ? null : new module.GrowingMarkdown()), [module]);
  const tokens = useMemo(
    () => (isWhole ? growing?.finish(shown) : growing?.read(shown)) ?? null,
    [growing, shown, isWhole],
  );
  const lang = languageOf(shown, language.value);
  if (module === null || tokens === null) {
    return (
      <div class="answer__text answer__text--plain" lang={lang}>
        {shown}
      </div>
    );
  }
  return (
    <div class="answer__text markdown" lang={lang}>
      <module.Parts tokens={tokens} />
    </div>
  );
}

/** What a signal says, at most once a frame. */
function useOnceAFrame(text: MarkdownProps['text']): string {
  const shown = useSignal(typeof text === 'string' ? '' : text.peek());
  useEffect(() => {
    if (typeof text === 'string') return undefined;
    let frame: number | null = null;
    const stop = effect(() => {
      void text.value;
      frame ??= requestAnimationFrame(() => {
        frame = null;
        shown.value = text.peek();
      });
    });
    return () => {
      stop();
      if (frame !== null) cancelAnimationFrame(frame);
    };
  }, [text, shown]);
  return typeof text === 'string' ? text : shown.value;
}
