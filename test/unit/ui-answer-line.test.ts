import { expect, test } from 'vitest';
import { AppError } from '../../src/contract/errors.ts';
import type { GenerationSummary } from '../../src/contract/stats.ts';
import type { Answer, Ending } from '../../src/state/messages.ts';
import { describeAnswer } from '../../src/ui/chat/describe-answer.ts';
import { answer } from '../support/messages.ts';
import '../support/speak-english.ts';

const SUMMARY: GenerationSummary = {
  promptTokens: 30,
  reusedTokens: 0,
  newTokens: 148,
  ttftMs: 312,
  prefillTokensPerSecond: 118,
  decodeTokensPerSecond: 14.23,
  contextUsedTokens: 178,
  contextTokens: 4096,
  totalMs: 11_000,
  runTimes: null,
};

function answered(ending: Ending): Answer {
  return answer('1', 'x', { tokenIds: [1, 2, 3], ending });
}

test.each<[string, Ending, string]>([
  [
    'an answer that ended by itself',
    { type: 'ended', reason: 'stop', summary: SUMMARY },
    '14.2 tok/s · first token 0.31 s · 148 tokens · stopped by itself',
  ],
  [
    'a single token has no speed',
    {
      type: 'ended',
      reason: 'length',
      summary: { ...SUMMARY, newTokens: 1, decodeTokensPerSecond: null },
    },
    'first token 0.31 s · 1 token · reached the length limit',
  ],
  [
    'stopped before the model began',
    { type: 'ended', reason: 'cancelled', summary: null },
    '3 tokens · stopped by you',
  ],
  [
    'an answer that broke off',
    { type: 'broken', error: new AppError('worker-died', 'by this test') },
    '3 tokens · broke off',
  ],
])('the line under an answer: %s', (_case, ending, expected) => {
  expect(describeAnswer(answered(ending))).toBe(expected);
});

test('the line under an answer that was continued tells of all its tokens, and of the break', () => {
  const ending: Ending = { type: 'ended', reason: 'stop', summary: { ...SUMMARY, newTokens: 148 } };

  expect(describeAnswer({ ...answered(ending), begunTokens: 12 })).toBe(
    '14.2 tok/s · first token 0.31 s · 160 tokens · continued after 12 · stopped by itself',
  );
});
