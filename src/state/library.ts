import {
  batch,
  computed,
  effect,
  signal,
  type ReadonlySignal,
  type Signal,
} from '@preact/signals-core';
import type { AppError } from '../contract/errors.ts';
import type {
  ConversationId,
  ConversationRecord,
  KeptConversation,
  TraceRecord,
} from '../storage/records.ts';
import { asAppError } from './as-app-error.ts';
import type { Conversation } from './conversation.ts';
import type { Dependencies } from './dependencies.ts';
import type { Keeper } from './keeper.ts';
import type { Traces } from './traces.ts';

export type { ConversationId, ConversationRecord };

/** All conversations on this device. */
export interface Library {
  /** Pinned ones first, then the one in which something was said last; null until it was looked. */
  readonly list: ReadonlySignal<readonly ConversationRecord[] | null>;
  /** What is looked for; empty shows all. */
  readonly query: ReadonlySignal<string>;
  readonly search: (query: string) => Promise<void>;
  /** Of the list, what was found; all of it without a query. */
  readonly found: ReadonlySignal<readonly ConversationRecord[] | null>;
  /** Why conversations are not kept, or what was asked for did not work. */
  readonly failure: ReadonlySignal<AppError | null>;
  readonly dismissFailure: () => void;
  /** Tries once more to keep what could not be kept. */
  readonly retry: () => void;
  /** What was deleted last and can be had back. */
  readonly removed: ReadonlySignal<ConversationRecord | null>;
  /** Looks what is here, and opens what this tab had open before it was loaded. */
  readonly start: () => Promise<void>;
  readonly open: (id: ConversationId) => Promise<void>;
  readonly rename: (id: ConversationId, title: string) => Promise<void>;
  readonly setPinned: (id: ConversationId, isPinned: boolean) => Promise<void>;
  readonly remove: (id: ConversationId) => Promise<void>;
  readonly undoRemove: () => Promise<void>;
  readonly forgetRemoved: () => void;
  /** Some or all as a file; null when they could not be read. */
  readonly exportJson: (ids?: readonly ConversationId[]) => Promise<string | null>;
  /** The branch on screen, or the one that was when it was left, to be read; null when it could not be read. */
  readonly exportMarkdown: (id: ConversationId) => Promise<string | null>;
  /** Adds the conversations of a file; those that are here already come as copies. Says how many. */
  readonly importJson: (json: string) => Promise<number>;
}

interface Removed extends KeptConversation {
  readonly traceParts: readonly TraceRecord[];
}

const OPEN = 'offgrid.open-conversation';

export interface LibraryNeeds {
  readonly dependencies: Pick<Dependencies, 'conversations' | 'tabNotes' | 'newId'>;
  readonly conversation: Conversation;
  readonly keeper: Keeper;
  readonly traces: Pick<Traces, 'settled'>;
  readonly shelf: Shelf;
}

/** What is known of the conversations on this device. */
export interface Shelf {
  /** Null until it was looked. */
  readonly records: Signal<ReadonlyMap<ConversationId, ConversationRecord> | null>;
  readonly has: (id: ConversationId) => boolean;
  readonly put: (records: readonly ConversationRecord[]) => void;
  readonly drop: (id: ConversationId) => void;
}

export function createShelf(): Shelf {
  const records: Shelf['records'] = signal(null);
  return {
    records,
    has: (id) => records.peek()?.has(id) === true,
    put(written) {
      const changed = written.filter((record) => records.peek()?.get(record.id) !== record);
      if (changed.length === 0) return;
      const all = new Map(records.peek());
      for (const record of changed) all.set(record.id, record);
      records.value = all;
    },
    drop(id) {
      const rest = new Map(records.peek());
      rest.delete(id);
      records.value = rest;
    },
  };
}

