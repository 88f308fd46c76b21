/** The measuring itself: engines in turns, each in a browser of its own, everything else prepared before. */
import type { SpeedPlan } from './arguments.ts';
import { EnginePage, type Stage } from './engine-page.ts';
import type { Field } from './field.ts';
import type { Prompt } from './prompts.ts';
import type { EngineName, LoadReport, LoadRequest } from './protocol.ts';
import { samplesOfRun, UNITS, type Sample } from './report.ts';
import { interleave } from './rounds.ts';

/** Enough for the browser to compile its hot code. */
export const WARM_UP_NEW_TOKENS = 8;

/** The prompts to run, shortest first, and how to load for them. */
export interface Course {
  readonly prompts: readonly [Prompt, ...Prompt[]];
  readonly load: LoadRequest;
}

export interface Results {
  /** Of those who are left out by now, too. */
  readonly samples: readonly Sample[];
  /** What each engine said of itself when it was loaded. */
  readonly engines: Readonly<Partial<Record<EngineName, LoadReport['engine']>>>;
}

/** @throws Error when our own engine fails; peers leave the field instead */
export async function race(
  plan: Pick<SpeedPlan, 'engine' | 'against' | 'rounds' | 'newTokens'>,
  course: Course,
  field: Field,
  stage: Stage,
  say: (line: string) => void,
): Promise<Results> {
  const samples: Sample[] = [];
  const engines: Partial<Record<EngineName, LoadReport['engine']>> = {};
  const keep = (sample: Sample) => {
    samples.push(sample);
    say(`round ${sample.round} of ${plan.rounds}, ${describe(sample)}`);
  };

  for (const { round, engine } of interleave([plan.engine, ...plan.against], plan.rounds)) {
    await field.attempt(engine, 0, () =>
      onPage(engine, stage, async (page) => {
        const { loadMs, engine: itself } = await page.load(course.load);
        engines[engine] = itself;
        keep({ engine, round, measure: 'load', promptTokens: null, value: loadMs });

        const [shortest] = course.prompts;
        await page.run(toRequest(shortest, WARM_UP_NEW_TOKENS));
        for (const prompt of course.prompts) {
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
  return { samples, engines };
}

/** Opens an engine's page for some work, and ends its browser with it. */
export async function onPage(
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

const toRequest = ({ text, tokenIds }: Prompt, newTokens: number) => ({
  promptText: text,
  promptTokenIds: tokenIds,
  newTokens,
});

function describe({ engine, measure, promptTokens, value }: Sample): string {
  const after = promptTokens === null ? '' : ` at ${promptTokens} tokens`;
  return `${engine}: ${measure}${after} ${value.toFixed(1)} ${UNITS[measure]}`;
}
