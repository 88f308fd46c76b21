import { describe, expect, test } from 'vitest';
import {
  createSettings,
  parseNumber,
  parseSettings,
  parseStopStrings,
  printStopStrings,
  RECOMMENDED,
} from '../../src/state/settings.ts';
import { fakeNotes } from '../support/fake-dependencies.ts';

describe('settings', () => {
  test('what was changed is there in the next visit', () => {
    const notes = fakeNotes();
    createSettings(notes).change({ temperature: 0, stopStrings: ['\n\n'] });

    const { current } = createSettings(notes);

    expect(current.value).toEqual({ ...RECOMMENDED, temperature: 0, stopStrings: ['\n\n'] });
  });

  test('reset returns to what the authors of the model recommend', () => {
    const settings = createSettings(fakeNotes());
    settings.change({ temperature: 2, seed: 5 });

    settings.reset();

    expect(settings.current.value).toEqual(RECOMMENDED);
  });

  test.each([
    ['nothing', null],
    ['not JSON', '{'],
    ['not an object', '7'],
    ['numbers out of range', '{"temperature": 9, "topK": 1.5, "seed": -1, "contextTokens": 1}'],
    ['other types', '{"systemPrompt": 1, "stopStrings": [1], "topP": "0.5"}'],
  ])('%s reads as recommended', (_case, json) => {
    expect(parseSettings(json)).toEqual(RECOMMENDED);
  });

  test('a field that is right is kept beside one that is wrong', () => {
    expect(parseSettings('{"temperature": 9, "topK": 5}')).toEqual({ ...RECOMMENDED, topK: 5 });
  });

  test.each<[Parameters<typeof parseNumber>[0], string, number | null]>([
    ['temperature', '0.7', 0.7],
    ['temperature', '-1', null],
    ['topK', '20.5', null],
    ['topP', '0', null],
    ['seed', '', null],
    ['seed', '4294967295', 4_294_967_295],
    ['seed', '4294967296', null],
    ['contextTokens', 'many', null],
  ])('%s typed as "%s"', (setting, typed, expected) => {
    expect(parseNumber(setting, typed)).toBe(expected);
  });

  test('stop strings are one a line, line breaks written as \\n', () => {
    const typed = 'User:\n\\n\\n\n';

    const stopStrings = parseStopStrings(typed);

    expect(stopStrings).toEqual(['User:', '\n\n']);
    expect(printStopStrings(stopStrings)).toBe('User:\n\\n\\n');
  });
});
