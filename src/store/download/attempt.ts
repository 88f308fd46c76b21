/** One attempt at a download: what the person wants of it, and who is told. Leads, or follows another tab that does. */
import type { DownloadKey, DownloadOutcome, DownloadProgress } from '../../contract/download.ts';
import type { ModelId } from '../../contract/model.ts';
import type { Announcement, Channel, StopIntent } from './announcements.ts';

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
    channel.onmessage = ({ data }: MessageEvent<Announcement>) => this.#hear(data);
    events.onmessage = ({ data }) => {
      if (data === 'pause') this.#stopFor('paused');
      if (data === 'cancel') this.#stopFor('cancelled');
    };
  }

  /** Aborted when it is to end, and `outcome` says how. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get outcome(): DownloadOutcome {
    return this.#outcome;
  }

  /** From now on another tab downloads: its progress is told here, and it is told what the person presses here. */
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

  /** Tells the others. */
  announce(progress: DownloadProgress): void {
    this.#post({ type: 'progress', key: this.key, progress });
  }

  finish(id: ModelId): DownloadOutcome {
    this.#post({ type: 'stored', key: this.key, id });
    return { type: 'stored', id };
  }

  end(): void {
    this.#channel.close();
    this.#events.close();
  }

  #hear(announcement: Announcement): void {
    const isSame = announcement.key === this.key;
    if (!this.#isFollowing) {
      if (isSame && announcement.type === 'stop') this.#stopFor(announcement.intent);
    } else if (announcement.type === 'progress') {
      this.tell(isSame ? announcement.progress : OTHER_DOWNLOAD);
    } else if (isSame && announcement.type === 'stored') {
      this.#outcome = { type: 'stored', id: announcement.id };
      this.#stop.abort();
    }
  }

  #stopFor(intent: StopIntent): void {
    if (this.#stop.signal.aborted) return;
    if (this.#isFollowing) this.#post({ type: 'stop', key: this.key, intent });
    this.#outcome = { type: intent };
    this.#stop.abort();
  }

  #post(announcement: Announcement): void {
    this.#channel.postMessage(announcement);
  }
}
