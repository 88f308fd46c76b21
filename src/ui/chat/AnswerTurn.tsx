import { useSignal } from '@preact/signals';
import { useApp } from '../app-context.ts';
import type { Answer } from '../../state/messages.ts';
import { LazyXRay } from '../inspector/LazyXRay.tsx';
import { Markdown } from '../markdown/Markdown.tsx';
import { modelTitle } from '../models/model-title.ts';
import { Notice } from '../parts/Notice.tsx';
import { Remedies } from '../parts/Remedies.tsx';
import { chat as words, NAME } from '../words.ts';
import { Branches } from './Branches.tsx';
import { CopyButton } from './CopyButton.tsx';
import { TurnButton } from './TurnButton.tsx';
import { AnswerLine } from './AnswerLine.tsx';
import { failureText } from '../failure-text.ts';
import './answer.css';

interface AnswerTurnProps {
  readonly answer: Answer;
  /** Only the last answer can be asked for again. */
  readonly isLast: boolean;
  /** It was not written just now. */
  readonly isOld: boolean;
}

/** A finished answer: its text, what must be said about it, and its numbers. */
export function AnswerTurn({ answer, isLast, isOld }: AnswerTurnProps) {
  const { conversation } = useApp();
  const { text, ending, model, omittedMessages } = answer;
  const isXRay = useSignal(false);
  const isEmpty = text === '' && ending.type === 'ended';
  const retry = () => void conversation.retry();
  const goOn = () => void conversation.goOn();
  return (
    <article class="answer">
      <h2 class="visually-hidden">{model === null ? NAME : modelTitle(model.title)}</h2>
      {isEmpty ? (
        <p class="answer__stage">{words.noText}</p>
      ) : (
        <Body answer={answer} isOpen={isXRay.value} />
      )}
      {omittedMessages > 0 && <p class="answer__stage">{words.omitted(omittedMessages)}</p>}
      <AnswerLine answer={answer} />
      <div class="turn-actions">
        {text !== '' && <CopyButton text={text} />}
        <TurnButton
          icon="xray"
          label={isXRay.value ? words.lookOutside : words.lookInside}
          isPressed={isXRay.value}
          onClick={() => (isXRay.value = !isXRay.value)}
        />
        <TurnButton
          icon="again"
          label={words.again}
          isDisabled={!conversation.canAsk.value}
          onClick={() => void conversation.retry(answer.parentId)}
        />
        {isLast && ending.type !== 'broken' && conversation.canGoOn.value && (
          <TurnButton icon="goOn" label={words.goOn} onClick={goOn} />
        )}
        <Branches message={answer} />
      </div>
      {ending.type === 'broken' && (
        <Notice tone="failure" text={failureText(ending.error)} isOld={isOld}>
          {isLast && conversation.canGoOn.value && (
            <button class="button button--primary" type="button" onClick={goOn}>
              {words.goOn}
            </button>
          )}
          {isLast && <Remedies error={ending.error} onTryAgain={retry} />}
        </Notice>
      )}
    </article>
  );
}

function Body({ answer, isOpen }: { readonly answer: Answer; readonly isOpen: boolean }) {
  return isOpen ? <LazyXRay answer={answer} /> : <Markdown text={answer.text} />;
}
