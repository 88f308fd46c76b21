import { transferHandlers } from 'comlink';
import { fromWire, toWire, type WireError } from './errors.ts';

/**
 * Comlink sends `name`, `message` and `stack` of a thrown error and drops the
 * rest, so a code or a cause would vanish between worker and page. Call this
 * once on each side, before the first `wrap` or `expose`.
 */
export function keepErrorsWhole(): void {
  const thrown = transferHandlers.get('throw');
  if (thrown === undefined) throw new Error('comlink no longer registers a "throw" handler');
  transferHandlers.set('throw', {
    canHandle: (value): value is { value: unknown } => thrown.canHandle(value),
    serialize: ({ value }: { value: unknown }) => [toWire(value), []],
    deserialize: (wire: WireError) => {
      throw fromWire(wire);
    },
  });
}
