import { useComputed, useSignal, useSignalEffect, type ReadonlySignal } from '@preact/signals';
import { useMemo, useState } from 'preact/hooks';
import { languageOf } from '../chat/language.ts';
import { language } from '../language.ts';
import { fetchReader, reader } from './fetch-reader.ts';
import './markdown.css';

/** A finished text of a model. */
export function Markdown({ text }: { readonly text: string }) {
  fetchReader();
  const module = reader.value;
  const tokens = useMemo(() => module?.parseMarkdown(text) ?? null, [module, text]);
  if (module === null || tokens === null) return <PlainText text={text} />;
  return (
    <div class="answer__text markdown" lang={languageOf(text, language.value)}>
      <module.Blocks tokens={tokens} />
    </div>
  );
}

/** A text that is being written: read anew at most once a frame. */
export function LiveMarkdown({ text }: { readonly text: ReadonlySignal<string> }) {
  fetchReader();
  const module = reader.value;
  const shown = useSignal(text.peek());
  const [pending] = useState(() => ({ isAsked: false }));
  useSignalEffect(() => {
    void text.value;
    if (pending.isAsked) return;
    pending.isAsked = true;
    requestAnimationFrame(() => {
      pending.isAsked = false;
      shown.value = text.peek();
    });
  });
  const growing = useMemo(() => (module === null ? null : new module.GrowingMarkdown()), [module]);
  const lang = useComputed(() => languageOf(shown.value, language.value));
  const tokens = growing?.read(shown.value) ?? null;
  if (module === null || tokens === null) return <PlainText text={shown.value} />;
  return (
    <div class="answer__text markdown" lang={lang}>
      <module.Blocks tokens={tokens} />
    </div>
  );
}

function PlainText({ text }: { readonly text: string }) {
  return (
    <div class="answer__text answer__text--plain" lang={languageOf(text, language.value)}>
      {text}
    </div>
  );
}
