/** What the tabs of this origin tell each other about the one download that runs. */
import type { DownloadKey, DownloadProgress } from '../../contract/download.ts';
import type { ModelId } from '../../contract/model.ts';

export type Announcement =
  | { readonly type: 'progress'; readonly key: DownloadKey; readonly progress: DownloadProgress }
  | { readonly type: 'stored'; readonly key: DownloadKey; readonly id: ModelId }
  /** From a tab that follows to the one that downloads. */
  | { readonly type: 'stop'; readonly key: DownloadKey; readonly intent: StopIntent };

/** What a person presses. */
export type StopIntent = 'paused' | 'cancelled';

/** The part of `BroadcastChannel` that is used: what one posts, all others hear. */
export interface Channel {
  onmessage: ((event: MessageEvent<Announcement>) => void) | null;
  postMessage(announcement: Announcement): void;
  close(): void;
}
