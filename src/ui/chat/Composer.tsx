import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { useApp } from '../app-context.ts';
import { openSheet } from '../open-sheet.ts';
import { isPassage } from '../../state/writing-prompts.ts';
import { later } from '../parts/later.tsx';
import { Icon } from '../parts/Icon.tsx';
import { StatisticsButton } from '../stats/StatisticsButton.tsx';
import { chat as words, page } from '../words.ts';
import { COMPOSER_ID } from './focus-composer.ts';
import './composer.css';

const WritingTools = later(async () => (await import('../writing/WritingTools.tsx')).WritingTools);

/** Where a question is written. Enter asks, Shift+Enter breaks the line; nothing happens while an input method composes. */
export function Composer() {
  const { conversation } = useApp();
  const field = useRef<HTMLTextAreaElement>(null);
  const isAnswering = conversation.live.value !== null;
  const hasMessages = conversation.messages.value.length > 0 || isAnswering;

  useSignalEffect(() => fitHeight(field.current, conversation.draft.value));

  const submit = () => {
    const text = conversation.draft.value;
    if (text.trim() === '' || !conversation.canAsk.value) return;
    conversation.draft.value = '';
    void conversation.ask(text);
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Note />
      {isPassage(conversation.draft.value) && <WritingTools />}
      <div class="composer__box">
        <label class="visually-hidden" for={COMPOSER_ID}>
          {words.field}
        </label>
        <textarea
          class="composer__field"
          id={COMPOSER_ID}
          ref={field}
          rows={1}
          placeholder={words.placeholder}
          enterkeyhint="send"
          autocomplete="off"
          aria-describedby="composer-note composer-keys"
          value={conversation.draft}
          onInput={(event) => (conversation.draft.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            // Safari ends a composition before the key arrives; 229 is what it then calls the key.
            if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return;
            if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return;
            event.preventDefault();
            submit();
          }}
        />
        <p class="visually-hidden" id="composer-keys">
          {words.keyboardHint}
        </p>
        <div class="composer__bar">
          <button
            class="button button--quiet button--square composer__new"
            type="button"
            aria-label={page.newConversation}
            title={page.newConversation}
            disabled={!hasMessages}
            onClick={() => {
              conversation.startAnew();
              field.current?.focus();
            }}
          >
            <Icon name="plus" />
          </button>
          <button
            class="button button--quiet button--square"
            type="button"
            aria-label={page.settings}
            title={page.settings}
            onClick={() => (openSheet.value = 'settings')}
          >
            <Icon name="sliders" />
          </button>
          <StatisticsButton />
          <GoButton />
        </div>
      </div>
    </form>
  );
}

/** Ask, or Stop while an answer runs: one and the same button, so that the focus stays on it. */
function GoButton() {
  const { conversation } = useApp();
  const live = conversation.live.value;
  const isAnswering = live !== null;
  const isStopping = live?.isStopping.value === true;
  const canAsk = conversation.canAsk.value && conversation.draft.value.trim() !== '';
  return (
    <button
      class={isAnswering ? 'button composer__go' : 'button button--primary composer__go'}
      type={isAnswering ? 'button' : 'submit'}
      aria-disabled={isAnswering ? isStopping : !canAsk}
      onClick={(event) => {
        // The second half of a double click on Ask is no Stop.
        if (isAnswering && event.detail < 2) conversation.stop();
      }}
    >
      <Icon name={isAnswering ? 'stop' : 'ask'} />
      {isAnswering ? (isStopping ? words.stopping : words.stop) : words.ask}
    </button>
  );
}

/** What is needed before an answer can come; nothing when a model is ready. */
function Note() {
  const { models, engine } = useApp();
  let note: string | null = null;
  if (engine.value.type === 'loading') note = words.loadingModel;
  else if (engine.value.type === 'idle') {
    if (models.arrival.value.type === 'preparing') note = words.comingModel;
    else if (models.shelf.value.type === 'listed') note = words.needsModel;
  }
  return (
    <p class={note === null ? 'visually-hidden' : 'composer__note'} id="composer-note">
      {note}
    </p>
  );
}

/** Grows the field with its text where CSS cannot (`field-sizing`: not in Firefox 146). The most is in composer.css. */
function fitHeight(field: HTMLTextAreaElement | null, text: string): void {
  if (field === null || CSS.supports('field-sizing', 'content')) return;
  if (field.value !== text) field.value = text;
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
}
