/** `npm run -s model -- COMMAND`: what the page does to a model, from the command line and with the same code. */
import { AppError, toWire } from '../../src/contract/errors.ts';
import { ask } from './ask.ts';
import { compile } from './compile.ts';
import { inspect } from './inspect.ts';
import { quality } from './quality/quality.ts';
import { UsageError, type Command } from './command.ts';

const COMMANDS: Readonly<Record<string, Command>> = { inspect, compile, ask, quality };

async function main(): Promise<number> {
  const [name, ...rest] = process.argv.slice(2);
  const command = name === undefined ? undefined : COMMANDS[name];
  if (command === undefined) {
    const isHelp = name === '--help' || name === '-h';
    (isHelp ? process.stdout : process.stderr).write(overview());
    return isHelp ? 0 : 2;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(`${command.help.trim()}\n`);
    return 0;
  }
  try {
    await command.run(rest);
    return 0;
  } catch (error) {
    return report(error, command, rest.includes('--json'));
  }
}

function report(error: unknown, command: Command, isJson: boolean): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${command.help.trim()}\n`);
    return 2;
  }
  const { code, message, userMessage, stack } = toWire(error);
  if (isJson)
    process.stdout.write(`${JSON.stringify({ error: { code, message, userMessage } })}\n`);
  process.stderr.write(`${userMessage}\n(${code}: ${message})\n`);
  if (!(error instanceof AppError)) process.stderr.write(`${(stack ?? '').slice(0, 2000)}\n`);
  return 1;
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(9)}${summary}`,
  );
  return `usage: npm run -s model -- COMMAND …\n\n${lines.join('\n')}\n\nEach has --help.\n`;
}

// ORT's thread pool would keep the process alive.
process.exit(await main());
