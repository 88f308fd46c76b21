/** One attempt at a download: what the person wants of it, and who is told. Leads, or follows another tab that does. */
import type {
  DownloadAnnouncement,
  DownloadKey,
  DownloadOutcome,
  DownloadProgress,
  StopIntent,
} from '../../contract/download.ts';
import type { ModelId } from '../../contract/model.ts';
import type { Channel } from './announcements.ts';

const OTHER_DOWNLOAD: DownloadProgress = {
  type: 'progress',
  doneBytes: 0,
  totalBytes: null,
  bytesPerSecond: null,
  leftMs: null,
  connections: 0,
  host: '',
  wait: { reason: 'other-download', waitMs: null },
};

export class Attempt {
  readonly key: DownloadKey;
  readonly #events: MessagePort;
  readonly #channel: Channel;
  readonly #stop = new AbortController();
  #outcome: DownloadOutcome = { type: 'cancelled' };
  #isFollowing = false;

  /** @param channel closed by `end` */
  constructor(key: DownloadKey, events: MessagePort, channel: Channel) {
    this.key = key;
    this.#events = events;
    this.#channel = channel;
    channel.onmessage = ({ data }: MessageEvent<DownloadAnnouncement>) => this.#hear(data);
    events.onmessage = ({ data }) => {
      if (data === 'pause') this.#pressed('paused');
      if (data === 'cancel') this.#pressed('cancelled');
    };
  }

  /** Aborted when it is to end, and `outcome` says how. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get outcome(): DownloadOutcome {
    return this.#outcome;
  }

  /** From now on another tab downloads: its progress is told here. */
  follow(): void {
    this.#isFollowing = true;
    this.tell(OTHER_DOWNLOAD);
  }

  lead(): void {
    this.#isFollowing = false;
  }

  /** Tells this tab. */
  tell(progress: DownloadProgress): void {
    this.#events.postMessage(progress);
  }

  /** Tells the others, unless it is about to end: they would take it for going on. */
  announce(progress: DownloadProgress): void {
    if (!this.#stop.signal.aborted) this.#post({ type: 'progress', key: this.key, progress });
  }

  finish(id: ModelId): DownloadOutcome {
    this.#post({ type: 'stored', key: this.key, id });
    return { type: 'stored', id };
  }

  end(): void {
    this.#channel.close();
    this.#events.close();
  }

  #hear(announcement: DownloadAnnouncement): void {
    const isSame = announcement.key === this.key;
    if (isSame && announcement.type === 'stop') {
      this.#stopFor(announcement.intent);
    } else if (!this.#isFollowing) {
      return;
    } else if (announcement.type === 'progress') {
      this.tell(isSame ? announcement.progress : OTHER_DOWNLOAD);
    } else if (isSame && announcement.type === 'stored') {
      this.#outcome = { type: 'stored', id: announcement.id };
      this.#stop.abort();
    }
  }

  /** By the person, who means it for every tab: the one that downloads, and those that would take over. */
  #pressed(intent: StopIntent): void {
    if (this.#stop.signal.aborted) return;
    this.#post({ type: 'stop', key: this.key, intent });
    this.#stopFor(intent);
  }

  #stopFor(intent: StopIntent): void {
    if (this.#stop.signal.aborted) return;
    this.#outcome = { type: intent };
    this.#stop.abort();
  }

  #post(announcement: DownloadAnnouncement): void {
    this.#channel.postMessage(announcement);
  }
}
