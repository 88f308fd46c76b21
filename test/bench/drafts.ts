/** Drafts from the prompt: that they change no token of an answer, and what they gain, on our own kernels in Node. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileToFolder } from '../../models/cli/compile-to-folder.ts';
import { openOnKernels } from '../../models/cli/open-on-kernels.ts';
import { withScratchFolder } from '../../models/cli/scratch-folder.ts';
import { generate, type Clock } from '../../src/engine/generate.ts';
import { MOST_SCORED_TOKENS } from '../../src/engine/language-model.ts';
import { PromptCache } from '../../src/engine/prompt-cache.ts';
import { PromptLookup } from '../../src/engine/prompt-lookup.ts';
import { Sampler } from '../../src/engine/sampling/sampler.ts';
import type { OpenedSimdModel } from '../../src/engine/simd/open-simd.ts';
import { ReplyText } from '../../src/engine/text/reply-text.ts';
import { Prng } from '../../src/lib/prng.ts';
import { yieldToEvents } from '../../src/lib/yield-to-events.ts';
import { RECOMMENDED } from '../../src/state/settings.ts';
import type { DraftsPlan, TaskSet } from './arguments.ts';
import { asChat, copyingPrompts } from './copying.ts';
import { describeEnvironment } from './environment.ts';
import { cutPrompt } from './prompts.ts';

export interface DraftsRow {
  readonly set: TaskSet;
  readonly promptTokens: number;
  readonly newTokens: number;
  /** The same ids with drafts and without. */
  readonly isSame: boolean;
  /** Of decoding, first token excluded; the least of the rounds. */
  readonly plainMs: number;
  readonly draftedMs: number;
}

export interface DraftsReport {
  readonly environment: Readonly<Record<string, unknown>>;
  readonly rows: readonly DraftsRow[];
  /** Time without drafts by time with them, of each set as a whole. */
  readonly ratios: readonly (readonly [TaskSet, number])[];
  /** Greedy tokens that were compared. */
  readonly greedyTokens: number;
  readonly isSame: boolean;
}

const COPYING_TOKENS = 300;
const FREE_TOKENS = 150;
const FREE_TASKS = [
  'Write the beginning of a story about a lighthouse keeper.',
  'How does a violin make its sound?',
  'Which three cities would you visit in autumn, and why?',
];
const PROSE_TOKENS = 100;
const CLOCK: Clock = { now: () => performance.now(), yieldToEvents };
const SETS: readonly TaskSet[] = ['copying', 'prose', 'free'];

interface Case {
  readonly set: TaskSet;
  readonly prompt: readonly number[];
  readonly newTokens: number;
  readonly seed: number;
}

interface Answer {
  readonly ids: readonly number[];
  readonly decodeMs: number;
}

export async function measureDrafts(
  { modelPath, newTokens, rounds, set }: DraftsPlan,
  say: (line: string) => void,
): Promise<DraftsReport> {
  const scratch = await mkdtemp(join(tmpdir(), 'offgrid-drafts-'));
  return withScratchFolder(scratch, async () => {
    const folder = join(scratch, 'simd');
    await compileToFolder(modelPath, 'simd-int8', folder, () => {});
    const opened = await openOnKernels(folder, modelPath, 4096);
    try {
      const { codec } = opened;
      const rows: DraftsRow[] = [];
      const run = async (one: Case) => {
        const row = await compare(opened, one, rounds);
        rows.push(row);
        say(describe(row));
      };
      const has = (one: TaskSet) => set === null || set === one;
      for (const { tokenIds } of has('copying') ? copyingPrompts(codec) : []) {
        await run({ set: 'copying', prompt: tokenIds, newTokens: COPYING_TOKENS, seed: 0 });
      }
      for (const [seed, task] of has('free') ? FREE_TASKS.entries() : []) {
        await run({ set: 'free', prompt: asChat(task, codec), newTokens: FREE_TOKENS, seed });
      }
      const rest = Math.max(2, newTokens - greedyTokensOf(rows));
      if (has('prose')) {
        const { tokenIds: prompt } = cutPrompt(PROSE_TOKENS, 0, codec);
        await run({ set: 'prose', prompt, newTokens: rest, seed: 0 });
      }
      return {
        environment: { ...(await describeEnvironment()), kernels: opened.summary },
        rows,
        ratios: SETS.filter(has).map((one) => [one, ratioOf(rows, one)] as const),
        greedyTokens: greedyTokensOf(rows),
        isSame: rows.every(({ isSame }) => isSame),
      };
    } finally {
      await opened.model.dispose();
    }
  });
}

