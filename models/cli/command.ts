import { parseArgs, type ParseArgsConfig } from 'node:util';

export interface Command {
  readonly help: string;
  run(args: readonly string[]): Promise<void>;
}

/** Wrong arguments: the message and the command's help go to standard error, exit code 2. */
export class UsageError extends Error {}

/** `parseArgs` with its complaints turned into `UsageError`s. */
export function parse<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A whole number in `[least, most]`, or `fallback` when the flag was not given. */
export function wholeNumber(
  name: string,
  text: string | undefined,
  fallback: number,
  [least, most]: readonly [number, number],
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new UsageError(`--${name} takes a whole number from ${least} to ${most}.`);
  }
  return value;
}

export function oneFile(positionals: readonly string[]): string {
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError('Give exactly one FILE.gguf.');
  return file;
}

/** Progress on standard error, on one line, only where somebody watches. */
export function progressLine(label: string): (fraction: number) => void {
  let last = '';
  return (fraction) => {
    if (!process.stderr.isTTY) return;
    const text = `\r${label} ${Math.round(fraction * 100)} %`;
    if (text !== last) process.stderr.write(text + (fraction >= 1 ? '\n' : ''));
    last = text;
  };
}
