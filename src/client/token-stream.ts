import { fromWire } from '../contract/errors.ts';
import type { GenerationEvent } from '../contract/events.ts';
import { Inbox } from '../lib/inbox.ts';

/**
 * Reads one generation, ending included. Leaving the loop early calls `cancel` and waits for the ending, so that
 * the engine is free once the loop is left; a failure or a dead worker is thrown as an `AppError`.
 */
export async function* readGeneration(
  port: MessagePort,
  life: AbortSignal,
  cancel: () => void = () => port.postMessage('cancel'),
): AsyncGenerator<GenerationEvent, void, undefined> {
  const inbox = new Inbox<GenerationEvent>(port, life);
  let isOver = false;
  try {
    while (!isOver) {
      const event = await inbox.next();
      isOver = isEnding(event);
      if (event.type === 'failed') throw fromWire(event.error);
      yield event;
    }
  } finally {
    if (!isOver && !life.aborted) {
      cancel();
      await skipToEnding(inbox);
    }
    inbox.close();
  }
}

export function isEnding(event: GenerationEvent): boolean {
  return event.type === 'end' || event.type === 'failed';
}

/** Death is an ending too, and its reason nobody's who has left. */
async function skipToEnding(inbox: Inbox<GenerationEvent>): Promise<void> {
  try {
    while (!isEnding(await inbox.next()));
  } catch {
    // See above.
  }
}
