/**
 * What a right answer of the guide is, from its own data: models/guide/data/*.json, unrelated.txt and beyond.json.
 * Their form is checked by models/guide/check-data.py.
 */
import { readdir, readFile } from 'node:fs/promises';

const GUIDE = new URL('../../guide/', import.meta.url);

/**
 * `right` and `wrong` for held-out phrasings, by the rubric of their intent (or of one whose answers are right there
 * too); `declined` and `answered` for all other
 * questions.
 */
export type Verdict = 'right' | 'wrong' | 'declined' | 'answered';

export type Language = 'en' | 'zh';

export interface Task {
  readonly question: string;
  /** An exchange that the question follows; `null` where it stands alone. */
  readonly before: readonly [user: string, assistant: string] | null;
  /** Of the intent it is a held-out phrasing of; `null` for others. */
  readonly id: string | null;
  readonly language: Language;
  judge(answer: string): Verdict;
}

type Both<T> = Readonly<Record<Language, T>>;

interface Intent extends Both<{ readonly heldOut: readonly string[] }> {
  readonly id: string;
  readonly must: Both<readonly string[]>;
  readonly never?: Partial<Both<readonly string[]>>;
  /** Other intents whose answers are right here too. */
  readonly alsoRight?: readonly string[];
  readonly before?: Partial<Both<readonly (readonly [string, string])[]>>;
}

export interface Rubric {
  /** All held-out phrasings of both languages. */
  readonly heldOut: readonly Task[];
  readonly unrelated: readonly Task[];
  /** A question as somebody else gives it: held out if it is one of those, else judged by whether it is declined. */
  taskFor(question: string): Task;
}

export async function readRubric(): Promise<Rubric> {
  const beyond = JSON.parse(await text('beyond.json')) as { must: Both<readonly string[]> };
  const refusals = [...beyond.must.en, ...beyond.must.zh];
  const toUnrelated = (question: string): Task => ({
    question,
    before: null,
    id: null,
    language: languageOf(question),
    judge: (answer) =>
      refusals.some((refusal) => matches(refusal, answer)) ? 'declined' : 'answered',
  });

  const files = (await readdir(new URL('data/', GUIDE))).filter((name) => name.endsWith('.json'));
  const intents: Intent[] = [];
  for (const file of files.sort()) {
    intents.push(...(JSON.parse(await text(`data/${file}`)) as readonly Intent[]));
  }
  const byId = new Map(intents.map((intent) => [intent.id, intent]));
  const heldOut = intents.flatMap((intent) => {
    const twins = (intent.alsoRight ?? []).flatMap((id) => byId.get(id) ?? []);
    return tasksOf(intent, twins);
  });
  const known = new Map(heldOut.map((task) => [normalise(task.question), task]));
  return {
    heldOut,
    unrelated: lines(await text('data/unrelated.txt')).map(toUnrelated),
    taskFor: (question) => {
      const task = known.get(normalise(question));
      return task === undefined ? toUnrelated(question) : { ...task, question };
    },
  };
}

function tasksOf(intent: Intent, twins: readonly Intent[]): readonly Task[] {
  return (['en', 'zh'] as const).flatMap((language) => {
    const never = intent.never?.[language] ?? [];
    const isRight = (answer: string) =>
      !never.some((pattern) => matches(pattern, answer)) &&
      [intent, ...twins].some((each) => meets(each, language, answer));
    return intent[language].heldOut.map((phrasing) => ({
      question: firstOf(phrasing),
      before: intent.before?.[language]?.[0] ?? null,
      id: intent.id,
      language,
      judge: (answer: string): Verdict => (isRight(answer) ? 'right' : 'wrong'),
    }));
  });
}

/** Whether an answer says what the intent's answers must, and nothing that they never may. */
function meets({ must, never }: Intent, language: Language, answer: string): boolean {
  return (
    must[language].every((pattern) => matches(pattern, answer)) &&
    !(never?.[language] ?? []).some((pattern) => matches(pattern, answer))
  );
}

/** "{Is|Are} it {free|}?" → "Is it free?": the first of what `expand` in models/guide/intents.py gives. */
function firstOf(phrasing: string): string {
  return phrasing
    .replaceAll(/\{([^{}|]*)[^{}]*\}/g, '$1')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
}

/** Lines with something on them, without the space around it. */
export function lines(content: string): readonly string[] {
  return content
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const text = (name: string) => readFile(new URL(name, GUIDE), 'utf8');

const matches = (pattern: string, answer: string) => new RegExp(pattern, 'i').test(answer);

const languageOf = (question: string): Language => (/\p{Script=Han}/u.test(question) ? 'zh' : 'en');

/** Letters and digits only, as `normalise` in models/guide/intents.py. */
const normalise = (question: string) =>
  question
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}+*/=<>%×÷]/gu, '');
