import type { DownloadAnnouncement } from '../../contract/download.ts';

/** The part of `BroadcastChannel` that is used: what one posts, all others hear. */
export interface Channel {
  onmessage: ((event: MessageEvent<DownloadAnnouncement>) => void) | null;
  postMessage(announcement: DownloadAnnouncement): void;
  close(): void;
}
