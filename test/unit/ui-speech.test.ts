/** What a screen reader hears of an answer while it is written. */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import '../support/speak-english.ts';
import { AppError } from '../../src/contract/errors.ts';
import { createAppState } from '../../src/state/app-state.ts';
import { effect } from '@preact/signals-core';
import { fetchReader, reader } from '../../src/ui/markdown/fetch-reader.ts';
import { AnswerFollower } from '../../src/ui/speech/answer-follower.ts';
import { ReadAloud } from '../../src/ui/speech/read-aloud.ts';
import { cutByMarks, cutFor, sentencesOf } from '../../src/ui/speech/sentences.ts';
import { later } from '../../src/ui/words/en.ts';
import { fakeDependencies, fakeNotes } from '../support/fake-dependencies.ts';
import { FakeEngine, type FakeEngineScript } from '../support/fake-engine.ts';
import { fakeForm, fakeId, FakeStore, storedModel } from '../support/fake-store.ts';

describe.each([
  ['the browser’s rules', cutFor('en')],
  ['our own, where it has none', cutByMarks],
] as const)('a text falls into sentences by %s', (_whose, cut) => {
  test.each<[string, ...string[]]>([
    ['One. Two! Three?', 'One.', 'Two!', 'Three?'],
    [
      'It has 0.5 billion weights. They take 491 MB.',
      'It has 0.5 billion weights.',
      'They take 491 MB.',
    ],
    ['Qwen2.5-0.5B runs here.', 'Qwen2.5-0.5B runs here.'],
    ['Ask Dr. Smith, e.g. today. He knows.', 'Ask Dr. Smith, e.g. today.', 'He knows.'],
    ['J. R. Smith wrote it. I read it.', 'J. R. Smith wrote it.', 'I read it.'],
    [
      'See Fig. 3 for it, i.e. the chart. Then stop.',
      'See Fig. 3 for it, i.e. the chart.',
      'Then stop.',
    ],
    ['No. Nothing is sent.', 'No.', 'Nothing is sent.'],
    ['He said “Stop.” Then he left.', 'He said “Stop.”', 'Then he left.'],
    ['Wait... what? Yes!', 'Wait... what?', 'Yes!'],
    ['你好。能离线使用吗？可以！', '你好。', '能离线使用吗？', '可以！'],
    ['他说：“好。”然后走了。', '他说：“好。”', '然后走了。'],
    ['模型有 0.5B 权重。很小。', '模型有 0.5B 权重。', '很小。'],
    ['A first line\nA second line', 'A first line', 'A second line'],
    ['1. Open it. 2. Ask.', '1. Open it.', '2. Ask.'],
    [''],
    [' … '],
  ])('“%s”', (text, ...sentences) => {
    expect(sentencesOf(text, cut)).toEqual(sentences);
  });
});

const readAloud = (begun = '') => new ReadAloud(cutFor('en'), later.speech, begun);

/** What is heard of a text that comes in pieces of so many characters: by call, those that bring something. */
function hear(text: string, size: number): readonly (readonly string[])[] {
  const reading = readAloud();
  const heard: (readonly string[])[] = [];
  for (let end = size; end < text.length; end += size)
    heard.push(reading.next(text.slice(0, end), false));
  heard.push(reading.next(text, true));
  return heard.filter(({ length }) => length > 0);
}

describe('a text that grows is read out', () => {
  test('a sentence is held back until the next one has begun', () => {
    const reading = readAloud();

    expect(reading.next('It costs 0.', false)).toEqual([]);
    expect(reading.next('It costs 0.5 MB. ', false)).toEqual([]);
    expect(reading.next('It costs 0.5 MB. And', false)).toEqual(['It costs 0.5 MB.']);
    expect(reading.next('It costs 0.5 MB. And more', true)).toEqual(['And more']);
  });

  test('without marks, and without the addresses of links', () => {
    const text =
      '## What it *is*\n\nA **small** `model`, see [here](https://example.org/a). 1 < 2 &amp; 3.';

    expect(hear(text, 3).flat()).toEqual(['What it is', 'A small model, see here.', '1 < 2 & 3.']);
  });

  test('each item of a list as soon as the next one begins', () => {
    const text = '- First item. It is long.\n- Second\n- Third';
    const reading = readAloud();

    expect(reading.next(text.slice(0, 20), false)).toEqual(['First item.']);
    expect(reading.next(text.slice(0, 30), false)).toEqual(['It is long.']);
    expect(reading.next(text, false)).toEqual(['Second']);
    expect(reading.next(text, true)).toEqual(['Third']);
  });

  test('numbered items with their numbers, and lists within them', () => {
    const text = '3. Open it:\n   - Tap\n   - Wait\n4. Ask. Read.\n\nDone.';

    expect(hear(text, 1).flat()).toEqual([
      '3. Open it:',
      'Tap',
      'Wait',
      '4. Ask.',
      'Read.',
      'Done.',
    ]);
  });

  test('code and tables are named when they are whole, and not spelt', () => {
    const text =
      'Here:\n\n```python\nfor i in range(3):\n  print(i)\n```\n\n| Name | Size |\n|---|---|\n| a | 1 |\n| b | 2 |\n\n    indented();\n';

    expect(hear(text, 2).flat()).toEqual([
      'Here:',
      'Code in python, 2 lines.',
      'Table, 2 rows: Name, Size.',
      'Code, 1 line.',
    ]);
  });

  test('an image is not fetched, and called by its title', () => {
    expect(hear('![A cat](https://example.org/cat.png)', 100).flat()).toEqual([
      'Image, not fetched: A cat',
    ]);
  });

  test('of what was begun before, only what was not whole is heard', () => {
    const begun = 'A first. A sec';
    const reading = readAloud(begun);

    expect(reading.next(`${begun}ond. A`, false)).toEqual(['A second.']);
    expect(reading.next(`${begun}ond. A third.`, true)).toEqual(['A third.']);
  });

  test('nothing is heard of a text that came in the place of another one, but what comes after it', () => {
    const reading = readAloud();
    reading.next('One.\n\nTwo. Th', false);

    expect(reading.next('Uno. Due. T', false)).toEqual([]);
    expect(reading.next('Uno. Due. Tre.', true)).toEqual(['Tre.']);
    expect(reading.next('', true)).toEqual([]);
  });

  const LONG = [
    '# Title\n\nFirst sentence. Second one, **bold. Still** bold.\nA line\n===\n',
    'a | b. c\n--- | ---\n1 | 2\n\n> Quoted. Twice.\n> - in a list. Yes.\n\n',
    '1. one. two.\n\n   ```js\n   let x;\n   ```\n2. three\n\n\n* * *\n~~~\nopen. code',
  ].join('');

  test.each([1, 2, 3, 5, 7, 11, 19])(
    'nothing is heard twice and nothing is left out, by pieces of %i characters',
    (size) => {
      const heard = hear(LONG, size).flat();

      expect(heard.join(' ').match(/two\./g)).toHaveLength(1);
      expect(heard).toEqual(hear(LONG, LONG.length).flat());
    },
  );
});

