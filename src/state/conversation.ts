import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals-core';
import type { GenerationEvent, StopReason } from '../contract/events.ts';
import type { GenerationSummary } from '../contract/stats.ts';
import { unreachable } from '../lib/assert.ts';
import { asAppError } from './as-app-error.ts';
import type { Dependencies } from './dependencies.ts';
import { promptOf, type Answer, type Ending, type Message, type Question } from './messages.ts';
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
  const canAsk = computed(() => live.value === null && session.engine.value.type !== 'idle');
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

  function answer(earlier: readonly Message[], question: Question): Promise<void> {
    const work = new AbortController();
    answering = work;
    const reply = new ReplyInProgress(nextId++);
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
    const {
      systemPrompt,
      seed,
      maxNewTokens,
      stopStrings,
      contextTokens: _,
      ...sampling
    } = settings.current.value;
    const usedSeed = seed ?? dependencies.randomSeed();
    let ending: Ending;
    try {
      if (await wakeUnless(work.signal)) {
        reply.stage.value = { type: 'reading', prompt: null };
        speedometer.begin();
        const request = {
          messages: promptOf(earlier, question, systemPrompt),
          sampling: { ...sampling, seed: usedSeed },
          maxNewTokens,
          stopStrings,
        };
        for await (const event of session.generate(request, work.signal)) {
          speedometer.note(reply.take(event));
        }
      }
      ending = { type: 'ended', reason: reply.reason ?? 'cancelled', summary: reply.summary };
    } catch (thrown) {
      // A worker that had to be ended because it did not stop: for the person it stopped.
      ending = work.signal.aborted
        ? { type: 'ended', reason: 'cancelled', summary: null }
        : { type: 'broken', error: asAppError(thrown) };
    }
    speedometer.end();
    if (answering !== work) return; // a new conversation began meanwhile
    answering = null;
    const { value } = session.engine;
    const modelTitle = value.type === 'idle' ? '' : value.model.title;
    batch(() => {
      messages.value = [...messages.value, reply.finish({ ending, modelTitle, seed: usedSeed })];
      live.value = null;
    });
  }

  /** False when the person stopped while the model was loading; throws what kept it from loading. */
  async function wakeUnless(stopped: AbortSignal): Promise<boolean> {
    if (stopped.aborted) return false;
    if (session.engine.value.type === 'ready') return true;
    const stop = new Promise<'stopped'>((resolve) =>
      stopped.addEventListener('abort', () => resolve('stopped'), { once: true }),
    );
    const woken = await Promise.race([models.wake(), stop]);
    if (woken === 'stopped') return false;
    const { value } = session.engine;
    if (value.type === 'failed') throw value.error;
    return woken;
  }

  return {
    messages,
    live,
    draft,
    canAsk,
    ask,
    retry,
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
  readonly text = signal('');
  readonly stage = signal<ReplyStage>({ type: 'waking' });
  readonly isStopping = signal(false);
  reason: StopReason | null = null;
  summary: GenerationSummary | null = null;
  readonly #tokenIds: number[] = [];
  #omittedMessages = 0;

  constructor(id: number) {
    this.id = id;
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

  finish(rest: Pick<Answer, 'ending' | 'modelTitle' | 'seed'>): Answer {
    return {
      role: 'assistant',
      id: this.id,
      text: this.text.peek(),
      tokenIds: this.#tokenIds,
      omittedMessages: this.#omittedMessages,
      ...rest,
    };
  }
}
