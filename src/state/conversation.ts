import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals-core';
import type { ChatMessage } from '../contract/engine.ts';
import { AppError } from '../contract/errors.ts';
import type { Alternative, GenerationEvent, StopReason } from '../contract/events.ts';
import type { StoredModel } from '../contract/model.ts';
import type { GenerationSummary } from '../contract/stats.ts';
import type {
  AnswerSettings,
  ConversationId,
  ConversationRecord,
  KeptConversation,
} from '../storage/records.ts';
import { unreachable } from '../lib/assert.ts';
import { asAppError } from './as-app-error.ts';
import type { Dependencies } from './dependencies.ts';
import type { Keeper } from './keeper.ts';
import {
  EMPTY_TREE,
  grow,
  pathOf,
  plant,
  siblingsOf,
  turnTo,
  type MessageTree,
} from './message-tree.ts';
import {
  fromRecord,
  promptOf,
  toRecord,
  type Answer,
  type AnsweringModel,
  type Ending,
  type Message,
  type MessageId,
  type Question,
} from './messages.ts';
import type { Models } from './models.ts';
import type { PolicyStore, ReplyWatch } from './policy/policy.ts';
import type { Session } from './session.ts';
import { readChanges, type Settings, type SettingsStore } from './settings.ts';
import type { Speedometer } from './speedometer.ts';
import { titleOf } from './title.ts';
import type { Trace, TracedToken, Traces } from './traces.ts';

/** The reply that is being written: the only thing in a conversation that changes. */
export interface LiveReply {
  readonly id: MessageId;
  readonly text: ReadonlySignal<string>;
  readonly stage: ReadonlySignal<ReplyStage>;
  /** Stop was pressed and the engine has not ended yet: on a slow device it finishes a part of the prompt first. */
  readonly isStopping: ReadonlySignal<boolean>;
}

export type ReplyStage =
  /** Whether the host of the page has rules for the question is not known yet. */
  | { readonly type: 'checking' }
  /** The model is being loaded for it. */
  | { readonly type: 'waking' }
  /** The prompt is being run. Null until the engine has counted its tokens. */
  | { readonly type: 'reading'; readonly prompt: PromptProgress | null }
  | { readonly type: 'writing' };

/** In tokens. */
export interface PromptProgress {
  readonly doneTokens: number;
  readonly promptTokens: number;
  readonly reusedTokens: number;
}

/** Where a message stands among those that were said in its place. */
export interface Place {
  /** From 1. */
  readonly at: number;
  readonly of: number;
  readonly previousId: MessageId | null;
  readonly nextId: MessageId | null;
}

/** The conversation on screen. Whatever is asked, edited or answered anew in it adds a branch and loses none. */
export interface Conversation {
  readonly id: ReadonlySignal<ConversationId>;
  /** Of the branch on screen, from its beginning. */
  readonly messages: ReadonlySignal<readonly Message[]>;
  readonly live: ReadonlySignal<LiveReply | null>;
  /** Never written down. */
  readonly isTemporary: ReadonlySignal<boolean>;
  /** What stands in the composer. */
  readonly draft: Signal<string>;
  /** Whether there is a model to ask (in memory, or on its way there) and no answer is running. */
  readonly canAsk: ReadonlySignal<boolean>;
  /** Does nothing while `canAsk` is false or for an empty text. Settles when the answer has ended. */
  readonly ask: (text: string) => Promise<void>;
  /** Asks something else in place of that question, in a branch of its own. As `ask` otherwise. */
  readonly edit: (id: MessageId, text: string) => Promise<void>;
  /** Has a question on screen answered anew, in a branch of its own; without `id` the last one. Nothing while `canAsk` is false. */
  readonly retry: (id?: MessageId) => Promise<void>;
  /** Whether the last answer is unfinished with something written, and the model that wrote it is there to go on. */
  readonly canGoOn: ReadonlySignal<boolean>;
  /** Lets the last answer go on where it broke off. Does nothing while `canGoOn` is false. */
  readonly goOn: () => Promise<void>;
  /** Whether the model in memory is the one that wrote this: to another one, its ids mean something else. */
  readonly isWriter: (answer: Answer) => boolean;
  /**
   * Lets an answer go on from one of its tokens with another in its place, in a branch of its own. Does nothing while
   * `canAsk` is false, for a control token, and for an answer of another model.
   * @param index of the token in `trace`
   */
  readonly fork: (answer: Answer, trace: Trace, index: number, other: Alternative) => Promise<void>;
  readonly stop: () => void;
  readonly placeOf: (message: Message) => Place;
  /** Turns to the branch of that message. Does nothing during an answer. */
  readonly turnTo: (id: MessageId) => void;
  /** Begins an empty conversation; a running answer is stopped, and what it wrote stays with the old one. */
  readonly startAnew: (kind?: 'kept' | 'temporary') => void;
  /** Puts a conversation that was kept in place of the one on screen, as `startAnew` does. */
  readonly show: (kept: KeptConversation) => void;
  /** Has a temporary one kept from now on. */
  readonly keep: () => void;
  readonly rename: (title: string) => void;
  readonly setPinned: (isPinned: boolean) => void;
  /** All of it as it would be kept. */
  readonly snapshot: () => KeptConversation;
}

