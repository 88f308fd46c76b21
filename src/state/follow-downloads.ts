import { PAUSE } from '../client/download-client.ts';
import type { DownloadKey, UnfinishedDownload } from '../contract/download.ts';
import type { Dependencies } from './dependencies.ts';
import type { Unfinished } from './unfinished.ts';

export interface FollowNeeds {
  /** Whether nothing is on its way here. */
  readonly isFree: () => boolean;
  readonly unfinished: Pick<Unfinished, 'list' | 'look'>;
  /** Settles when it ended. Aborting `work` ends it here, with `PAUSE` for a reason as a pause. */
  readonly follow: (download: UnfinishedDownload, work: AbortController) => Promise<void>;
}

/** What another tab downloads shows here by itself, and what a person presses in one tab holds for all. */
export function followDownloads(
  { watchDownloads }: Pick<Dependencies, 'watchDownloads'>,
  { isFree, unfinished, follow }: FollowNeeds,
): void {
  /** No models that a person asked for: the guide on its way, a repair. */
  const passedOver = new Set<DownloadKey>();
  let followed: { readonly key: DownloadKey; readonly work: AbortController } | null = null;

  async function begin(key: DownloadKey, work: AbortController): Promise<void> {
    await unfinished.look();
    const download = unfinished.list.value.find((one) => one.key === key);
    if (download === undefined) passedOver.add(key);
    else if (!download.isPaused && !work.signal.aborted && isFree()) await follow(download, work);
  }

  watchDownloads((announcement) => {
    const { type, key } = announcement;
    if (type !== 'progress') passedOver.delete(key);
    if (type === 'stop' && followed?.key === key) {
      followed.work.abort(announcement.intent === 'paused' ? PAUSE : undefined);
    }
    if (type !== 'progress' || followed !== null || passedOver.has(key) || !isFree()) return;
    const work = new AbortController();
    followed = { key, work };
    void begin(key, work).finally(() => (followed = null));
  });
}
