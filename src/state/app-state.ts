import { effect, signal, type ReadonlySignal } from '@preact/signals-core';
import type { AppError } from '../contract/errors.ts';
import { TARGET_OF_RUNG } from '../contract/rungs.ts';
import type { CatalogEntry } from '../contract/store.ts';
import { asAppError } from './as-app-error.ts';
import type { BenchNeeds } from './benchmark/benchmark.ts';
import { createConversation, type Conversation } from './conversation.ts';
import { createCrashMark } from './crash-mark.ts';
import type { Dependencies } from './dependencies.ts';
import { createKeeper } from './keeper.ts';
import { fitOf, type Fit } from './fit.ts';
import { createLadder, type LadderStore } from './ladder-store.ts';
import { createLibrary, createShelf, type Library } from './library.ts';
import { createModels, type Models } from './models.ts';
import { createOffline, type Offline } from './offline.ts';
import { createPageMemory, type PageMemory } from './page-memory.ts';
import { createPolicy, type PolicyStore } from './policy/policy.ts';
import { createPreparer } from './preparer.ts';
import { createPrivacy, type Privacy } from './privacy.ts';
import { createRoomState, type RoomState } from './room.ts';
import { createSession, type EngineState } from './session.ts';
import { createSettings, RECOMMENDED, type SettingsStore } from './settings.ts';
import type { MessageId } from './messages.ts';
import { createTraces, type Trace } from './traces.ts';
import { createSpeedometer, type Speedometer } from './speedometer.ts';

/** Everything the page shows, and everything a person can do in it. */
export interface AppState {
  readonly engine: ReadonlySignal<EngineState>;
  readonly models: Models;
  /** What this device can run models on, and how that went. */
  readonly ladder: Pick<
    LadderStore,
    'current' | 'pinned' | 'steps' | 'dismissSteps' | 'rungFor' | 'survey'
  >;
  readonly conversation: Conversation;
  readonly library: Library;
  /** How the answers of the conversation on screen came about. */
  readonly traces: { readonly read: (answer: MessageId) => Promise<Trace | null> };
  readonly settings: SettingsStore;
  /** What measurements of the engine take; they are made when they are first opened (state/benchmark). */
  readonly bench: BenchNeeds;
  /** What the host has the page withhold. */
  readonly policy: Pick<PolicyStore, 'state' | 'decisions' | 'read'>;
  readonly speedometer: Speedometer;
  /** Of the whole page, workers included; measured after each load and each answer. */
  readonly memoryBytes: PageMemory['bytes'];
  readonly room: Pick<RoomState, 'facts' | 'look'>;
  /** Whether this device can hold and run a model, as far as it tells now. Reads signals. */
  readonly fitOf: (entry: CatalogEntry) => Fit;
  /** WASM threads the engine may use. */
  readonly threads: number;
  /** A newer version of the page waits: calling it reloads the page with it. Null while there is none. */
  readonly update: ReadonlySignal<(() => void) | null>;
  readonly offerUpdate: (apply: () => void) => void;
  /** Puts the page among the apps of this device; null while the browser does not offer it. */
  readonly install: ReadonlySignal<(() => void) | null>;
  readonly offerInstall: (install: (() => void) | null) => void;
  readonly offline: Offline;
  readonly privacy: Privacy;
  /** A failure nobody expected; the page offers a report. */
  readonly bug: ReadonlySignal<AppError | null>;
  readonly reportBug: (thrown: unknown) => void;
  readonly dismissBug: () => void;
}

export function createAppState(dependencies: Dependencies): AppState {
  const settings: SettingsStore = createSettings(dependencies.notes, () => {
    const { answers, entry } = models.guide;
    return answers.value ? { ...RECOMMENDED, ...entry.sampling } : RECOMMENDED;
  });
  const speedometer = createSpeedometer(dependencies.clock);
  const mark = createCrashMark(dependencies.marks, dependencies.presence);
  const contextTokens = () => settings.current.value.contextTokens;
  const ladder = createLadder({ ...dependencies, mark, contextTokens });
  const preparer = createPreparer(dependencies.store, ladder, mark, dependencies.guide.sha256);
  const session = createSession({ dependencies, contextTokens, ladder, preparer, mark });
  const room = createRoomState(dependencies.room);
  const models: Models = createModels(dependencies, session, room, { ladder, preparer });
  const shelf = createShelf();
  const keeper = createKeeper(dependencies.conversations, shelf.put);
  const traces = createTraces(dependencies.conversations);
  const policy = createPolicy(dependencies);
  const conversation = createConversation({
    dependencies,
    policy,
    models,
    session,
    settings,
    speedometer,
    keeper,
    traces,
    isKept: shelf.has,
  });
  const library = createLibrary({ dependencies, conversation, keeper, traces, shelf });
  const memory = createPageMemory(() => dependencies.measureMemory());
  const update = signal<(() => void) | null>(null);
  const install = signal<(() => void) | null>(null);
  const bug = signal<AppError | null>(null);

  // After a load and after each answer, not on a timer: measuring may make the browser collect garbage.
  effect(() => {
    if (session.engine.value.type === 'ready') memory.measure();
  });

  return {
    engine: session.engine,
    models,
    ladder,
    conversation,
    library,
    traces: { read: (answer) => traces.read(conversation.id.peek(), answer) },
    settings,
    policy,
    bench: { ...dependencies, session, loadAnew: models.loadAnew },
    speedometer,
    memoryBytes: memory.bytes,
    room,
    fitOf: (entry) =>
      fitOf(entry, {
        facts: room.facts.value,
        memoryBytes: dependencies.memoryBytes,
        target: TARGET_OF_RUNG[ladder.rungFor(entry.sha256)],
      }),
    threads: dependencies.threads,
    update,
    offerUpdate: (apply) => (update.value = apply),
    install,
    offerInstall: (offered) => (install.value = offered),
    offline: createOffline(dependencies, session),
    privacy: createPrivacy(dependencies),
    bug,
    reportBug: (thrown) => (bug.value = asAppError(thrown)),
    dismissBug: () => (bug.value = null),
  };
}