export interface ConversationNeeds {
  readonly dependencies: Dependencies;
  readonly models: Models;
  readonly session: Session;
  readonly settings: SettingsStore;
  readonly speedometer: Speedometer;
  readonly keeper: Pick<Keeper, 'save'>;
  readonly traces: Traces;
  readonly policy: PolicyStore;
  /** Whether a conversation of this id was written before: then only what is new in it has to be. */
  readonly isKept: (id: ConversationId) => boolean;
}

/** Of the most likely tokens, so many are told of in each place. */
const ALTERNATIVES = 10;
/** While an answer is written, what there is of it is kept this often. */
const KEEP_EVERY_MS = 1000;

export function createConversation(needs: ConversationNeeds): Conversation {
  const { dependencies, models, session, settings, speedometer, keeper, traces, policy } = needs;
  const { clock } = dependencies;
  const head = signal(newHead());
  const tree = signal<MessageTree>(EMPTY_TREE);
  const isTemporary = signal(false);
  const live = signal<ReplyInProgress | null>(null);
  const draft = signal('');
  const messages = computed(() => pathOf(tree.value));
  const canAsk = computed(() => {
    const isModelComing = models.guide.state.value.type === 'coming';
    return live.value === null && (isModelComing || session.engine.value.type !== 'idle');
  });
  let answering: AbortController | null = null;
  let running: Promise<void> = Promise.resolve();

  // A hidden page may be ended without another word.
  dependencies.presence.watch((isSeen) => {
    if (!isSeen) keepLive(live.peek());
  });

  function newHead(): ConversationRecord {
    const now = clock.date();
    return {
      version: 1,
      id: dependencies.newId() as ConversationId,
      title: '',
      isPinned: false,
      createdAt: now,
      changedAt: now,
      leafId: null,
      settings: {},
    };
  }

  /** Writes the conversation down as it is now, with these messages of it. */
  function writeDown(changed: readonly Message[]): void {
    if (isTemporary.peek() || tree.peek().messages.size === 0) return;
    const { contextTokens: _, ...own } = settings.changes.peek();
    const { id } = head.peek();
    const leafId = changed.at(-1)?.id ?? tree.peek().leafId;
    const record: ConversationRecord = { ...head.peek(), leafId, settings: own };
    // The same record while nothing changed: lists of conversations need not be made anew with each second of an answer.
    if (JSON.stringify(record) !== JSON.stringify(head.peek())) head.value = record;
    const written = needs.isKept(id)
      ? changed
      : new Map(
          [...tree.peek().messages.values(), ...changed].map((one) => [one.id, one]),
        ).values();
    keeper.save(head.peek(), [...written].map(toRecord));
  }

  /** What there is of the running answer, as if the page ended now. */
  function keepLive(reply: ReplyInProgress | null): void {
    if (reply === null || reply !== live.peek()) return; // of a conversation that was left
    const error = new AppError('answer-interrupted', 'the page ended during the answer');
    reply.keptAtMs = clock.nowMs();
    writeDown([reply.finish({ type: 'broken', error })]);
    if (reply.watch === null) keepTrace(reply); // else what it holds back is not written either
  }

  function touch(part: Partial<ConversationRecord> = {}): void {
    head.value = { ...head.peek(), changedAt: clock.date(), ...part };
  }

  function ask(text: string): Promise<void> {
    return askAfter(tree.peek().leafId, text);
  }

  async function edit(id: MessageId, text: string): Promise<void> {
    const edited = tree.peek().messages.get(id);
    if (edited?.role === 'user') await askAfter(edited.parentId, text);
  }

  async function askAfter(parentId: MessageId | null, text: string): Promise<void> {
    if (text.trim() === '' || !canAsk.value) return;
    const question: Question = {
      role: 'user',
      id: newMessageId(),
      parentId,
      at: clock.date(),
      text: text.trim(),
    };
    const isFirst = tree.peek().messages.size === 0;
    if (isFirst) settings.adopt(settings.changes.peek());
    touch(isFirst && head.peek().title === '' ? { title: titleOf(question.text) } : {});
    await answer(question, null, null, [question]);
  }

  async function retry(id?: MessageId): Promise<void> {
    if (!canAsk.value) return;
    const question = messages.value.findLast(
      (message) => message.role === 'user' && (id === undefined || message.id === id),
    );
    if (question?.role !== 'user') return;
    touch();
    await answer(question, null);
  }

  const unfinished = computed(() => {
    const last = messages.value.at(-1);
    const { value } = session.engine;
    if (last?.role !== 'assistant' || last.tokenIds.length === 0) return null;
    if (!mayGoOn(last.ending) || value.type === 'idle') return null;
    return value.model.id === last.model?.id ? last : null; // to another model, its ids mean something else
  });
  const canGoOn = computed(() => canAsk.value && unfinished.value !== null);

  async function goOn(): Promise<void> {
    const begun = unfinished.value;
    if (begun === null || !canAsk.value) return;
    const question = tree.peek().messages.get(begun.parentId);
    if (question?.role !== 'user') return;
    touch();
    await answer(question, begun, traces.peek(begun.id));
  }

  function isWriter({ model }: Answer): boolean {
    const { value } = session.engine;
    return value.type !== 'idle' && value.model.id === model?.id;
  }

  async function fork(
    origin: Answer,
    trace: Trace,
    index: number,
    other: Alternative,
  ): Promise<void> {
    const question = tree.peek().messages.get(origin.parentId);
    const token = trace.tokens[index];
    if (!canAsk.value || other.isControl || !isWriter(origin)) return;
    if (question?.role !== 'user' || token === undefined) return;
    const before = trace.tokens.slice(0, index);
    const instead = { ...token, ...other, logprob: Math.log(other.after) };
    const begun: Answer = {
      ...origin,
      id: newMessageId(),
      at: clock.date(),
      // Until the engine tells the text of the ids, which may share a character.
      text: [...before, instead].map(({ text }) => text).join(''),
      tokenIds: [...origin.tokenIds.slice(0, trace.firstToken + index), other.id],
      ending: { type: 'ended', reason: 'cancelled', summary: null },
    };
    touch();
    await answer(question, begun, {
      ...trace,
      tokens: [...before, instead],
    });
  }

  /**
   * @param begun an answer to go on with, in its own place
   * @param trace of it
   * @param asked what came with it
   */
  function answer(
    question: Question,
    begun: Answer | null,
    trace: Trace | null = null,
    asked: readonly Question[] = [],
  ): Promise<void> {
    const work = new AbortController();
    answering = work;
    const inForce = settings.current.value;
    const reply = new ReplyInProgress({
      id: begun?.id ?? newMessageId(),
      parentId: question.id,
      at: begun?.at ?? clock.date(),
      seed: begun?.seed ?? inForce.seed ?? dependencies.randomSeed(),
      settings: answerSettings(inForce),
      begun,
      trace,
    });
    work.signal.addEventListener('abort', () => (reply.isStopping.value = true));
    batch(() => {
      // What was begun is shown as the reply that is being written.
      const { messages: said } = asked.reduce(grow, tree.peek());
      tree.value = { messages: said, leafId: question.id };
      live.value = reply;
    });
    const error = new AppError('answer-interrupted', 'the page ended before the answer began');
    writeDown([...asked, reply.finish({ type: 'broken', error })]);
    const earlier = messages.value.slice(0, -1);
    // A stopped answer of the conversation before may still be on its way out.
    running = running.then(() => write(reply, earlier, question, work));
    return running;
  }

  async function write(
    reply: ReplyInProgress,
    earlier: readonly Message[],
    question: Question,
    work: AbortController,
  ): Promise<void> {
    const refusal = await Promise.race([
      policy.checkPrompt(question.text),
      untilStopped(work.signal), // the host may take long to tell
    ]);
    let ending: Ending | null = refusal === null ? null : { type: 'broken', error: refusal };
    reply.watch = policy.watchReply();
    while (ending === null) {
      reply.stage.value = { type: 'waking' };
      try {
        const model = await wakeUnless(work.signal);
        if (model !== null) {
          reply.model = { id: model.id, title: model.title };
          await speak(reply, promptFor(earlier, question, model), work.signal, () => work.abort());
        }
        ending = { type: 'ended', reason: reply.reason ?? 'cancelled', summary: reply.summary };
      } catch (thrown) {
        const error = asAppError(thrown);
        const hasStepped = steppedDown(error);
        if (work.signal.aborted) {
          // A worker that had to be ended because it did not stop: for the person it stopped.
          ending = { type: 'ended', reason: 'cancelled', summary: null };
        } else if (!hasStepped || reply.hasGrown) {
          ending = { type: 'broken', error };
        } // else nothing is lost: the next rung answers
        if (hasStepped && ending !== null) void models.wake().catch(() => {}); // the engine's state says it
      }
    }
    if (reply.withheld !== null) ending = { type: 'broken', error: reply.withheld };
    if (answering !== work) return; // a new conversation began meanwhile
    answering = null;
    const finished = reply.finish(ending);
    batch(() => {
      tree.value = grow(tree.peek(), finished);
      live.value = null;
    });
    touch();
    writeDown([finished]);
    keepTrace(reply);
  }

  function keepTrace(reply: ReplyInProgress): void {
    traces.keep(head.peek().id, reply.id, reply.trace, isTemporary.peek());
  }

  /** Whether the engine died of this, and there is a lower rung to load the model on. */
  function steppedDown(error: AppError): boolean {
    const { value } = session.engine;
    return value.type === 'failed' && value.error === error && value.next !== null;
  }

  async function speak(
    reply: ReplyInProgress,
    prompt: readonly ChatMessage[],
    stopped: AbortSignal,
    stop: () => void,
  ): Promise<void> {
    reply.settings = answerSettings(settings.current.value); // as recommended for the model that is there now
    const { systemPrompt: _, maxNewTokens, stopStrings, ...sampling } = reply.settings;
    const begun = [...reply.tokenIds];
    reply.stage.value = { type: 'reading', prompt: null };
    speedometer.begin();
    try {
      const request = {
        messages: prompt,
        sampling: { ...sampling, seed: reply.seed },
        maxNewTokens: Math.max(1, maxNewTokens - reply.countedTokens),
        stopStrings,
        ...(begun.length > 0 ? { begun } : {}),
        alternatives: ALTERNATIVES,
      };
      for await (const event of session.generate(request, stopped)) {
        speedometer.note(reply.take(event));
        if (reply.withheld !== null) stop();
        if (clock.nowMs() - reply.keptAtMs >= KEEP_EVERY_MS) keepLive(reply);
      }
    } finally {
      speedometer.end();
    }
  }

  function promptFor(earlier: readonly Message[], question: Question, model: StoredModel) {
    return promptOf(earlier, question, settings.current.value.systemPrompt, model.id);
  }

  /** The model that answers; null when the person stopped while it was loading. Throws what kept it from loading. */
  async function wakeUnless(stopped: AbortSignal): Promise<StoredModel | null> {
    if (stopped.aborted) return null;
    if (session.engine.value.type !== 'ready') {
      await Promise.race([models.wake(), untilStopped(stopped)]);
      if (stopped.aborted) return null;
    }
    const { value } = session.engine;
    if (value.type === 'failed') throw value.error;
    return value.type === 'ready' ? value.model : null;
  }

  /** Ends what runs, as if it were stopped; what was written stays. */
  function leave(): void {
    const reply = live.peek();
    answering?.abort();
    answering = null;
    if (reply === null) return;
    const finished = reply.finish({ type: 'ended', reason: 'cancelled', summary: null });
    batch(() => {
      tree.value = grow(tree.peek(), finished);
      live.value = null;
    });
    writeDown([finished]);
    keepTrace(reply);
  }

  function put(
    conversation: ConversationRecord,
    planted: MessageTree,
    changes: Partial<Settings> | null,
    temporary: boolean,
  ): void {
    leave();
    batch(() => {
      head.value = conversation;
      tree.value = planted;
      isTemporary.value = temporary;
      settings.adopt(changes);
    });
  }

  function newMessageId(): MessageId {
    return dependencies.newId() as MessageId;
  }

  return {
    id: computed(() => head.value.id),
    messages,
    live,
    isTemporary,
    draft,
    canAsk,
    ask,
    edit,
    retry,
    canGoOn,
    goOn,
    isWriter,
    fork,
    stop: () => answering?.abort(),
    placeOf(message) {
      const ids = siblingsOf(tree.value, message).map(({ id }) => id);
      const index = ids.indexOf(message.id);
      return {
        at: index + 1,
        of: ids.length,
        previousId: ids[index - 1] ?? null,
        nextId: ids[index + 1] ?? null,
      };
    },
    turnTo(id) {
      if (live.value !== null || !tree.value.messages.has(id)) return;
      tree.value = turnTo(tree.value, id);
      writeDown([]);
    },
    startAnew: (kind = 'kept') => put(newHead(), EMPTY_TREE, null, kind === 'temporary'),
    show({ conversation, messages: kept }) {
      const planted = plant(kept.map(fromRecord), conversation.leafId);
      put(conversation, planted, readChanges(conversation.settings), false);
    },
    keep() {
      isTemporary.value = false;
      writeDown([]);
    },
    rename(title) {
      head.value = { ...head.value, title };
      writeDown([]);
    },
    setPinned(isPinned) {
      head.value = { ...head.value, isPinned };
      writeDown([]);
    },
    snapshot: () => ({
      conversation: { ...head.value, leafId: tree.value.leafId },
      messages: [...tree.value.messages.values()].map(toRecord),
    }),
  };
}

