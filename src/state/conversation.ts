import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals-core';
import type { ChatMessage } from '../contract/engine.ts';
import type { AppError } from '../contract/errors.ts';
import type { GenerationEvent, StopReason } from '../contract/events.ts';
import type { StoredModel } from '../contract/model.ts';
import type { GenerationSummary } from '../contract/stats.ts';
import { unreachable } from '../lib/assert.ts';
import { asAppError } from './as-app-error.ts';
import type { Dependencies } from './dependencies.ts';
import {
  promptOf,
  type Answer,
  type AnsweringModel,
  type Ending,
  type Message,
  type Question,
} from './messages.ts';
import type { Models } from './models.ts';
import type { Session } from './session.ts';
import type { SettingsStore } from './settings.ts';
import type { Speedometer } from './speedometer.ts';

/** The reply that is being written: the only thing in a conversation that changes. */
export interface LiveReply {
  readonly id: number;
  readonly text: ReadonlySignal<string>;
  readonly stage: ReadonlySignal<ReplyStage>;
  /** Stop was pressed and the engine has not ended yet: on a slow device it finishes a part of the prompt first. */
  readonly isStopping: ReadonlySignal<boolean>;
}

export type ReplyStage =
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

export interface Conversation {
  readonly messages: ReadonlySignal<readonly Message[]>;
  readonly live: ReadonlySignal<LiveReply | null>;
  /** What stands in the composer. */
  readonly draft: Signal<string>;
  /** Whether there is a model to ask (in memory, or on its way there) and no answer is running. */
  readonly canAsk: ReadonlySignal<boolean>;
  /** Does nothing while `canAsk` is false or for an empty text. Settles when the answer has ended. */
  readonly ask: (text: string) => Promise<void>;
  /** Asks the last question once more. */
  readonly retry: () => Promise<void>;
  /** Whether the last answer broke off with something written, and the model that wrote it is there to go on. */
  readonly canGoOn: ReadonlySignal<boolean>;
  /** Lets the last answer go on where it broke off. Does nothing while `canGoOn` is false. */
  readonly goOn: () => Promise<void>;
  readonly stop: () => void;
  /** Begins an empty conversation; a running answer is stopped and goes with the old one. */
  readonly startAnew: () => void;
}

export interface ConversationNeeds {
  readonly dependencies: Dependencies;
  readonly models: Models;
  readonly session: Session;
  readonly settings: SettingsStore;
  readonly speedometer: Speedometer;
}

