/** What a person waits for in the built page, as its own figures tell it: from the file to ready, then turn by turn. */
import { stat } from 'node:fs/promises';
import { present } from '../../src/lib/assert.ts';
import { figures } from '../../src/ui/words.ts';
import { launchBrowser } from '../support/browser.ts';
import { answerGreedily, ask, openModel, type ReadAnswer } from '../support/chat.ts';
import { servePage } from '../support/serve-page.ts';
import type { TurnsPlan } from './arguments.ts';
import { buildPageItself } from './build-page-itself.ts';
import { describeEnvironment } from './environment.ts';
import { PROSE } from './prose.ts';
import { spread, type Spread } from '../../src/lib/spread.ts';

/** `prepare`: from choosing the file until it can be asked, once. The others in a page opened anew in each round. */
export type TurnMeasure = 'prepare' | 'ready' | 'load' | 'first-turn' | 'reading' | 'later-turn';

export interface TurnsReport {
  readonly environment: Readonly<Record<string, unknown>>;
  /** Milliseconds. */
  readonly rows: readonly ({ readonly measure: TurnMeasure } & Spread)[];
  readonly samples: Readonly<Record<TurnMeasure, readonly number[]>>;
}

const DEFINITIONS: Readonly<Record<TurnMeasure, string>> = {
  prepare:
    'from choosing a file until it can be asked: copied, checked, described, self-test computed, loaded',
  ready:
    'from navigation until the model can be asked; page, workers and probing of the device included',
  load: 'the phases of the load, added up, as the statistics show it',
  'first-turn': 'time to the first token of the first question after a load, system prompt kept',
  reading: 'time to the first token of a message of about 1,500 tokens',
  'later-turn':
    'time to the first token of a short question after that, the history kept in the cache',
};

const SHORT = 'Name three colours.';
/** About 1,500 tokens. */
const LONG = PROSE.split(/\s+/).slice(0, 1250).join(' ');
const LONGEST_WAIT_MS = 10 * 60_000;

export async function measureTurns(
  { modelPath, rounds }: TurnsPlan,
  say: (line: string) => void,
): Promise<TurnsReport> {
  const { size } = await stat(modelPath);
  say('building the page');
  buildPageItself();
  const site = await servePage();
  const browser = await launchBrowser();
  const samples: Record<TurnMeasure, number[]> = {
    prepare: [],
    ready: [],
    load: [],
    'first-turn': [],
    reading: [],
    'later-turn': [],
  };
  const keep = (measure: TurnMeasure, ms: number) => {
    samples[measure].push(ms);
    say(`${measure} ${ms.toFixed(0)} ms`);
  };
  try {
    const { page: first } = await browser.openPage(site.origin);
    const chosenMs = performance.now();
    await openModel(first, modelPath, LONGEST_WAIT_MS);
    keep('prepare', performance.now() - chosenMs);
    await answerGreedily(first, 16);
    await ask(first, SHORT, LONGEST_WAIT_MS);
    await first.close();
    for (let round = 0; round < rounds; round++) {
      const page = await browser.context.newPage();
      await page.setViewportSize({ width: 1440, height: 900 });
      const openedMs = performance.now();
      await page.goto(site.origin);
      const ready = page.getByRole('status').filter({ hasText: /^(?!Guide ).* is ready/ });
      await ready.first().waitFor({ state: 'attached', timeout: LONGEST_WAIT_MS });
      keep('ready', performance.now() - openedMs);
      const load = page.locator('.figure', { hasText: figures.loadTotal.name }).last();
      keep('load', milliseconds(await load.locator('.figure__value').first().innerText()));
      keep('first-turn', ttftOf(await ask(page, SHORT, LONGEST_WAIT_MS)));
      keep('reading', ttftOf(await ask(page, LONG, LONGEST_WAIT_MS)));
      keep('later-turn', ttftOf(await ask(page, 'And in one word?', LONGEST_WAIT_MS)));
      await page.close();
    }
  } finally {
    await browser.close();
    await site.stop();
  }
  const measures = Object.keys(DEFINITIONS) as TurnMeasure[];
  return {
    environment: { ...(await describeEnvironment()), definitions: DEFINITIONS, modelBytes: size },
    rows: measures.map((measure) => ({ measure, ...spread(samples[measure]) })),
    samples,
  };
}

function ttftOf({ figures: read }: ReadAnswer): number {
  return milliseconds(present(read[figures.ttft.name], 'a time to first token'));
}

/** What `formatDuration` wrote, to its precision. */
function milliseconds(text: string): number {
  const [, number = 'NaN', unit] = /([\d.,]+)\s*(ms|s)\b/.exec(text) ?? [];
  const value = Number(number.replaceAll(',', ''));
  if (Number.isNaN(value)) throw new Error(`no duration: ${text}`);
  return unit === 's' ? value * 1000 : value;
}

/** For a person's eye; ends with a line break. */
export function toTurnsTable({ rows }: TurnsReport): string {
  const lines = rows.map(
    ({ measure, median, p25, p75 }) =>
      `${measure.padEnd(12)}${median.toFixed(0).padStart(7)} ms  (${p25.toFixed(0)}–${p75.toFixed(0)})`,
  );
  return `${lines.join('\n')}\n`;
}
