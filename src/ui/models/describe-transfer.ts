import type { DownloadProgress } from '../../contract/download.ts';
import { formatBytes, formatTimeLeft } from '../format.ts';
import { transfers as words } from '../words.ts';

/** How a download comes along, or why it does not; empty while there is nothing to say yet. */
export function describeTransfer(transfer: DownloadProgress): string {
  const { wait, bytesPerSecond, connections, host } = transfer;
  if (wait !== null) {
    const waits = words.waits[wait.reason];
    return wait.waitMs === null ? waits : words.again(waits, formatTimeLeft(wait.waitMs));
  }
  const parts = bytesPerSecond === null ? [] : [words.speed(formatBytes(bytesPerSecond))];
  if (host !== '') parts.push(words.from(host));
  if (connections > 1) parts.push(words.connections(connections));
  return parts.join(' ');
}
