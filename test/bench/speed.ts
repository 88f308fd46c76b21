/** The speed of one engine and its peers: prepares their files, runs them in turns, draws rows and ratios. */
import { mkdtempSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { hashFile } from '../../models/cli/node-source.ts';
import type { SpeedPlan } from './arguments.ts';
import { buildPage } from './build-pages.ts';
import { writeEngineFiles } from './engine-files.ts';
import type { Stage } from './engine-page.ts';
import { describeEnvironment } from './environment.ts';
import { Field } from './field.ts';
import { copyingPrompts } from './copying.ts';
import { gpuArguments } from './gpu-arguments.ts';
import { cutPrompt, type Prompt } from './prompts.ts';
import { onPage, race, WARM_UP_NEW_TOKENS } from './race.ts';
import { toRatios, toRows, type BenchReport } from './report.ts';
import { serve } from './serve.ts';
import { openTokenizer } from './tokenizer.ts';

/**
 * @param say one line of progress
 * @throws Error when our own engine cannot be measured; a peer that cannot is left out and named
 */
export async function measureSpeed(
  plan: SpeedPlan,
  browserPath: string,
  say: (line: string) => void,
): Promise<BenchReport> {
  const folder = temporaryFolder();
  const field = new Field(plan.engine, say);
  const environment = await describeEnvironment();

  say('reading the model file');
  const model = await describeModel(plan.modelPath);
  const prompts = await cutPrompts(plan);
  const mounts = await prepareFiles(plan, field, folder, say);
  const server = await serve({ ...mounts, '/': join(folder, 'pages') });
  try {
    const stage = {
      origin: server.origin,
      profileFolder: join(folder, 'profile'),
      browserPath,
      browserArguments: gpuArguments(plan),
    };
    const browser = await fillProfile(plan, field, stage, say);
    const load = {
      contextTokens: roomFor(prompts, plan.newTokens),
      threads: plan.threads ?? availableParallelism(),
    };
    const results = await race(plan, { prompts, load }, field, stage, say);

    const samples = results.samples.filter(({ engine, promptTokens }) =>
      field.has(engine, promptTokens ?? 0),
    );
    const rows = toRows(samples);
    const peers = plan.against.filter((engine) => field.has(engine));
    const { task, newTokens, rounds, gpu } = plan;
    const promptTokens = prompts.map(({ tokenIds }) => tokenIds.length);
    const warmUp = { promptTokens: promptTokens[0], newTokens: WARM_UP_NEW_TOKENS };
    return {
      environment: {
        ...environment,
        browser,
        model,
        settings: { task, promptTokens, newTokens, rounds, gpu, ...load, warmUp },
        engines: results.engines,
        leftOut: field.leftOut,
        samples,
      },
      rows,
      ratios: toRatios(rows, plan.engine, peers, promptTokens),
    };
  } finally {
    await server.close();
  }
}

/** Removed when the process exits. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'offgrid-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function describeModel(path: string) {
  const sha256 = await hashFile(path);
  const { size } = await stat(path);
  return { fileName: basename(path), totalBytes: size, sha256 };
}

/** Each begins elsewhere in the prose, so that none is the beginning of another. */
async function cutPrompts(plan: SpeedPlan): Promise<[Prompt, ...Prompt[]]> {
  const codec = await openTokenizer(plan.modelPath);
  const [first, ...others] =
    plan.task === 'copying'
      ? copyingPrompts(codec)
      : plan.promptTokens.map((tokens, index) => cutPrompt(tokens, 7 * index, codec));
  if (first === undefined) throw new Error('no prompt length was asked for');
  return [first, ...others];
}

/** Writes what each engine runs, builds its page, and says where the pages find it all. */
async function prepareFiles(
  plan: SpeedPlan,
  field: Field,
  folder: string,
  say: (line: string) => void,
): Promise<Readonly<Record<string, string>>> {
  const mounts: Record<string, string> = {};
  for (const engine of [plan.engine, ...plan.against]) {
    await field.attempt(engine, 0, async () => {
      say(`${engine}: writing its files`);
      Object.assign(mounts, await writeEngineFiles(engine, plan, folder));
      await buildPage(engine, join(folder, 'pages'));
    });
  }
  return mounts;
}

/** Lets each engine's page put its files into the browser. Returns the browser's name and version. */
async function fillProfile(
  plan: SpeedPlan,
  field: Field,
  stage: Stage,
  say: (line: string) => void,
): Promise<string> {
  let browser = 'unknown';
  for (const engine of [plan.engine, ...plan.against]) {
    await field.attempt(engine, 0, () =>
      onPage(engine, stage, async (page) => {
        say(`${engine}: storing its files in the browser`);
        await page.prepare();
        browser = await page.browserVersion();
      }),
    );
  }
  return browser;
}

/** The longest prompt and its reply, rounded up to whole blocks of 256 as llama.cpp does. */
function roomFor(prompts: readonly Prompt[], newTokens: number): number {
  const longest = Math.max(...prompts.map(({ tokenIds }) => tokenIds.length));
  return Math.ceil((longest + newTokens) / 256) * 256;
}
