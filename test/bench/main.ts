/** `npm run -s bench`: what `--help` says. Numbers go to standard output, everything else to standard error. */
import { sentenceFor } from '../../models/cli/command-failure.ts';
import { UsageError } from '../../models/cli/command.ts';
import { toWire } from '../../src/contract/errors.ts';
import { findChromium } from '../support/find-chromium.ts';
import { HELP, parsePlan } from './arguments.ts';
import { measureDrafts, toDraftsTable } from './drafts.ts';
import { measureFrames, toFramesTable } from './frames.ts';
import { measureKernelTimes, toKernelsTable } from './kernel-times.ts';
import { measurePageMemory, toMemoryTable } from './page-memory.ts';
import { toTable } from './report.ts';
import { measureSpeed } from './speed.ts';
import { measureTurns, toTurnsTable } from './turns.ts';
import { measureStore, toStoreTable } from './store.ts';

const say = (line: string) => void process.stderr.write(`${line}\n`);
const print = (text: string) => void process.stdout.write(text);
const json = (value: object) => `${JSON.stringify(value)}\n`;

async function main(argv: readonly string[]): Promise<number> {
  try {
    const plan = parsePlan(argv);
    switch (plan.command) {
      case 'help': {
        print(HELP);
        return 0;
      }
      case 'speed': {
        const report = await measureSpeed(plan, findChromium(), say);
        print(plan.json ? json(report) : toTable(report));
        return 0;
      }
      case 'memory': {
        const report = await measurePageMemory(plan, say);
        print(plan.json ? json(report) : toMemoryTable(report));
        return 0;
      }
      case 'drafts': {
        const report = await measureDrafts(plan, say);
        print(plan.json ? json(report) : toDraftsTable(report));
        return report.isSame ? 0 : 1;
      }
      case 'kernels': {
        const report = await measureKernelTimes(plan, say);
        print(plan.json ? json(report) : toKernelsTable(report));
        return 0;
      }
      case 'frames': {
        const report = await measureFrames(plan, say);
        print(plan.json ? json(report) : toFramesTable(report));
        return 0;
      }
      case 'turns': {
        const report = await measureTurns(plan, say);
        print(plan.json ? json(report) : toTurnsTable(report));
        return 0;
      }
      case 'store': {
        const report = await measureStore(plan, say);
        print(plan.json ? json(report) : toStoreTable(report));
        return 0;
      }
      default:
        return plan satisfies never;
    }
  } catch (error) {
    return reportFailure(error, argv.includes('--json'));
  }
}

function reportFailure(error: unknown, isJson: boolean): number {
  if (error instanceof UsageError) {
    say(`${error.message}\n\n${HELP.trimEnd()}`);
    return 2;
  }
  const { code, message } = toWire(error);
  const userMessage = sentenceFor(error);
  if (isJson) print(json({ error: { code, message, userMessage } }));
  // The sentence of an unforeseen error speaks of the page; here its own words say more.
  say(code === 'internal' ? message : `${userMessage}\n(${code}: ${message})`);
  return 1;
}

// Exit handlers remove what was written for the bench; a signal alone would skip them.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
process.exitCode = await main(process.argv.slice(2));
