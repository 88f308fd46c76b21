import { useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { chat as words } from '../words.ts';
import { AnswerTurn } from './AnswerTurn.tsx';
import { QuestionTurn } from './QuestionTurn.tsx';
import './turns.css';

/** The branch of the conversation that is on screen. Finished turns never change; only the live reply does, inside itself. */
export function Turns() {
  const { conversation } = useApp();
  const messages = conversation.messages.value;
  const live = conversation.live.value;
  const [written] = useState(() => ({ last: '' }));
  if (live !== null) written.last = live.id;
  if (messages.length === 0 && live === null) return null;
  const lastId = live === null ? messages.at(-1)?.id : undefined;
  const turns = messages.map((message) =>
    message.role === 'user' ? (
      <QuestionTurn key={message.id} question={message} />
    ) : (
      <AnswerTurn
        key={message.id}
        answer={message}
        isLast={message.id === lastId}
        isOld={message.id !== written.last}
      />
    ),
  );
  if (live !== null) turns.push(<AnswerTurn key={live.id} answer={live} isLast isOld={false} />);
  return (
    <section class="turns" aria-label={words.conversation}>
      {conversation.isTemporary.value && <TemporaryLine />}
      {turns}
    </section>
  );
}

/** A conversation that is not kept says so for as long as it lasts. */
export function TemporaryLine() {
  const { conversation } = useApp();
  const isEmpty = conversation.messages.value.length === 0;
  return (
    <p class="turns__temporary">
      {words.temporary}
      <button class="button" type="button" onClick={conversation.keep}>
        {isEmpty ? words.keepThisOne : words.keepIt}
      </button>
    </p>
  );
}