export function createConversation(needs: ConversationNeeds): Conversation {
  const { dependencies, models, session, settings, speedometer } = needs;
  const messages = signal<readonly Message[]>([]);
  const live = signal<LiveReply | null>(null);
  const draft = signal('');
  const canAsk = computed(() => {
    const isModelComing = models.guide.state.value.type === 'coming';
    return live.value === null && (isModelComing || session.engine.value.type !== 'idle');
  });
  let answering: AbortController | null = null;
  let running: Promise<void> = Promise.resolve();
  let nextId = 1;

  async function ask(text: string): Promise<void> {
    if (text.trim() === '' || !canAsk.value) return;
    const question: Question = { role: 'user', id: nextId++, text: text.trim() };
    const earlier = messages.value;
    messages.value = [...earlier, question];
    await answer(earlier, question);
  }

  async function retry(): Promise<void> {
    if (!canAsk.value) return;
    const at = messages.value.findLastIndex(({ role }) => role === 'user');
    const question = messages.value[at];
    if (question?.role === 'user') await answer(messages.value.slice(0, at), question);
  }

  const brokenAnswer = computed(() => {
    const last = messages.value.at(-1);
    const { value } = session.engine;
    if (last?.role !== 'assistant' || last.ending.type !== 'broken') return null;
    if (last.tokenIds.length === 0 || value.type === 'idle') return null;
    return value.model.id === last.model?.id ? last : null; // to another model, its ids mean something else
  });
  const canGoOn = computed(() => canAsk.value && brokenAnswer.value !== null);

  async function goOn(): Promise<void> {
    const begun = brokenAnswer.value;
    if (begun === null || !canAsk.value) return;
    const at = messages.value.findLastIndex(({ role }) => role === 'user');
    const question = messages.value[at];
    if (question?.role !== 'user') return;
    const earlier = messages.value.slice(0, at);
    batch(() => {
      messages.value = messages.value.slice(0, -1); // what was written is shown as the reply that is being written
      void answer(earlier, question, begun);
    });
    await running;
  }

  function answer(
    earlier: readonly Message[],
    question: Question,
    begun: Answer | null = null,
  ): Promise<void> {
    const work = new AbortController();
    answering = work;
    const seed = begun?.seed ?? settings.current.value.seed ?? dependencies.randomSeed();
    const reply = new ReplyInProgress(nextId++, seed, begun);
    work.signal.addEventListener('abort', () => (reply.isStopping.value = true));
    live.value = reply;
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
    let ending: Ending | null = null;
    while (ending === null) {
      try {
        const model = await wakeUnless(work.signal);
        if (model !== null) {
          reply.model = { id: model.id, title: model.title };
          await speak(reply, promptFor(earlier, question, model), work.signal);
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
    if (answering !== work) return; // a new conversation began meanwhile
    answering = null;
    const finished = reply.finish(ending);
    batch(() => {
      messages.value = [...messages.value, finished];
      live.value = null;
    });
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
  ): Promise<void> {
    const {
      systemPrompt: _,
      seed: __,
      maxNewTokens,
      stopStrings,
      contextTokens: ___,
      ...sampling
    } = settings.current.value; // as recommended for the model that is there now
    const begun = [...reply.tokenIds];
    reply.stage.value = { type: 'reading', prompt: null };
    speedometer.begin();
    try {
      const request = {
        messages: prompt,
        sampling: { ...sampling, seed: reply.seed },
        maxNewTokens: Math.max(1, maxNewTokens - begun.length),
        stopStrings,
        ...(begun.length > 0 ? { begun } : {}),
      };
      for await (const event of session.generate(request, stopped)) {
        speedometer.note(reply.take(event));
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
      const stop = new Promise<'stopped'>((resolve) =>
        stopped.addEventListener('abort', () => resolve('stopped'), { once: true }),
      );
      if ((await Promise.race([models.wake(), stop])) === 'stopped') return null;
    }
    const { value } = session.engine;
    if (value.type === 'failed') throw value.error;
    return value.type === 'ready' ? value.model : null;
  }

  return {
    messages,
    live,
    draft,
    canAsk,
    ask,
    retry,
    canGoOn,
    goOn,
    stop: () => answering?.abort(),
    startAnew() {
      answering?.abort();
      answering = null;
      batch(() => {
        messages.value = [];
        live.value = null;
      });
    },
  };
}

/** Collects the events of one reply until it can be written down for good. */
class ReplyInProgress implements LiveReply {
  readonly id: number;
  readonly seed: number;
  readonly text: Signal<string>;
  readonly stage = signal<ReplyStage>({ type: 'waking' });
  readonly isStopping = signal(false);
  /** Null until one is there to answer. */
  model: AnsweringModel | null;
  reason: StopReason | null = null;
  summary: GenerationSummary | null = null;
  readonly #tokenIds: number[];
  readonly #begunTokens: number;
  #omittedMessages = 0;

  /** @param begun what is to be continued */
  constructor(id: number, seed: number, begun: Answer | null) {
    this.id = id;
    this.seed = seed;
    this.text = signal(begun?.text ?? '');
    this.#tokenIds = [...(begun?.tokenIds ?? [])];
    this.#begunTokens = this.#tokenIds.length;
    this.model = begun?.model ?? null;
  }

  /** So far, what was begun before included. */
  get tokenIds(): readonly number[] {
    return this.#tokenIds;
  }

  /** Whether a token has come since it was begun or continued. */
  get hasGrown(): boolean {
    return this.#tokenIds.length > this.#begunTokens;
  }

  /** @returns when the tokens of this event were sampled, if it brought any */
  take(event: GenerationEvent): readonly number[] {
    switch (event.type) {
      case 'prefill': {
        const { doneTokens, promptTokens, reusedTokens, omittedMessages } = event;
        this.#omittedMessages = omittedMessages;
        this.stage.value = {
          type: 'reading',
          prompt: { doneTokens, promptTokens, reusedTokens },
        };
        return [];
      }
      case 'step':
        for (const { id } of event.tokens) this.#tokenIds.push(id);
        batch(() => {
          this.text.value += event.tokens.map(({ text }) => text).join('');
          if (this.stage.peek().type !== 'writing') this.stage.value = { type: 'writing' };
        });
        return event.tokens.map(({ atMs }) => atMs);
      case 'end':
        this.text.value += event.tail;
        this.reason = event.reason;
        this.summary = event.summary;
        return [];
      case 'failed':
        throw new Error('the session turns failures into exceptions');
      default:
        return unreachable(event);
    }
  }

  finish(ending: Ending): Answer {
    return {
      role: 'assistant',
      id: this.id,
      text: this.text.peek(),
      tokenIds: this.#tokenIds,
      begunTokens: this.#begunTokens,
      omittedMessages: this.#omittedMessages,
      model: this.model,
      ending,
      seed: this.seed,
    };
  }
}
