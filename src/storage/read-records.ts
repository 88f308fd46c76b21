/**
 * Makes records of values that any version of this page, or anybody, may have written: what is not one is refused with
 * the place where it is wrong. Pure functions, for the database and for imported files alike.
 */
import type { StopReason } from '../contract/events.ts';
import type { GenerationSummary } from '../contract/stats.ts';
import { toModelId } from '../contract/model.ts';
import { isErrorCode, type WireError } from '../contract/errors.ts';
import { readDetail } from '../contract/failure-cases.ts';
import type {
  AnswerRecord,
  AnswerSettings,
  ConversationId,
  ConversationRecord,
  EndingRecord,
  MessageId,
  MessageRecord,
} from './records.ts';

/** Why a value is no record: `messages[3].role`. Its message is for the log and for the sentence of a failed import. */
export class WrongShape extends Error {
  override readonly name = 'WrongShape';
}

/** @throws WrongShape */
export function readConversation(value: unknown): ConversationRecord {
  const from = fields(value, 'conversation');
  from.only('version', 1);
  return {
    version: 1,
    id: from.text('id', 1) as ConversationId,
    title: from.text('title'),
    isPinned: from.flag('isPinned'),
    createdAt: from.date('createdAt'),
    changedAt: from.date('changedAt'),
    leafId: from.nullable('leafId', () => from.text('leafId', 1) as MessageId),
    settings: from.inner('settings').all,
  };
}

/** @throws WrongShape */
export function readMessage(value: unknown): MessageRecord {
  const from = fields(value, 'message');
  from.only('version', 1);
  const role = from.oneOf('role', ['user', 'assistant']);
  const common = {
    version: 1,
    id: from.text('id', 1) as MessageId,
    at: from.date('at'),
    text: from.text('text'),
  } as const;
  if (role === 'user') {
    const parentId = from.nullable('parentId', () => from.text('parentId', 1) as MessageId);
    return { ...common, role, parentId };
  }
  return { ...common, role, ...readAnswer(from) };
}

type AnswerFields = Omit<AnswerRecord, 'version' | 'id' | 'at' | 'text' | 'role'>;

function readAnswer(from: Fields): AnswerFields {
  return {
    parentId: from.text('parentId', 1) as MessageId,
    tokenIds: from.wholes('tokenIds'),
    begunTokens: from.whole('begunTokens'),
    model: from.nullable('model', () => {
      const model = from.inner('model');
      return { id: model.convert('id', toModelId), title: model.text('title') };
    }),
    seed: from.whole('seed'),
    settings: readSettings(from.inner('settings')),
    omittedMessages: from.whole('omittedMessages'),
    ending: readEnding(from.inner('ending')),
  };
}

function readSettings(from: Fields): AnswerSettings {
  return {
    temperature: from.number('temperature'),
    topK: from.number('topK'),
    topP: from.number('topP'),
    minP: from.number('minP'),
    repetitionPenalty: from.number('repetitionPenalty'),
    systemPrompt: from.text('systemPrompt'),
    maxNewTokens: from.whole('maxNewTokens'),
    stopStrings: from.texts('stopStrings'),
  };
}

const REASONS: readonly StopReason[] = ['stop', 'stop-string', 'length', 'context', 'cancelled'];

function readEnding(from: Fields): EndingRecord {
  const type = from.oneOf('type', ['ended', 'broken']);
  if (type === 'broken') return { type, error: readError(from.inner('error')) };
  const reason = from.oneOf('reason', REASONS);
  return { type, reason, summary: from.nullable('summary', () => readSummary(from)) };
}

/** A code that this version does not know was a failure all the same; so was one of which the first records told no detail. */
function readError(from: Fields): WireError {
  const told = from.text('code');
  const code = isErrorCode(told) ? told : 'internal';
  return {
    code,
    message: from.text('message'),
    detail: readDetail(code, from.all['detail']),
    stack: null,
    causes: [],
  };
}

function readSummary(ending: Fields): GenerationSummary {
  const from = ending.inner('summary');
  const perhaps = (name: string) => from.nullable(name, () => from.number(name));
  return {
    promptTokens: from.whole('promptTokens'),
    reusedTokens: from.whole('reusedTokens'),
    newTokens: from.whole('newTokens'),
    ttftMs: perhaps('ttftMs'),
    prefillTokensPerSecond: perhaps('prefillTokensPerSecond'),
    decodeTokensPerSecond: perhaps('decodeTokensPerSecond'),
    contextUsedTokens: from.whole('contextUsedTokens'),
    contextTokens: from.whole('contextTokens'),
    totalMs: from.number('totalMs'),
    runTimes: from.nullable('runTimes', () => {
      const times = from.inner('runTimes');
      return {
        recordMs: times.number('recordMs'),
        gpuMs: times.nullable('gpuMs', () => times.number('gpuMs')),
        waitMs: times.number('waitMs'),
      };
    }),
  };
}

/** @throws WrongShape unless it is a plain object; `place` names it in what is thrown */
export function fields(value: unknown, place: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new WrongShape(`${place} is not an object`);
  }
  return new Fields(value as Readonly<Record<string, unknown>>, place);
}

/** The fields of one object, each read as what it has to be. Every method throws `WrongShape`. */
export class Fields {
  readonly all: Readonly<Record<string, unknown>>;
  readonly #place: string;

  constructor(all: Readonly<Record<string, unknown>>, place: string) {
    this.all = all;
    this.#place = place;
  }

  inner(name: string): Fields {
    return fields(this.all[name], `${this.#place}.${name}`);
  }

  list(name: string): readonly unknown[] {
    const value = this.all[name];
    return Array.isArray(value) ? value : this.#refuse(name);
  }

  /** @param least characters */
  text(name: string, least = 0): string {
    const value = this.all[name];
    return typeof value === 'string' && value.length >= least ? value : this.#refuse(name);
  }

  texts(name: string): readonly string[] {
    const values = this.list(name);
    return values.every((value) => typeof value === 'string') ? values : this.#refuse(name);
  }

  flag(name: string): boolean {
    const value = this.all[name];
    return typeof value === 'boolean' ? value : this.#refuse(name);
  }

  number(name: string): number {
    const value = this.all[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : this.#refuse(name);
  }

  /** A count: whole and not negative. */
  whole(name: string): number {
    const value = this.all[name];
    return isWhole(value) ? value : this.#refuse(name);
  }

  wholes(name: string): readonly number[] {
    const values = this.list(name);
    return values.every(isWhole) ? values : this.#refuse(name);
  }

  date(name: string): string {
    const value = this.text(name);
    return Number.isNaN(Date.parse(value)) ? this.#refuse(name) : value;
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    return values.find((value) => value === this.all[name]) ?? this.#refuse(name);
  }

  only(name: string, wanted: number): void {
    if (this.all[name] !== wanted) this.#refuse(name);
  }

  nullable<T>(name: string, read: () => T): T | null {
    return this.all[name] === null ? null : read();
  }

  /** @param convert throws for what it cannot take */
  convert<T>(name: string, convert: (text: string) => T): T {
    try {
      return convert(this.text(name));
    } catch {
      return this.#refuse(name);
    }
  }

  #refuse(name: string): never {
    throw new WrongShape(`${this.#place}.${name} is not what it should be`);
  }
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
