import { signal } from '@preact/signals-core';
import { describe, expect, test } from 'vitest';
import type { Notes } from '../../src/state/dependencies.ts';
import {
  createSettings,
  parseChanges,
  parseNumber,
  parseStopStrings,
  printStopStrings,
  RECOMMENDED,
  type Settings,
} from '../../src/state/settings.ts';
import { fakeNotes } from '../support/fake-dependencies.ts';

const settingsOn = (notes: Notes, recommended: () => Settings = () => RECOMMENDED) =>
  createSettings(notes, recommended);

describe('settings', () => {
  test('what was changed is there in the next visit', () => {
    const notes = fakeNotes();
    settingsOn(notes).change({ temperature: 0, stopStrings: ['\n\n'] });

    const { current } = settingsOn(notes);

    expect(current.value).toEqual({ ...RECOMMENDED, temperature: 0, stopStrings: ['\n\n'] });
  });

  test('reset returns to what is recommended for the model in use', () => {
    const settings = settingsOn(fakeNotes());
    settings.change({ temperature: 2, seed: 5 });

    settings.reset();

    expect(settings.current.value).toEqual(RECOMMENDED);
  });

  test('what nobody changed is as recommended for the model in use, the rest stays', () => {
    const recommended = signal(RECOMMENDED);
    const settings = settingsOn(fakeNotes(), () => recommended.value);
    settings.change({ maxNewTokens: 99 });

    recommended.value = { ...RECOMMENDED, temperature: 0, repetitionPenalty: 1 };

    expect(settings.current.value).toEqual({
      ...RECOMMENDED,
      temperature: 0,
      repetitionPenalty: 1,
      maxNewTokens: 99,
    });
  });

  test('a setting that is put back to what is recommended counts as not changed', () => {
    const notes = fakeNotes();
    const settings = settingsOn(notes);
    settings.change({ temperature: 0, stopStrings: ['x'] });
    settings.change({ temperature: RECOMMENDED.temperature, stopStrings: [] });

    const other = settingsOn(notes, () => ({ ...RECOMMENDED, temperature: 0.1 }));

    expect(other.current.value.temperature).toBe(0.1);
  });

  test.each([
    ['nothing', null],
    ['not JSON', '{'],
    ['not an object', '7'],
    ['numbers out of range', '{"temperature": 9, "topK": 1.5, "seed": -1, "contextTokens": 1}'],
    ['other types', '{"systemPrompt": 1, "stopStrings": [1], "topP": "0.5"}'],
  ])('%s reads as no change', (_case, json) => {
    expect(parseChanges(json)).toEqual({});
  });

  test('a field that is right is kept beside one that is wrong', () => {
    expect(parseChanges('{"version": 2, "temperature": 9, "topK": 5}')).toEqual({ topK: 5 });
  });

  test('of what version 1 wrote, which was everything, only what differs is a change', () => {
    const written = { version: 1, ...RECOMMENDED, temperature: 0.2, systemPrompt: '' };

    expect(parseChanges(JSON.stringify(written))).toEqual({ temperature: 0.2, systemPrompt: '' });
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
