/** `npm run -s bench`: what `--help` says. Numbers go to standard output, everything else to standard error. */
import { UsageError } from '../../models/cli/command.ts';
import { toWire } from '../../src/contract/errors.ts';
import { findChromium } from '../support/find-chromium.ts';
import { HELP, parsePlan } from './arguments.ts';
import { toTable } from './report.ts';
import { measureSpeed } from './speed.ts';

const say = (line: string) => void process.stderr.write(`${line}\n`);

async function main(argv: readonly string[]): Promise<number> {
  const plan = parsePlan(argv);
  switch (plan.command) {
    case 'help':
      process.stdout.write(HELP);
      return 0;
    case 'speed': {
      const report = await measureSpeed(plan, findChromium(), say);
      process.stdout.write(plan.json ? `${JSON.stringify(report)}\n` : toTable(report));
      return 0;
    }
    case 'memory':
      say('memory is not measured yet');
      return 1;
    default:
      return plan satisfies never;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    say(`${error.message}\n\n${HELP.trimEnd()}`);
    process.exitCode = 2;
  } else {
    const { code, message, userMessage } = toWire(error);
    say(code === 'internal' ? message : `${userMessage}\n(${code}: ${message})`);
    process.exitCode = 1;
  }
}