/** Resolves with nothing. */
function untilStopped(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}

/** What decides an answer, of all that can be set. */
function answerSettings(settings: Settings): AnswerSettings {
  const { seed: _, contextTokens: __, ...rest } = settings;
  return rest;
}

/** Whether more could follow: what ended by itself, at a stop string or at the end of the context is complete. */
function mayGoOn(ending: Ending): boolean {
  return ending.type === 'broken' || ending.reason === 'cancelled' || ending.reason === 'length';
}

interface Beginning {
  readonly id: MessageId;
  readonly parentId: MessageId;
  readonly at: string;
  readonly seed: number;
  readonly settings: AnswerSettings;
  /** What is to be continued, and how it came about, where that is known. */
  readonly begun: Answer | null;
  readonly trace: Trace | null;
}

/** Collects the events of one reply until it can be written down for good. */
class ReplyInProgress implements LiveReply {
  readonly id: MessageId;
  readonly seed: number;
  readonly text: Signal<string>;
  readonly stage = signal<ReplyStage>({ type: 'checking' });
  readonly isStopping = signal(false);
  settings: AnswerSettings;
  /** When it was last written down; a reading of the state's clock. */
  keptAtMs = 0;
  /** Null until one is there to answer. */
  model: AnsweringModel | null;
  /** Looks at what is written before it is shown; null where nothing is looked for. */
  watch: ReplyWatch | null = null;
  /** Why nothing of it may be shown. */
  withheld: AppError | null = null;
  reason: StopReason | null = null;
  summary: GenerationSummary | null = null;
  readonly #beginning: Beginning;
  readonly #tokenIds: number[];
  readonly #begunTokens: number;
  readonly #firstTraced: number;
  readonly #traced: TracedToken[];
  #prompt: Trace['prompt'] = null;
  #omittedMessages = 0;
  /** All that was written; `text` is what of it may be shown. */
  #written: string;

