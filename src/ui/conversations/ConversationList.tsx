import { useSignal, type Signal } from '@preact/signals';
import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConversationId, ConversationRecord } from '../../state/library.ts';
import { useApp } from '../app-context.ts';
import { focusComposer } from '../chat/focus-composer.ts';
import { closeSheet } from '../open-sheet.ts';
import { Icon } from '../parts/Icon.tsx';
import { Remedies } from '../parts/Remedies.tsx';
import { saveFile } from '../parts/save-file.ts';
import { conversations as words } from '../later-words.ts';
import { page } from '../words.ts';
import { ConversationRow } from './ConversationRow.tsx';
import { isSearchWanted } from './find-conversation.ts';
import { RemovedNotice } from './RemovedNotice.tsx';
import { cutRows, type RowPart } from './row-parts.ts';
import { failureText } from '../failure-text.ts';
import './conversation-list.css';

/** All conversations on this device: begin, find, open, and what else can be done with each. */
export function ConversationList() {
  const { library, conversation } = useApp();
  const file = useRef<HTMLInputElement>(null);
  const unfolded = useSignal<ConversationId | null>(null);
  const found = library.found.value;
  const begin = (kind: 'kept' | 'temporary') => {
    conversation.startAnew(kind);
    closeSheet(focusComposer);
  };
  return (
    <div class="conversation-list">
      <div class="conversation-list__begin">
        <button class="button conversation-list__new" type="button" onClick={() => begin('kept')}>
          <Icon name="plus" />
          {page.newConversation}
        </button>
        <button
          class="button button--square"
          type="button"
          aria-label={words.beginTemporary}
          title={words.beginTemporary}
          onClick={() => begin('temporary')}
        >
          <Icon name="temporary" />
        </button>
      </div>
      {(found === null || found.length > 0 || library.query.value !== '') && <Search />}
      <Failure onChooseFile={() => file.current?.click()} />
      <RemovedNotice />
      {found?.length === 0 && (
        <p class="conversation-list__hint">
          {library.query.value === '' ? words.none : words.notFound}
        </p>
      )}
      {found !== null && found.length > 0 && <Rows records={found} unfolded={unfolded} />}
      <Files input={file} />
    </div>
  );
}

interface RowsProps {
  readonly records: readonly ConversationRecord[];
  readonly unfolded: Signal<ConversationId | null>;
}

function Rows({ records, unfolded }: RowsProps) {
  // The same element again for the same record: one that changed costs one row, not all.
  const [made] = useState(() => new WeakMap<ConversationRecord, ComponentChildren>());
  const parts = useRef<readonly RowPart[]>([]);
  parts.current = cutRows(records, parts.current);
  const row = (record: ConversationRecord) => {
    const element = made.get(record) ?? (
      <ConversationRow key={record.id} record={record} unfolded={unfolded} />
    );
    made.set(record, element);
    return element;
  };
  return (
    <div class="conversation-list__rows" role="list">
      {parts.current.map(({ key, records: own }) => (
        <div class="conversation-list__part" key={key}>
          {own.map(row)}
        </div>
      ))}
    </div>
  );
}

function Search() {
  const { library } = useApp();
  useEffect(() => () => void (isSearchWanted.value = false), []);
  return (
    <input
      class="conversation-list__search"
      autofocus={isSearchWanted.value}
      type="search"
      aria-label={words.search}
      placeholder={words.search}
      value={library.query.value}
      onInput={(event) => void library.search(event.currentTarget.value)}
    />
  );
}

function Failure({ onChooseFile }: { readonly onChooseFile: () => void }) {
  const { library } = useApp();
  const failure = library.failure.value;
  if (failure === null) return null;
  return (
    <div class="conversation-list__failure" role="alert">
      <p>{failureText(failure)}</p>
      {failure.code === 'import-failed' && <p>{failure.message}</p>}
      <Remedies
        error={failure}
        onTryAgain={failure.code === 'import-failed' ? onChooseFile : library.retry}
      />
    </div>
  );
}

/** Out of this browser and into it. */
function Files({ input }: { readonly input: RefObject<HTMLInputElement | null> }) {
  const { library } = useApp();
  const hasSome = (library.list.value?.length ?? 0) > 0;
  const saveAll = async () => {
    const json = await library.exportJson();
    if (json !== null) saveFile(words.allFileName, 'application/json', json);
  };
  return (
    <div class="conversation-list__files">
      <button class="button button--quiet" type="button" onClick={() => input.current?.click()}>
        {words.open}
      </button>
      {hasSome && (
        <button class="button button--quiet" type="button" onClick={() => void saveAll()}>
          {words.saveAll}
        </button>
      )}
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        accept=".json,application/json"
        tabIndex={-1}
        aria-label={words.open}
        data-testid="open-conversations"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = ''; // so that the same file may be chosen again
          library.dismissFailure();
          if (file !== undefined) void file.text().then(library.importJson);
        }}
      />
    </div>
  );
}
