import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { GenerateRequest } from '../../../src/contract/engine.ts';
import { openAnswerer, type Answerer } from '../answerer.ts';
import { DEFAULT_SYSTEM } from '../ask.ts';
import { CommandFailure } from '../command-failure.ts';
import { parse, progressLine, UsageError, wholeNumber, type Command } from '../command.ts';
import { compiledFolder, DEFAULT_CACHE } from '../compile-to-folder.ts';
import { lines, readRubric, type Rubric, type Task, type Verdict } from './rubric.ts';

const GUIDE_FILE = fileURLToPath(new URL('../../guide/guide.gguf', import.meta.url));
const CONTEXT_TOKENS = 1024;
/** The longest answer it learned has about half as many. */
const MOST_NEW_TOKENS = 160;

export const evaluateGuide: Command = {
  help: `
usage: npm run -s model -- evaluate-guide [--questions FILE] [--model FILE.gguf] [--every N] [--cache DIR] [--json]

Asks greedily, with the page's system prompt, through the same engine: every held-out phrasing of models/guide/data, in both
languages (those of follow-ups after the exchange they follow), and every question of unrelated.txt.

  --questions FILE   these instead, one a line; what is no held-out phrasing counts as unrelated
  --model FILE.gguf  models/guide/guide.gguf if not given
  --every N          only every Nth question, for a quick look

verdict: right or wrong by the rubric of the phrasing's intent; declined or answered for an unrelated question.
--json: {rows: [{question, answer, verdict, id}], heldOut: {right, asked}, unrelated: {declined, asked}}`,
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: {
        questions: { type: 'string' },
        model: { type: 'string', default: GUIDE_FILE },
        every: { type: 'string' },
        cache: { type: 'string', default: DEFAULT_CACHE },
        json: { type: 'boolean', default: false },
      },
    });
    if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is not expected here.`);
    const every = wholeNumber('every', values.every, 1, [1, 10_000]);

    const tasks = await tasksFor(await readRubric(), values.questions);
    const folder = await compiledFolder(values.model, 'wasm-int8', values.cache, () => {});
    const answerer = await openAnswerer(folder, CONTEXT_TOKENS);
    const asked = tasks.filter((_, index) => index % every === 0);
    const report = await evaluate(answerer, asked, progressLine('asking'));
    await answerer.close();
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : inWords(report));
  },
};

interface Row {
  readonly question: string;
  readonly answer: string;
  readonly verdict: Verdict;
  /** Of the intent; `null` for an unrelated question. */
  readonly id: string | null;
}

interface Report {
  readonly rows: readonly Row[];
  readonly heldOut: { readonly right: number; readonly asked: number };
  readonly unrelated: { readonly declined: number; readonly asked: number };
}

async function tasksFor(rubric: Rubric, file: string | undefined): Promise<readonly Task[]> {
  if (file === undefined) return [...rubric.heldOut, ...rubric.unrelated];
  try {
    return lines(await readFile(file, 'utf8')).map((question) => rubric.taskFor(question));
  } catch (cause) {
    throw new CommandFailure('invalid-request', `cannot read ${file}`, {
      cause,
      sentence: `The questions cannot be read from ${file}.`,
    });
  }
}

async function evaluate(
  answerer: Answerer,
  tasks: readonly Task[],
  onProgress: (fraction: number) => void,
): Promise<Report> {
  const rows: Row[] = [];
  for (const [index, task] of tasks.entries()) {
    const { text } = await answerer.answer(toRequest(task));
    const answer = text.trim();
    rows.push({ question: task.question, answer, verdict: task.judge(answer), id: task.id });
    onProgress((index + 1) / tasks.length);
  }
  const count = (...verdicts: readonly Verdict[]) =>
    rows.filter((row) => verdicts.includes(row.verdict)).length;
  return {
    rows,
    heldOut: { right: count('right'), asked: count('right', 'wrong') },
    unrelated: { declined: count('declined'), asked: count('declined', 'answered') },
  };
}

function toRequest({ before, question }: Task): GenerateRequest {
  const earlier =
    before === null
      ? []
      : ([
          { role: 'user', content: before[0] },
          { role: 'assistant', content: before[1] },
        ] as const);
  return {
    messages: [
      { role: 'system', content: DEFAULT_SYSTEM },
      ...earlier,
      { role: 'user', content: question },
    ],
    sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, seed: 0 },
    maxNewTokens: MOST_NEW_TOKENS,
    stopStrings: [],
  };
}

/** What went wrong, one a line, then the counts. */
function inWords({ rows, heldOut, unrelated }: Report): string {
  const misses = rows
    .filter(({ verdict }) => verdict === 'wrong' || verdict === 'answered')
    .map(
      ({ question, answer, verdict, id }) =>
        `${verdict} (${id ?? 'unrelated'}): ${question} → ${answer}`,
    );
  return [
    ...misses,
    `held out: ${heldOut.right} of ${heldOut.asked} right${percent(heldOut.right, heldOut.asked)}`,
    `unrelated: ${unrelated.declined} of ${unrelated.asked} declined${percent(unrelated.declined, unrelated.asked)}`,
    '',
  ].join('\n');
}

const percent = (part: number, whole: number) =>
  whole === 0 ? '' : ` (${((100 * part) / whole).toFixed(1)} %)`;
