import { effect } from '@preact/signals-core';

/** Resolves once `holds`, which reads signals, does. */
export function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    effect(() => void (holds() && resolve()));
  });
}
