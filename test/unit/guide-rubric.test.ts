import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { lines, readRubric } from '../../models/cli/guide/rubric.ts';

describe("the guide's rubric", () => {
  test('finds a held-out phrasing whatever its case and punctuation', async () => {
    const rubric = await readRubric();
    const [first] = rubric.heldOut;

    const task = rubric.taskFor(`  ${first?.question.toUpperCase()}!! `);

    expect(task.id).toBe(first?.id);
  });

  test('asks a phrasing with alternatives in its first wording', async () => {
    const { heldOut } = await readRubric();

    expect(heldOut.filter(({ question }) => /[{|}]/.test(question))).toEqual([]);
  });

  test('calls no answer at all wrong', async () => {
    const { heldOut } = await readRubric();

    expect(heldOut.filter((task) => task.judge('') !== 'wrong')).toEqual([]);
  });

  test('takes the answer of an intent that is said to be right there too', async () => {
    const intents = await readIntents();
    const { heldOut } = await readRubric();
    const pairs = intents.flatMap(({ id, alsoRight = [] }) => alsoRight.map((twin) => [id, twin]));

    const wrong = pairs.filter(([id, twin]) =>
      heldOut
        .filter((task) => task.id === id)
        .some((task) => {
          const answers =
            intents.find((intent) => intent.id === twin)?.[task.language].answer ?? [];
          return answers.every((answer) => task.judge(answer) === 'wrong');
        }),
    );

    expect(pairs).not.toEqual([]);
    expect(wrong).toEqual([]);
  });

  test.each([
    ['That is beyond me. I only know this page.', 'declined'],
    ['这超出了我的能力。', 'declined'],
    ['Paris is the capital of France.', 'answered'],
  ])(
    'of a question it does not know, judges whether it was declined: %s',
    async (answer, verdict) => {
      const rubric = await readRubric();

      expect(rubric.taskFor('Where do penguins sleep?').judge(answer)).toBe(verdict);
    },
  );

  test('covers both languages, held out and unrelated', async () => {
    const { heldOut, unrelated } = await readRubric();

    for (const tasks of [heldOut, unrelated]) {
      expect(new Set(tasks.map(({ language }) => language))).toEqual(new Set(['en', 'zh']));
    }
  });

  test('reads questions one a line, whatever ends the lines', () => {
    expect(lines(' one \r\n\n two\n')).toEqual(['one', 'two']);
  });
});

interface Intent {
  readonly id: string;
  readonly en: { readonly answer: readonly string[] };
  readonly zh: { readonly answer: readonly string[] };
  readonly alsoRight?: readonly string[];
}

async function readIntents(): Promise<readonly Intent[]> {
  const folder = 'models/guide/data';
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const files = names.map(async (name) => readFile(`${folder}/${name}`, 'utf8'));
  return (await Promise.all(files)).flatMap((file) => JSON.parse(file) as readonly Intent[]);
}
