/** Thrown for a state that the code around it rules out: a bug, never a person's mistake. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** Narrows away `undefined` and `null` where an invariant says so; `what` names the thing that is missing. */
export function present<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new Error(`missing: ${what}`);
  return value;
}
