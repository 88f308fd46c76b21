/** `npm run -s model -- COMMAND`: what the page does to a model, from the command line and with the same code. */
import { AppError, toWire } from '../../src/contract/errors.ts';
import { CommandFailure, sentenceFor } from './command-failure.ts';
import { UsageError, type Command } from './command.ts';

interface Entry {
  /** In the overview, which is there at once: two of the commands bring the whole engine along. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  inspect: {
    summary: 'what a GGUF holds, and what each target would make of it',
    load: async () => (await import('./inspect.ts')).inspect,
  },
  compile: {
    summary: 'write the compiled form of a GGUF',
    load: async () => (await import('./compile.ts')).compile,
  },
  ask: {
    summary: 'ask a GGUF one question',
    load: async () => (await import('./ask.ts')).ask,
  },
  quality: {
    summary: 'what compiling costs: divergence from an fp32 run of the same GGUF',
    load: async () => (await import('./quality/quality.ts')).quality,
  },
  'evaluate-guide': {
    summary: 'how often the guide is right on phrasings it never saw, and declines the rest',
    load: async () => (await import('./guide/evaluate-guide.ts')).evaluateGuide,
  },
};

/** Exit codes of a process that a signal ended, as shells count them. */
const SIGNAL_CODES = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;

async function main([name = '', ...rest]: readonly string[]): Promise<number> {
  if (isHelp(name)) {
    process.stdout.write(overview());
    return 0;
  }
  const isJson = [name, ...rest].includes('--json');
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    const message = name === '' ? 'Give a command.' : `There is no command "${name}".`;
    return report(new UsageError(message), overview(), isJson);
  }
  const command = await entry.load();
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
  const failure = isUsage
    ? new CommandFailure('invalid-request', error.message, { sentence: error.message })
    : error;
  const { code, message, stack } = toWire(failure);
  const userMessage = sentenceFor(failure);
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

function overview(): string {
  const lines = Object.entries(COMMANDS).map(
    ([name, { summary }]) => `  ${name.padEnd(15)}${summary}`,
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
