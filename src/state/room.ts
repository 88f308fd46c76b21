import { signal, type ReadonlySignal } from '@preact/signals-core';
import type { Room, RoomFacts } from './dependencies.ts';

/** The room that models lie in: how much there is, and whether the browser keeps what is in it. */
export interface RoomState {
  /** As it was last looked at; null before. */
  readonly facts: ReadonlySignal<RoomFacts | null>;
  readonly look: () => Promise<void>;
  /** Asks the browser to keep what is here, unless it does already. Only after something that the person did. */
  readonly keep: () => Promise<void>;
}

export function createRoomState(room: Room): RoomState {
  const facts = signal<RoomFacts | null>(null);

  async function look(): Promise<void> {
    facts.value = await room.look();
  }

  return {
    facts,
    look,
    async keep() {
      await look();
      if (facts.value?.isKept !== false) return;
      if (await room.askToKeep()) await look();
    },
  };
}
