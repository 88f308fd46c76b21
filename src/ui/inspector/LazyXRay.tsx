import { signal } from '@preact/signals';
import type { Answer } from '../../state/messages.ts';
import { untilLaterWords } from '../language.ts';
import { chat as words } from '../words.ts';

/** Fetched when the first answer is opened. */
const loaded = signal<typeof import('./XRay.tsx') | null>(null);

export function LazyXRay({ answer }: { readonly answer: Answer }) {
  const module = loaded.value;
  if (module === null) {
    Promise.all([import('./XRay.tsx'), untilLaterWords()]).then(
      ([found]) => (loaded.value = found),
      () => {}, // offline before it was kept: opened again, it is asked for again
    );
    return <p class="answer__stage">{words.looking}</p>;
  }
  return <module.XRay answer={answer} />;
}
