import { AppError } from '../contract/errors.ts';
import type { ChatMessage, GenerateRequest, LoadOptions, Sampling } from '../contract/engine.ts';

const MAX_STOP_STRINGS = 16;
const MAX_STOP_STRING_CHARACTERS = 256;
const MAX_ALTERNATIVES = 20;
/** Room for a system prompt's first turn; less is no context. */
const MIN_CONTEXT_TOKENS = 64;

/** @throws AppError `invalid-request` that names the setting */
export function checkLoadOptions({ contextTokens, threads }: LoadOptions): void {
  must(isWhole(contextTokens, MIN_CONTEXT_TOKENS, 2 ** 20), 'contextTokens', contextTokens);
  must(isWhole(threads, 1, 64), 'threads', threads);
}

/**
 * What arrives crossed a thread, so types are a claim: checks all that the loop relies on.
 * @throws AppError `invalid-request` that names the setting, `prompt-empty` when there is nothing to answer
 */
export function checkRequest(request: GenerateRequest, vocabulary: number): void {
  checkMessages(request.messages, vocabulary);
  for (const id of request.begun ?? []) must(isWhole(id, 0, vocabulary - 1), 'token id', id);
  const { alternatives = 1 } = request;
  must(isWhole(alternatives, 1, MAX_ALTERNATIVES), 'alternatives', alternatives);
  checkSampling(request.sampling);
  must(isWhole(request.maxNewTokens, 1, 2 ** 20), 'maxNewTokens', request.maxNewTokens);
  const { stopStrings } = request;
  must(stopStrings.length <= MAX_STOP_STRINGS, 'number of stop strings', stopStrings.length);
  for (const { length } of stopStrings) {
    must(isWhole(length, 1, MAX_STOP_STRING_CHARACTERS), 'length of a stop string', length);
  }
}

function checkMessages(messages: readonly ChatMessage[], vocabulary: number): void {
  const last = messages.at(-1);
  if (last === undefined) throw new AppError('prompt-empty', 'no messages');
  must(last.role === 'user', 'role of the last message', last.role);
  messages.forEach(({ role, tokenIds }, index) => {
    must(role !== 'system' || index === 0, 'place of the system message', index);
    must(tokenIds === undefined || role === 'assistant', 'tokenIds with the role', role);
    for (const id of tokenIds ?? []) must(isWhole(id, 0, vocabulary - 1), 'token id', id);
  });
  if (last.content.trim() === '') throw new AppError('prompt-empty', 'the last message is blank');
}

function checkSampling(sampling: Sampling): void {
  const { temperature, topK, topP, minP, repetitionPenalty, seed } = sampling;
  must(temperature === 0 || isWithin(temperature, 0.01, 5), 'temperature', temperature);
  must(isWhole(topK, 0, 2 ** 20), 'topK', topK);
  must(isWithin(topP, 0, 1), 'topP', topP);
  must(isWithin(minP, 0, 1), 'minP', minP);
  must(isWithin(repetitionPenalty, 0.1, 10), 'repetitionPenalty', repetitionPenalty);
  must(isWhole(seed, 0, 2 ** 32 - 1), 'seed', seed);
}

function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && isWithin(value, least, most);
}

function must(isTrue: boolean, what: string, value: string | number): void {
  if (!isTrue) throw new AppError('invalid-request', `${what} may not be ${value}`);
}
