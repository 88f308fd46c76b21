import { formatBytes } from '../format.ts';
import type { Fit, MemoryFit, RoomFit } from '../../state/fit.ts';
import { fits as words } from '../words.ts';

/** The verdict in a word, and why with the numbers. Empty where the device tells nothing. */
export function describeFit({ verdict, room, memory }: Fit): string {
  if (verdict === null) return '';
  const reasons = [
    ...(room !== null && room.verdict === verdict ? [describeRoom(room)] : []),
    ...(memory !== null && memory.verdict === verdict ? [describeMemory(memory)] : []),
  ];
  return words.sentence(words.verdicts[verdict], reasons);
}

function describeRoom({ verdict, neededBytes, leftBytes }: RoomFit): string {
  const needed = formatBytes(neededBytes);
  return verdict === 'fits' ? words.room(needed) : words.roomOf(needed, formatBytes(leftBytes));
}

function describeMemory({ verdict, neededBytes, deviceBytes, basis }: MemoryFit): string {
  const most = words.most(formatBytes(neededBytes), basis !== 'measured');
  if (verdict === 'fits') return words.memory(most);
  if (deviceBytes === null) return words.memoryOfPage(most);
  const device = formatBytes(deviceBytes).replace('.00 ', ' '); // as it is sold
  return verdict === 'tight' ? words.memoryOf(most, device) : words.memoryBeyond(most, device);
}