  constructor(beginning: Beginning) {
    const { begun, trace } = beginning;
    this.#beginning = beginning;
    this.id = beginning.id;
    this.seed = beginning.seed;
    this.settings = beginning.settings;
    this.#written = begun?.text ?? '';
    this.text = signal(this.#written);
    this.#tokenIds = [...(begun?.tokenIds ?? [])];
    this.#begunTokens = this.#tokenIds.length;
    this.model = begun?.model ?? null;
    this.#firstTraced = trace?.firstToken ?? this.#begunTokens;
    this.#traced = [...(trace?.tokens ?? [])];
  }

  /** How it came about so far. */
  get trace(): Trace {
    const tokens = this.withheld === null ? this.#traced : [];
    return { firstToken: this.#firstTraced, tokens, prompt: this.#prompt };
  }

  /** So far, what was begun before included. */
  get tokenIds(): readonly number[] {
    return this.#tokenIds;
  }

  /** Of these, how many count towards the limit: what reached it and is continued begins to count anew. */
  get countedTokens(): number {
    const ending = this.#beginning.begun?.ending;
    const reachedLimit = ending?.type === 'ended' && ending.reason === 'length';
    return this.#tokenIds.length - (reachedLimit ? this.#begunTokens : 0);
  }

  /** Whether a token has come since it was begun or continued. */
  get hasGrown(): boolean {
    return this.#tokenIds.length > this.#begunTokens;
  }

  /** @returns when the tokens of this event were sampled, if it brought any */
  take(event: GenerationEvent): readonly number[] {
    switch (event.type) {
      case 'prompt':
        this.#prompt = { pieces: event.pieces, reusedTokens: 0 };
        if (this.#begunTokens > 0 && !this.hasGrown) {
          this.#written = '';
          this.#show(event.begunText, false);
        }
        return [];
      case 'prefill': {
        const { doneTokens, promptTokens, reusedTokens, omittedMessages } = event;
        this.#omittedMessages = omittedMessages;
        if (this.#prompt !== null) this.#prompt = { ...this.#prompt, reusedTokens };
        this.stage.value = {
          type: 'reading',
          prompt: { doneTokens, promptTokens, reusedTokens },
        };
        return [];
      }
      case 'step':
        for (const { id, text, logprob, atMs, insight } of event.tokens) {
          this.#tokenIds.push(id);
          if (insight !== undefined) this.#traced.push({ id, text, logprob, atMs, ...insight });
        }
        batch(() => {
          this.#show(event.tokens.map(({ text }) => text).join(''), false);
          if (this.stage.peek().type !== 'writing') this.stage.value = { type: 'writing' };
        });
        return event.tokens.map(({ atMs }) => atMs);
      case 'end':
        this.#show(event.tail, true);
        this.reason = event.reason;
        this.summary = event.summary;
        return [];
      case 'failed':
        throw new Error('the session turns failures into exceptions');
      default:
        return unreachable(event);
    }
  }

  #show(more: string, isWhole: boolean): void {
    this.#written += more;
    if (this.withheld !== null) return;
    const seen = this.watch?.look(this.#written, isWhole) ?? this.#written;
    if (typeof seen !== 'string') this.withheld = seen;
    this.text.value = typeof seen === 'string' ? seen : '';
  }

  /** The answer as it is now. */
  finish(ending: Ending): Answer {
    if (ending.type === 'ended' && this.watch !== null) this.#show('', true); // what was held back
    const { parentId, at } = this.#beginning;
    return {
      role: 'assistant',
      id: this.id,
      parentId,
      at,
      text: this.text.peek(),
      tokenIds: this.withheld === null ? [...this.#tokenIds] : [],
      begunTokens: this.withheld === null ? this.#begunTokens : 0,
      model: this.model,
      seed: this.seed,
      settings: this.settings,
      omittedMessages: this.#omittedMessages,
      ending,
    };
  }
}
