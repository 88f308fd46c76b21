import type { ReadPolicy, RequestRecord, WayOutTried } from '../../src/contract/requests.ts';
import type { PageCopy } from '../../src/contract/service-worker.ts';
import type {
  Clock,
  Dependencies,
  KeptPage,
  Marks,
  Notes,
  Presence,
  Room,
  RoomFacts,
  Witness,
} from '../../src/state/dependencies.ts';
import { FakeConversationStore } from './fake-conversation-store.ts';
import { FakeEngine, REFUSED_FETCH } from './fake-engine.ts';
import { FAKE_ENTRY, FAKE_GUIDE, FakeStore } from './fake-store.ts';

/** A clock that moves when it is told. */
export class FakeClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<{ readonly everyMs: number; nextMs: number; tick: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  date(): string {
    return new Date(Date.UTC(2026, 10, 22) + this.#nowMs).toISOString();
  }

  every(intervalMs: number, tick: () => void): () => void {
    const timer = { everyMs: intervalMs, nextMs: this.#nowMs + intervalMs, tick };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  advance(elapsedMs: number): void {
    const endMs = this.#nowMs + elapsedMs;
    for (;;) {
      const due = [...this.#timers].sort((a, b) => a.nextMs - b.nextMs)[0];
      if (due === undefined || due.nextMs > endMs) break;
      this.#nowMs = due.nextMs;
      due.nextMs += due.everyMs;
      due.tick();
    }
    this.#nowMs = endMs;
  }

  get timers(): number {
    return this.#timers.size;
  }
}

export function fakeNotes(initial: Readonly<Record<string, string>> = {}): Notes {
  const notes = new Map(Object.entries(initial));
  return {
    read: (key) => notes.get(key) ?? null,
    write: (key, value) => void (value === null ? notes.delete(key) : notes.set(key, value)),
  };
}

export function fakeMarks(initial: readonly string[] = []): Marks {
  const names = new Set(initial);
  return {
    lay: (name) => void names.add(name),
    lift: (name) => void names.delete(name),
    list: () => Promise.resolve([...names]),
  };
}

/** Room in a browser that keeps what it is asked to keep, unless told otherwise. */
export class FakeRoom implements Room {
  agrees = true;
  asked = 0;
  facts: RoomFacts = { isKept: false, usedBytes: 985_000_000, leftBytes: 58_000_000_000 };

  look(): Promise<RoomFacts> {
    return Promise.resolve(this.facts);
  }

  askToKeep(): Promise<boolean> {
    this.asked++;
    if (this.agrees) this.facts = { ...this.facts, isKept: true };
    return Promise.resolve(this.agrees);
  }
}

/** A page among pages that open and close as the test says. */
export class FakePresence implements Presence {
  readonly id: string;
  readonly #open: Set<string>;
  readonly #watchers: ((isSeen: boolean) => void)[] = [];

  /** @param open pages that are there; this one is put among them */
  constructor(id = 'page-1', open = new Set<string>()) {
    this.id = id;
    this.#open = open;
    open.add(id);
  }

  isOpen(id: string): Promise<boolean> {
    return Promise.resolve(this.#open.has(id));
  }

  watch(change: (isSeen: boolean) => void): void {
    this.#watchers.push(change);
  }

  hide(): void {
    for (const change of this.#watchers) change(false);
  }

  show(): void {
    for (const change of this.#watchers) change(true);
  }

  /** Without a word, as a crash does. */
  die(): void {
    this.#open.delete(this.id);
  }
}

/** A page all of whose files are kept, unless told otherwise. */
export class FakePage implements KeptPage {
  copy: PageCopy | null = {
    isControlled: true,
    files: [
      { path: 'index.html', totalBytes: 1464, state: 'kept', isNeeded: 'always' },
      { path: 'assets/index.js', totalBytes: 127_959, state: 'kept', isNeeded: 'always' },
      { path: 'ort/1/ort.jspi.wasm', totalBytes: null, state: 'missing', isNeeded: 'on-gpu' },
    ],
  };
  passes = 0;

  keep(): Promise<PageCopy | null> {
    this.passes++;
    return Promise.resolve(this.copy);
  }
}

/** Hears of the requests that the test makes. */
export class FakeWitness implements Witness {
  readonly base = 'https://page.example/folder/';
  waysOut: readonly WayOutTried[] = [REFUSED_FETCH];
  policies: readonly ReadPolicy[] = [];
  #hear: (records: readonly RequestRecord[]) => void = () => {};

  listen(hear: (records: readonly RequestRecord[]) => void): void {
    this.#hear = hear;
  }

  /** @param paths from the page's folder, or absolute */
  request(part: Partial<RequestRecord>, ...paths: readonly string[]): void {
    this.#hear(
      paths.map((path) => ({
        maker: 'page',
        url: new URL(path, this.base).href,
        requests: 1,
        answeredBy: 'network',
        networkBytes: 100,
        ...part,
      })),
    );
  }

  readPolicies = () => Promise.resolve(this.policies);
  tryWaysOut = () => Promise.resolve(this.waysOut);
}

export interface FakeDependencies extends Dependencies {
  readonly conversations: FakeConversationStore;
  readonly engine: FakeEngine;
  readonly store: FakeStore;
  readonly clock: FakeClock;
  readonly room: FakeRoom;
  readonly presence: FakePresence;
  readonly page: FakePage;
  readonly witness: FakeWitness;
}

/** A world without models, network or time; `part` says what is special about it. */
export function fakeDependencies(part: Partial<FakeDependencies> = {}): FakeDependencies {
  let ids = 0;
  return {
    engine: new FakeEngine(),
    store: new FakeStore(),
    conversations: new FakeConversationStore(),
    notes: fakeNotes(),
    tabNotes: fakeNotes(),
    clock: new FakeClock(),
    room: new FakeRoom(),
    presence: new FakePresence(),
    marks: fakeMarks(),
    page: new FakePage(),
    witness: new FakeWitness(),
    versions: { browser: 'Fake/1', runtime: '1.0', compiler: 1 },
    catalog: [FAKE_ENTRY],
    guide: FAKE_GUIDE,
    threads: 2,
    memoryBytes: 8e9,
    pageUrl: 'https://page.example/',
    watchDownloads: () => {},
    listServedFiles: () => Promise.resolve([]),
    readPolicyFile: () => Promise.resolve(null),
    randomSeed: () => 7,
    newId: () => `id-${++ids}`,
    measureMemory: () => Promise.resolve(null),
    ...part,
  };
}
