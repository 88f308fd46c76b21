/** What is read of a failure while the words are on their way, and when they are here. */
import { beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '../../src/contract/errors.ts';
import { first, later } from '../../src/ui/words/en.ts';
import * as chinese from '../../src/ui/words/zh-Hans.ts';
import { laterWords, speak } from '../../src/ui/spoken.ts';

// The language of the visitor is looked up when its module comes, in what only browsers have.
vi.stubGlobal('navigator', { languages: ['en'] });
const { failureText } = await import('../../src/ui/failure-text.ts');

const FULL = new AppError('storage-full', 'by this test', {
  detail: { type: 'too-little-room', neededBytes: 2.105e9, leftBytes: 12.3e6 },
});

beforeEach(() => speak(first, null));

test('a failure is said in short at once, and with its numbers when the words for them are here', async () => {
  expect(failureText(FULL)).toBe('There is not enough room on this device.');
  expect(failureText(new AppError('import-failed', 'by this test'))).toBe('That did not work.');

  await vi.waitUntil(() => laterWords.value !== null);

  expect(failureText(FULL)).toMatch(/needs about 2,105 MB of room, .* has 13 MB left/);
});

test('a failure follows the language, with its numbers', () => {
  speak(first, later);
  const before = failureText(FULL);

  speak(chinese.first, chinese.later);

  expect(before).toMatch(/^This model needs about 2,105 MB/);
  expect(failureText(FULL)).toMatch(/^这个模型约需 2,105 MB 空间，.*13 MB。/);
});
