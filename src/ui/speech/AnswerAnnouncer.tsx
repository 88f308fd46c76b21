import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { languageOf } from '../chat/language.ts';
import { language } from '../language.ts';
import { speech as words } from '../later-words.ts';
import { announced } from './announced.ts';
import { AnswerFollower } from './answer-follower.ts';

/** So many that were said before stay, so that none is gone before it was heard of. */
const KEPT = 3;
/** What was said is taken away: at the end of the page nobody should come by it again. */
const GONE_AFTER_MS = 20_000;

interface Utterance {
  readonly id: number;
  readonly text: string;
}

/** What is said of answers, off screen: what is seen changes with every token, and would be said with every token. */
export function AnswerAnnouncer() {
  const { conversation } = useApp();
  const said = useSignal<readonly Utterance[]>([]);
  const [follower] = useState(() => new AnswerFollower(conversation, (texts) => say(texts)));

  useSignalEffect(() => follower.look(conversation.live.value));
  useEffect(() => () => follower.rest(), [follower]);
  useSignalEffect(() => {
    if (announced.value !== null) say([announced.value.text]);
  });
  useSignalEffect(() => {
    if (said.value.length === 0) return undefined;
    const timer = setTimeout(() => (said.value = []), GONE_AFTER_MS);
    return () => clearTimeout(timer);
  });

  function say(texts: readonly string[]): void {
    const next = (said.peek().at(-1)?.id ?? 0) + 1;
    said.value = [
      ...said.peek().slice(-KEPT),
      ...texts.map((text, index) => ({ id: next + index, text })),
    ];
  }

  return (
    <div
      class="visually-hidden"
      role="log"
      aria-label={words.title}
      aria-live="polite"
      aria-relevant="additions"
    >
      {said.value.map(({ id, text }) => (
        <p key={id} lang={languageOf(text, language.value)}>
          {text}
        </p>
      ))}
    </div>
  );
}
