import { describe, expect, test } from 'vitest';
import {
  createWritingPrompts,
  fillPrompt,
  isPassage,
  WRITING_TOOLS,
  type Prompts,
} from '../../src/state/writing-prompts.ts';
import { fakeNotes } from '../support/fake-dependencies.ts';

const ORIGINALS = Object.fromEntries(
  WRITING_TOOLS.map((tool) => [tool, `${tool}: {{text}}`]),
) as Prompts;

describe('a prompt and a text', () => {
  test('are put together where the prompt says', () => {
    expect(fillPrompt('Shorten “{{text}}”, please.\n', ' a text ')).toBe(
      'Shorten “a text”, please.',
    );
  });

  test('follow each other where the prompt names no place', () => {
    expect(fillPrompt('Shorten:\n', 'a text')).toBe('Shorten:\n\na text');
  });

  test('stay what they are when the text looks like a place or a pattern', () => {
    expect(fillPrompt('Shorten: {{text}}', '$& {{text}} $1')).toBe('Shorten: $& {{text}} $1');
  });
});

describe('prompts', () => {
  test('that were changed are there at the next visit, and can be set back', () => {
    const notes = fakeNotes();
    createWritingPrompts(notes, ORIGINALS).change('formal', 'Very formal: {{text}}');

    const later = createWritingPrompts(notes, ORIGINALS);
    expect(later.current.value.formal).toBe('Very formal: {{text}}');
    later.reset('formal');

    expect(later.current.value).toEqual(ORIGINALS);
    expect(notes.read('offgrid.writing-prompts')).toBeNull();
  });

  test('that were emptied are the original again', () => {
    const prompts = createWritingPrompts(fakeNotes(), ORIGINALS);
    prompts.change('formal', 'Other');
    prompts.change('formal', ' \n');

    expect(prompts.current.value).toEqual(ORIGINALS);
  });

  test.each(['{', '7', 'null', '[]', '{"formal":7,"other":"x"}'])(
    'are the originals when %s was noted',
    (noted) => {
      const notes = fakeNotes({ 'offgrid.writing-prompts': noted });

      expect(createWritingPrompts(notes, ORIGINALS).current.value).toEqual(ORIGINALS);
    },
  );
});

test.each<[boolean, string, string]>([
  [false, 'a question', 'What is the capital of France?'],
  [false, 'two lines', 'What is this?\nAnd that?'],
  [true, 'code of three lines', 'a\nb\nc'],
  [true, 'a paragraph', 'A river begins as rain. '.repeat(8)],
  [false, 'a Chinese question', '法国的首都是哪里？'],
  [true, 'a Chinese paragraph', '河流从雨水开始。'.repeat(8)],
])('that something is a passage is %s for %s', (isOne, _what, text) => {
  expect(isPassage(text)).toBe(isOne);
});
