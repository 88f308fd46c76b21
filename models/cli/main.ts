/** `npm run -s model -- COMMAND`: what the page does to a model, from the command line and with the same code. */
import { AppError, toWire } from '../../src/contract/errors.ts';
import { UsageError, type Command } from './command.ts';

/** Loaded when asked for: two of them bring the whole engine along. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  inspect: async () => (await import('./inspect.ts')).inspect,
  compile: async () => (await import('./compile.ts')).compile,
  ask: async () => (await import('./ask.ts')).ask,
  quality: async () => (await import('./quality/quality.ts')).quality,
  'evaluate-guide': async () => (await import('./guide/evaluate-guide.ts')).evaluateGuide,
};

/** Exit codes of a process that a signal ended, as shells count them. */
const SIGNAL_CODES = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;

async function main([name = '', ...rest]: readonly string[]): Promise<number> {
  if (isHelp(name)) {
    process.stdout.write(await overview());
    return 0;
  }
  const isJson = [name, ...rest].includes('--json');
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) {
    const message = name === '' ? 'Give a command.' : `There is no command "${name}".`;
    return report(new UsageError(message), await overview(), isJson);
  }
  const command = await load();
  if (rest.some(isHelp)) {
    process.stdout.write(`${command.help.trim()}\n`);
    return 0;
  }
  try {
    await command.run(rest);
    return 0;
  } catch (error) {
    return report(error, command.help, isJson);
  }
}

const isHelp = (arg: string) => arg === '--help' || arg === '-h';

/** Says what went wrong, to a person on standard error and to a program on standard output; returns the exit code. */
function report(error: unknown, help: string, isJson: boolean): number {
  const isUsage = error instanceof UsageError;
  const { code, message, userMessage, stack } = toWire(
    isUsage
      ? new AppError('invalid-request', error.message, { userMessage: error.message })
      : error,
  );
  if (isJson) {
    process.stdout.write(`${JSON.stringify({ error: { code, message, userMessage } })}\n`);
  }
  if (isUsage) {
    process.stderr.write(`${userMessage}\n\n${help.trim()}\n`);
    return 2;
  }
  process.stderr.write(`${userMessage}\n(${code}: ${message})\n`);
  if (!(error instanceof AppError)) process.stderr.write(`${(stack ?? '').slice(0, 2000)}\n`);
  return 1;
}

async function overview(): Promise<string> {
  const lines = await Promise.all(
    Object.entries(COMMANDS).map(
      async ([name, load]) => `  ${name.padEnd(15)}${(await load()).summary}`,
    ),
  );
  return `usage: npm run -s model -- COMMAND …\n\n${lines.join('\n')}\n\nEach has --help.\n`;
}

// An exit lets scratch folders go (scratch-folder.ts); a signal by itself would not.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(SIGNAL_CODES[signal]));
}
// Whoever reads the answer may stop early (`| head`); a full disk is a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(SIGNAL_CODES.SIGPIPE);
  process.stderr.write(`The output could not be written (${error.code ?? error.message}).\n`);
  process.exit(1);
});

const exitCode = await main(process.argv.slice(2));
// ORT's thread pool would keep the process alive, so it is ended, but not before all that was said is out.
process.stdout.write('', (failure) => {
  // Where that failed, the listener above ends it.
  if (!failure) process.stderr.write('', () => process.exit(exitCode));
});
