import { useSignal, type Signal } from '@preact/signals';
import type { LiveReply } from '../../state/conversation.ts';
import type { Answer } from '../../state/messages.ts';
import { useApp } from '../app-context.ts';
import { failureText } from '../failure-text.ts';
import { LazyXRay } from '../inspector/LazyXRay.tsx';
import { Markdown } from '../markdown/Markdown.tsx';
import { modelTitle } from '../models/model-title.ts';
import { Notice } from '../parts/Notice.tsx';
import { Remedies } from '../parts/Remedies.tsx';
import { chat as words, NAME } from '../words.ts';
import { AnswerLine } from './AnswerLine.tsx';
import { Branches } from './Branches.tsx';
import { CopyButton } from './CopyButton.tsx';
import { LiveState } from './LiveState.tsx';
import { TurnButton } from './TurnButton.tsx';
import './answer.css';

interface AnswerTurnProps {
  readonly answer: Answer | LiveReply;
  /** Only the last answer can be asked for again. */
  readonly isLast: boolean;
  /** It was not written just now. */
  readonly isOld: boolean;
}

/**
 * An answer: its text, and below it how far it is while it is written, then what must be said about it and its numbers. One component
 * for both, so that the end of an answer leaves its text where it is.
 */
export function AnswerTurn({ answer, isLast, isOld }: AnswerTurnProps) {
  const isXRay = useSignal(false);
  const finished = 'stage' in answer ? null : answer;
  const model = finished?.model ?? null;
  return (
    <article class="answer" aria-busy={finished === null ? 'true' : undefined}>
      <h2 class="visually-hidden">{model === null ? NAME : modelTitle(model.title)}</h2>
      {finished !== null && isXRay.value ? (
        <LazyXRay answer={finished} />
      ) : (
        <Markdown text={answer.text} />
      )}
      {'stage' in answer ? (
        <LiveState reply={answer} />
      ) : (
        <Finished answer={answer} isLast={isLast} isOld={isOld} isXRay={isXRay} />
      )}
    </article>
  );
}

interface FinishedProps {
  readonly answer: Answer;
  readonly isLast: boolean;
  readonly isOld: boolean;
  readonly isXRay: Signal<boolean>;
}

function Finished({ answer, isLast, isOld, isXRay }: FinishedProps) {
  const { conversation } = useApp();
  const { text, ending, omittedMessages } = answer;
  const isEmpty = text === '' && ending.type === 'ended' && !isXRay.value;
  const retry = () => void conversation.retry();
  const goOn = () => {
    isXRay.value = false;
    void conversation.goOn();
  };
  return (
    <>
      {isEmpty && <p class="answer__stage">{words.noText}</p>}
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
    </>
  );
}
