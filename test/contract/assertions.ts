/** What contract scenarios assert with, where no test runner is: each throws an `Error` that says what it saw. */
import { AppError, type ErrorCode } from '../../src/contract/errors.ts';

export function equal(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`expected ${String(expected)}, got ${String(actual)}`);
}

/** @param claim said when it does not hold */
export function holds(isTrue: boolean, claim: string): void {
  if (!isTrue) throw new Error(`not so: ${claim}`);
}

export async function refusesWith(code: ErrorCode, action: () => Promise<unknown>): Promise<void> {
  const error = await thrownBy(action);
  if (!(error instanceof AppError)) throw new Error(`expected ${code}`, { cause: error });
  equal(error.code, code);
}

export async function rejectsWith(
  kind: new (message: string) => Error,
  action: () => Promise<unknown>,
): Promise<void> {
  const error = await thrownBy(action);
  if (!(error instanceof kind) || error instanceof AppError) {
    throw new Error(`expected a ${kind.name}`, { cause: error });
  }
}

/** What `action` was refused with, whatever that is. */
export async function thrownBy(action: () => Promise<unknown>): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error('expected a refusal, but it went through');
}