/** What is said of the answers of a page, in the order of saying. */
async function listen(script: Partial<FakeEngineScript> = {}) {
  const engine = new FakeEngine(script);
  const store = new FakeStore([storedModel({ forms: [fakeForm(fakeId('a'), 'wasm-int8')] })]);
  const notes = fakeNotes({ 'offgrid.pinned-rung': 'wasm-int8' });
  const app = createAppState(fakeDependencies({ engine, store, notes }));
  await app.models.start();
  const said: string[][] = [];
  const follower = new AnswerFollower(app.conversation, (texts) => void said.push([...texts]));
  effect(() => follower.look(app.conversation.live.value));
  return { app, engine, said };
}

describe('of an answer is said', () => {
  beforeAll(async () => {
    fetchReader();
    await vi.waitUntil(() => reader.value !== null);
  });

  test('what is left when it ends, and then its figures, once', async () => {
    const { app, said } = await listen();

    await app.conversation.ask('What is the capital of France?');

    expect(said.flat()).toEqual([
      'The capital is Paris.',
      expect.stringMatching(/5 tokens · stopped by itself/),
    ]);
  });

  test('all that is left of a long one, and never much at once', async () => {
    const tokens = Array.from({ length: 100 }, (_, index) => `Number ${index}. `);
    const { app, said } = await listen({ tokens });

    await app.conversation.ask('Count.');
    const isOver = () => said.flat().some((one) => one.includes('100 tokens'));
    await vi.waitUntil(isOver, { timeout: 20_000 });

    const numbers = said.flat().filter((one) => one.startsWith('Number'));
    expect(numbers).toEqual(tokens.map((token) => token.trim()));
    expect(Math.max(...said.map((together) => together.length))).toBeLessThanOrEqual(24);
  });

  test('nothing more of a long one once another answer has begun', async () => {
    const tokens = Array.from({ length: 300 }, (_, index) => `Number ${index}. `);
    const { app, engine, said } = await listen({ tokens });
    await app.conversation.ask('Count.');
    engine.script.tokens = ['Yes.'];

    await app.conversation.ask('Is that all?');
    const before = said.length;
    await new Promise((resolve) => setTimeout(resolve, 400));

    expect(said).toHaveLength(before);
    expect(said.flat()).toContain('Yes.');
    expect(said.flat()).not.toContain('Number 299.');
  });

  test('that it was stopped, once', async () => {
    const { app, said } = await listen({ tokens: Array.from({ length: 50 }, () => ' word') });
    effect(() => {
      if ((app.conversation.live.value?.text.value ?? '').length > 20) app.conversation.stop();
    });

    await app.conversation.ask('Count.');

    expect(
      said
        .flat()
        .join('\n')
        .match(/stopped/g),
    ).toHaveLength(1);
  });

  test('what was written before it broke off; why it did, the notice says', async () => {
    const error = new AppError('out-of-memory', 'by a test');
    const { app, said } = await listen({ failNextAnswer: { error, afterTokens: 2 } });

    await app.conversation.ask('What is the capital of France?');

    expect(said.flat()).toEqual(['The capital']);
  });

  test('nothing more once another conversation has begun', async () => {
    const { app, said } = await listen({ tokens: Array.from({ length: 50 }, () => ' word') });
    effect(() => {
      if ((app.conversation.live.value?.text.value ?? '').length > 20) app.conversation.startAnew();
    });

    await app.conversation.ask('Count.');

    expect(said.flat()).toEqual([]);
  });
});
