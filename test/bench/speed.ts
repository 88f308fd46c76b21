/** The speed of one engine and its peers: prepares their files, runs them in turns, draws rows and ratios. */
import { mkdtempSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { hashFile } from '../../models/cli/node-source.ts';
import { present } from '../../src/lib/assert.ts';
import type { ModelId } from '../../src/contract/model.ts';
import type { SpeedPlan } from './arguments.ts';
import { buildPage } from './build-pages.ts';
import { writeEngineFiles } from './engine-files.ts';
import { EnginePage, type Stage } from './engine-page.ts';
import { describeEnvironment } from './environment.ts';
import { Field } from './field.ts';
import { cutPrompt, type Prompt } from './prompts.ts';
import type { EngineName, LoadReport, LoadRequest } from './protocol.ts';
import { samplesOfRun, toRatios, toRows, type BenchReport, type Sample } from './report.ts';
import { interleave } from './rounds.ts';
import { serve, type Mounts } from './serve.ts';
import { openTokenizer } from './tokenizer.ts';

/** New tokens of the warm-up run: enough for the browser to compile its hot code. */
const WARM_UP_NEW_TOKENS = 8;

export interface BenchModel {
  readonly path: string;
  readonly fileName: string;
  readonly totalBytes: number;
  readonly id: ModelId;
}

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
  const engines = [plan.engine, ...plan.against];
  const field = new Field(plan.engine, say);
  const environment = await describeEnvironment();

  say('reading the model file');
  const model = await describeModel(plan.modelPath);
  const codec = await openTokenizer(model.path);
  const prompts = plan.promptTokens.map((tokens, index) => cutPrompt(tokens, 7 * index, codec));
  const shortest = present(prompts[0], 'a prompt');

  const mounts: Record<string, string> = { '/': join(folder, 'pages') };
  for (const engine of engines) {
    await field.attempt(engine, 0, async () => {
      say(`${engine}: writing its files`);
      const written: Mounts = await writeEngineFiles(engine, model.path, folder);
      Object.assign(mounts, written);
      await buildPage(engine, join(folder, 'pages'));
    });
  }

  const server = await serve(mounts);
  try {
    const stage: Stage = {
      origin: server.origin,
      profileFolder: join(folder, 'profile'),
      browserPath,
    };
    const request: LoadRequest = {
      contextTokens: roomFor(prompts, plan.newTokens),
      threads: plan.threads ?? availableParallelism(),
    };
    const facts: Partial<Record<EngineName, LoadReport['engine']>> = {};
    let browser = 'unknown';
    for (const engine of engines) {
      await field.attempt(engine, 0, () =>
        onPage(engine, stage, async (page) => {
          say(`${engine}: storing its files in the browser`);
          await page.prepare();
          browser = await page.browserVersion();
        }),
      );
    }

    const samples: Sample[] = [];
    const keep = (sample: Sample) => {
      samples.push(sample);
      say(describeSample(sample, plan.rounds));
    };
    for (const { round, engine } of interleave(engines, plan.rounds)) {
      await field.attempt(engine, 0, () =>
        onPage(engine, stage, async (page) => {
          const { loadMs, engine: itself } = await page.load(request);
          facts[engine] = itself;
          keep({ engine, round, measure: 'load', promptTokens: null, value: loadMs });
          await page.run(toRequest(shortest, WARM_UP_NEW_TOKENS));
          for (const prompt of prompts) {
            const isDone = await field.attempt(engine, prompt.tokenIds.length, async () => {
              const run = await page.run(toRequest(prompt, plan.newTokens));
              samplesOfRun(engine, round, run).forEach(keep);
            });
            // An engine that failed once may be in any state: the next round gets a new one.
            if (!isDone) break;
          }
        }),
      );
    }

    const kept = samples.filter(({ engine, promptTokens }) => field.has(engine, promptTokens ?? 0));
    const rows = toRows(kept);
    const peers = plan.against.filter((engine) => field.has(engine));
    return {
      environment: {
        ...environment,
        browser,
        model: { fileName: model.fileName, totalBytes: model.totalBytes, sha256: model.id },
        settings: {
          promptTokens: plan.promptTokens,
          newTokens: plan.newTokens,
          rounds: plan.rounds,
          ...request,
          warmUp: { promptTokens: plan.promptTokens[0], newTokens: WARM_UP_NEW_TOKENS },
        },
        engines: facts,
        leftOut: field.leftOut,
        samples: kept,
      },
      rows,
      ratios: toRatios(rows, plan.engine, peers, plan.promptTokens),
    };
  } finally {
    await server.close();
  }
}

/** Gone when the process ends, also by a signal that Playwright turns into an exit. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'offgrid-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function describeModel(path: string): Promise<BenchModel> {
  const id = await hashFile(path);
  const { size } = await stat(path);
  return { path, fileName: basename(path), totalBytes: size, id };
}

/** The longest prompt and its reply, rounded up to whole blocks of 256 as llama.cpp does. */
function roomFor(prompts: readonly Prompt[], newTokens: number): number {
  const longest = Math.max(...prompts.map(({ tokenIds }) => tokenIds.length));
  return Math.ceil((longest + newTokens) / 256) * 256;
}

const toRequest = ({ text, tokenIds }: Prompt, newTokens: number) => ({
  promptText: text,
  promptTokenIds: tokenIds,
  newTokens,
});

async function onPage(
  engine: EngineName,
  stage: Stage,
  work: (page: EnginePage) => Promise<void>,
): Promise<void> {
  const page = await EnginePage.open(engine, stage);
  try {
    await work(page);
  } finally {
    await page.close();
  }
}

function describeSample(sample: Sample, rounds: number): string {
  const { engine, round, measure, promptTokens, value } = sample;
  const after = promptTokens === null ? '' : ` at ${promptTokens} tokens`;
  const unit = measure === 'load' || measure === 'ttft' ? 'ms' : 'tok/s';
  return `round ${round} of ${rounds}, ${engine}: ${measure}${after} ${value.toFixed(1)} ${unit}`;
}
