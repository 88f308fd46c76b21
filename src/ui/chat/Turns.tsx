import { useApp } from '../app-context.ts';
import { chat as words } from '../words.ts';
import { AnswerTurn } from './AnswerTurn.tsx';
import { languageOf } from './language.ts';
import { LiveAnswer } from './LiveAnswer.tsx';
import './turns.css';

/** The conversation. Finished turns never change; only the live reply does, inside itself. */
export function Turns() {
  const { conversation } = useApp();
  const messages = conversation.messages.value;
  const live = conversation.live.value;
  if (messages.length === 0 && live === null) return null;
  const lastId = live === null ? messages.at(-1)?.id : undefined;
  return (
    <section class="turns" aria-label={words.conversation}>
      {messages.map((message) =>
        message.role === 'user' ? (
          <article class="turns__question" key={message.id}>
            <h2 class="visually-hidden">{words.you}</h2>
            <p class="turns__words" lang={languageOf(message.text)}>
              {message.text}
            </p>
          </article>
        ) : (
          <AnswerTurn key={message.id} answer={message} isLast={message.id === lastId} />
        ),
      )}
      {live !== null && <LiveAnswer key={live.id} reply={live} />}
    </section>
  );
}