export function createLibrary(needs: LibraryNeeds): Library {
  const { conversation, keeper, traces, shelf } = needs;
  const { conversations: store, tabNotes, newId } = needs.dependencies;
  const query = signal('');
  const matching = signal<ReadonlySet<ConversationId> | null>(null);
  const failure = signal<AppError | null>(null);
  const removed = signal<Removed | null>(null);
  const list = computed(() => {
    const records = shelf.records.value;
    return records === null ? null : [...records.values()].sort(byPlace);
  });
  const found = computed(() => {
    const ids = matching.value;
    return ids === null ? list.value : (list.value?.filter(({ id }) => ids.has(id)) ?? null);
  });

  const wasOpenId = tabNotes.read(OPEN) as ConversationId | null;
  effect(() => {
    const isKept = conversation.messages.value.length > 0 && !conversation.isTemporary.value;
    tabNotes.write(OPEN, isKept ? conversation.id.value : null);
  });
  store.watch(() => void refresh());

  /** What throws is shown, and the page goes on. */
  async function attempt<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (thrown) {
      failure.value = asAppError(thrown);
      return null;
    }
  }

  async function refresh(): Promise<void> {
    const records = await attempt(() => store.list());
    if (records !== null) shelf.records.value = new Map(records.map((one) => [one.id, one]));
  }

  async function start(): Promise<void> {
    const opening = wasOpenId === null ? null : attempt(() => store.read(wasOpenId));
    await refresh();
    const kept = await opening;
    if (kept !== null && conversation.messages.value.length === 0) conversation.show(kept);
  }

  async function readWhole(id: ConversationId): Promise<KeptConversation | null> {
    if (id === conversation.id.peek()) return conversation.snapshot();
    return attempt(() => store.read(id));
  }

  async function open(id: ConversationId): Promise<void> {
    if (id === conversation.id.peek()) return;
    await keeper.settled();
    const kept = await readWhole(id);
    if (kept !== null) conversation.show(kept);
    else await refresh();
  }

  async function change(id: ConversationId, part: Partial<ConversationRecord>): Promise<void> {
    const record = shelf.records.peek()?.get(id);
    if (record === undefined) return;
    keeper.save({ ...record, ...part }, []);
    await keeper.settled();
  }

  async function remove(id: ConversationId): Promise<void> {
    await keeper.settled();
    const kept = await readWhole(id);
    if (id === conversation.id.peek()) conversation.startAnew();
    keeper.forget(id);
    await Promise.all([keeper.settled(), traces.settled()]);
    const parts = await attempt(() => store.readTraces(id));
    await attempt(async () => {
      await store.remove(id);
      batch(() => {
        shelf.drop(id);
        removed.value = kept === null ? null : { ...kept, traceParts: parts ?? [] };
      });
    });
  }

  async function add({ conversation: record, messages }: KeptConversation): Promise<void> {
    keeper.save(record, messages);
    await keeper.settled();
  }

  async function search(words: string): Promise<void> {
    query.value = words;
    const wanted = words.split(/\s+/).filter((word) => word !== '');
    const result = wanted.length === 0 ? null : await attempt(() => store.search(wanted));
    if (query.value === words) matching.value = result;
  }

  return {
    list,
    query,
    search,
    found,
    failure: computed(() => failure.value ?? keeper.failure.value),
    dismissFailure: () => (failure.value = null),
    retry: keeper.retry,
    removed: computed(() => removed.value?.conversation ?? null),
    start,
    open,
    async rename(id, title) {
      if (title.trim() === '') return;
      if (id === conversation.id.peek()) conversation.rename(title.trim());
      else await change(id, { title: title.trim() });
    },
    async setPinned(id, isPinned) {
      if (id === conversation.id.peek()) conversation.setPinned(isPinned);
      else await change(id, { isPinned });
    },
    remove,
    async undoRemove() {
      const kept = removed.value;
      removed.value = null;
      if (kept === null) return;
      await add(kept);
      for (const part of kept.traceParts) await attempt(() => store.saveTrace(part));
    },
    forgetRemoved: () => (removed.value = null),
    async exportJson(ids) {
      const wanted = ids ?? list.value?.map(({ id }) => id) ?? [];
      const { printConversations } = await import('../storage/exchange.ts');
      const whole = await Promise.all(wanted.map(readWhole));
      return whole.includes(null) ? null : printConversations(whole.filter((one) => one !== null));
    },
    async exportMarkdown(id) {
      const kept = await readWhole(id);
      const { printMarkdown } = await import('./print-markdown.ts');
      return kept === null ? null : printMarkdown(kept);
    },
    async importJson(json) {
      const added = await attempt(async () => {
        const { parseConversations } = await import('../storage/exchange.ts');
        const parsed = parseConversations(json);
        const ids = new Set(shelf.records.peek()?.keys());
        for (const { conversation: record, messages } of parsed) {
          const id = ids.has(record.id) ? (newId() as ConversationId) : record.id;
          ids.add(id);
          keeper.save({ ...record, id }, messages);
        }
        await keeper.settled();
        return parsed.length;
      });
      return added ?? 0;
    },
  };
}

function byPlace(a: ConversationRecord, b: ConversationRecord): number {
  if (a.isPinned !== b.isPinned) return a.isPinned ? -1 : 1;
  if (a.changedAt === b.changedAt) return 0;
  return a.changedAt > b.changedAt ? -1 : 1; // ISO 8601 in UTC: no language has a say in it
}
