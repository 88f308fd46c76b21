import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Question } from '../../state/messages.ts';
import { useApp } from '../app-context.ts';
import { language } from '../language.ts';
import { chat as words } from '../words.ts';
import { Branches } from './Branches.tsx';
import { languageOf } from './language.ts';
import { TurnButton } from './TurnButton.tsx';
import './question.css';

/** What the person said. Edited, it is asked again in a branch of its own. */
export function QuestionTurn({ question }: { readonly question: Question }) {
  const { conversation } = useApp();
  const isEditing = useSignal(false);
  const edit = useRef<HTMLDivElement>(null);
  const { text } = question;
  const finish = () => {
    isEditing.value = false;
    // The button that began it is there again.
    requestAnimationFrame(() => edit.current?.querySelector('button')?.focus());
  };
  return (
    <article class={isEditing.value ? 'question question--edited' : 'question'}>
      <h2 class="visually-hidden">{words.you}</h2>
      {isEditing.value ? (
        <Editor question={question} onDone={finish} />
      ) : (
        <>
          <p class="question__words" lang={languageOf(text, language.value)}>
            {text}
          </p>
          <div class="turn-actions turn-actions--end" ref={edit}>
            <TurnButton
              icon="edit"
              label={words.edit}
              isDisabled={!conversation.canAsk.value}
              onClick={() => (isEditing.value = true)}
            />
            <Branches message={question} />
          </div>
        </>
      )}
    </article>
  );
}

interface EditorProps {
  readonly question: Question;
  readonly onDone: () => void;
}

function Editor({ question, onDone }: EditorProps) {
  const { conversation } = useApp();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = () => {
    const text = field.current?.value ?? '';
    if (text.trim() === '' || !conversation.canAsk.value) return;
    onDone();
    void conversation.edit(question.id, text);
  };
  return (
    <form
      class="question__editor"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <textarea
        class="question__field"
        ref={field}
        rows={Math.min(8, question.text.split('\n').length + 1)}
        aria-label={words.editField}
        defaultValue={question.text}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === 'Escape') {
            event.stopPropagation();
            onDone();
          }
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
        }}
      />
      <div class="question__buttons">
        <button class="button button--quiet" type="button" onClick={onDone}>
          {words.cancelEdit}
        </button>
        <button class="button button--primary" type="submit">
          {words.ask}
        </button>
      </div>
    </form>
  );
}
