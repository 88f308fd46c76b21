import { useComputed, useSignal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { formatDate } from '../format.ts';
import type { ConversationId, ConversationRecord } from '../../state/library.ts';
import { useApp } from '../app-context.ts';
import { languageOf } from '../chat/language.ts';
import { closeSheet } from '../open-sheet.ts';
import { Icon } from '../parts/Icon.tsx';
import { saveFile } from '../parts/save-file.ts';
import { language } from '../language.ts';
import { conversations as words } from '../later-words.ts';
import '../styles/row-button.css';
import './conversation-row.css';

interface ConversationRowProps {
  readonly record: ConversationRecord;
  /** The one whose actions are in view. */
  readonly unfolded: Signal<ConversationId | null>;
}

/** One conversation: its name opens it; what else can be done with it unfolds below. */
export function ConversationRow({ record, unfolded }: ConversationRowProps) {
  const { library, conversation } = useApp();
  const isRenaming = useSignal(false);
  const { id, title, isPinned, changedAt } = record;
  // Of many hundred rows, those that change are made anew.
  const isUnfolded = useComputed(() => unfolded.value === id).value;
  const isCurrent = useComputed(() => conversation.id.value === id).value;
  const open = () => {
    void library.open(id);
    closeSheet();
  };
  const fold = () => (unfolded.value = null);
  const save = async (form: 'json' | 'md') => {
    fold();
    const text = await (form === 'json' ? library.exportJson([id]) : library.exportMarkdown(id));
    const type = form === 'json' ? 'application/json' : 'text/markdown';
    if (text !== null) saveFile(`${fileNameOf(title)}.${form}`, type, text);
  };
  return (
    <div
      class={isCurrent ? 'conversation-row conversation-row--current' : 'conversation-row'}
      role="listitem"
    >
      {isRenaming.value ? (
        <Renaming record={record} onDone={() => (isRenaming.value = false)} />
      ) : (
        <div class="conversation-row__line">
          <button
            class="row-button conversation-row__open"
            type="button"
            aria-current={isCurrent ? 'true' : undefined}
            onClick={open}
          >
            <span class="conversation-row__title" lang={languageOf(title, language.value)}>
              {isPinned && <Icon name="pin" />}
              {isPinned && <span class="visually-hidden">{words.pinned} </span>}
              {title}
            </span>
            <span class="conversation-row__date">{formatDate(changedAt)}</span>
          </button>
          <button
            class="button button--quiet button--square"
            type="button"
            aria-expanded={isUnfolded}
            aria-label={words.more(title)}
            onClick={() => (unfolded.value = isUnfolded ? null : id)}
          >
            <Icon name="more" />
          </button>
        </div>
      )}
      {isUnfolded && !isRenaming.value && (
        <div class="conversation-row__actions">
          <Action
            label={words.rename}
            onClick={() => {
              fold();
              isRenaming.value = true;
            }}
          />
          <Action
            label={isPinned ? words.unpin : words.pin}
            onClick={() => {
              fold();
              void library.setPinned(id, !isPinned);
            }}
          />
          <Action label={words.saveMarkdown} onClick={() => void save('md')} />
          <Action label={words.saveJson} onClick={() => void save('json')} />
          <Action
            label={words.remove}
            onClick={() => {
              fold();
              void library.remove(id);
            }}
          />
        </div>
      )}
    </div>
  );
}

function Action({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <button class="conversation-row__action" type="button" onClick={onClick}>
      {label}
    </button>
  );
}

/** Enter and leaving the field take the name, Escape does not. */
function Renaming(props: { readonly record: ConversationRecord; readonly onDone: () => void }) {
  const { library } = useApp();
  const { record, onDone } = props;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  return (
    <input
      ref={field}
      class="conversation-row__name"
      aria-label={words.name}
      defaultValue={record.title}
      onKeyDown={(event) => {
        if (event.isComposing || (event.key !== 'Enter' && event.key !== 'Escape')) return;
        event.preventDefault(); // Escape would close the sheet
        event.stopPropagation();
        if (event.key === 'Escape') event.currentTarget.value = record.title;
        event.currentTarget.blur();
      }}
      onBlur={(event) => {
        const { value } = event.currentTarget;
        if (value !== record.title) void library.rename(record.id, value);
        onDone();
      }}
    />
  );
}

function fileNameOf(title: string): string {
  return title.replace(/[^\p{Letter}\p{Number}]+/gu, '-').replace(/^-+|-+$/g, '') || words.fileName;
}