/** In turns, beginning with the other one in each round. */
async function compare(opened: OpenedSimdModel, one: Case, rounds: number): Promise<DraftsRow> {
  const leastMs = { plain: Infinity, drafted: Infinity };
  let newTokens = 0;
  let isSame = true;
  for (let round = 0; round < rounds; round++) {
    const ids: Record<keyof typeof leastMs, string> = { plain: '', drafted: '' };
    const ways = ['plain', 'drafted'] as const;
    for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
      const made = await answer(opened, one, way === 'drafted');
      leastMs[way] = Math.min(leastMs[way], made.decodeMs);
      ids[way] = made.ids.join();
      newTokens = made.ids.length;
    }
    isSame &&= ids.plain === ids.drafted;
  }
  const { set, prompt } = one;
  const { plain: plainMs, drafted: draftedMs } = leastMs;
  return { set, promptTokens: prompt.length, newTokens, isSame, plainMs, draftedMs };
}

async function answer(
  { model, codec, manifest, chunkTokens }: OpenedSimdModel,
  { set, prompt, newTokens, seed }: Case,
  isDrafting: boolean,
): Promise<Answer> {
  const prng = new Prng(seed);
  const sampler = new Sampler(model.vocabulary);
  const sampling =
    set === 'free'
      ? { ...RECOMMENDED, seed }
      : { ...RECOMMENDED, seed, temperature: 0, repetitionPenalty: 1 };
  const cache = new PromptCache(model);
  cache.truncate(0);
  const steps = generate(
    cache,
    {
      prompt,
      chunkTokens,
      pauseAfterTokens: 0,
      choose: (next, seen) => sampler.sample(next, seen, sampling, prng),
      text: new ReplyText(codec, []),
      // Prose goes on for as long as it is asked to.
      stopTokens: new Set(set === 'prose' ? [] : manifest.stopTokens),
      maxNewTokens: newTokens,
      lookup: isDrafting ? new PromptLookup(MOST_SCORED_TOKENS - 1) : null,
      isCancelled: () => false,
    },
    CLOCK,
  );
  const ids: number[] = [];
  const atMs: number[] = [];
  for await (const step of steps) {
    if (step.type !== 'step') continue;
    for (const token of step.tokens) {
      ids.push(token.id);
      atMs.push(token.atMs);
    }
  }
  return { ids, decodeMs: (atMs.at(-1) ?? 0) - (atMs[0] ?? 0) };
}

function greedyTokensOf(rows: readonly DraftsRow[]): number {
  return rows.reduce((sum, { set, newTokens }) => sum + (set === 'free' ? 0 : newTokens), 0);
}

function ratioOf(rows: readonly DraftsRow[], wanted: TaskSet): number {
  const own = rows.filter(({ set }) => set === wanted);
  const total = (of: 'plainMs' | 'draftedMs') => own.reduce((sum, row) => sum + row[of], 0);
  return total('plainMs') / total('draftedMs');
}

function describe({ set, promptTokens, newTokens, isSame, plainMs, draftedMs }: DraftsRow): string {
  const rate = (ms: number) => `${(((newTokens - 1) * 1000) / ms).toFixed(1)} tok/s`;
  return `${set.padEnd(8)} ${promptTokens} + ${newTokens} tokens: ${rate(draftedMs)} with drafts, ${rate(plainMs)} without, ${(plainMs / draftedMs).toFixed(2)} times, ${isSame ? 'same tokens' : 'OTHER TOKENS'}`;
}

/** For a person's eye; ends with a line break. */
export function toDraftsTable({ rows, ratios, greedyTokens, isSame }: DraftsReport): string {
  const whole = ratios.map(([set, ratio]) => `${set} ${ratio.toFixed(2)}`).join(', ');
  const verdict = isSame ? 'all the same' : 'NOT THE SAME';
  return `${rows.map(describe).join('\n')}\nas a whole: ${whole}; ${greedyTokens} greedy tokens, ${verdict}\n`;
}
