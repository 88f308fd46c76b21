import { DOWNLOADS_CHANNEL, type DownloadAnnouncement } from '../contract/download.ts';

/** Calls `hear` with what any tab of this origin tells of its download, for as long as this page lives. */
export function watchDownloads(hear: (announcement: DownloadAnnouncement) => void): void {
  const channel = new BroadcastChannel(DOWNLOADS_CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<DownloadAnnouncement>) => hear(data);
}
