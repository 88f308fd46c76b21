/**
 * Brings what is missing of one file from whoever has it, over as many connections as help, and judges what came by
 * its hash. Where the bytes lie is the part file's business, whom to ask the mirrors', how many at once the widening's.
 */
import type { DownloadProgress, DownloadWait, ExpectedFile } from '../../contract/download.ts';
import { AppError } from '../../contract/errors.ts';
import type { ModelId } from '../../contract/model.ts';
import { present } from '../../lib/assert.ts';
import { Crew } from '../../lib/crew.ts';
import { pause } from '../../lib/pause.ts';
import { yieldToEvents } from '../../lib/yield-to-events.ts';
import { askHost, type Answer, type Network, type NoSuchRange } from './ask-host.ts';
import { ChunkReceiver, type KeepChunk } from './chunk-receiver.ts';
import { chunkLength } from './chunks.ts';
import { Claims, type Claim } from './claims.ts';
import { hashHere, type Hashing } from './hashing.ts';
import { HostFailure, lasting, passing, placeOf } from './host-failure.ts';
import type { Sender } from './journal.ts';
import { Mirrors, PATIENCE, type Mirror, type Patience } from './mirrors.ts';
import type { PartFile } from './part-file.ts';
import { SpeedMeter } from './speed-meter.ts';
import { WholeHash } from './whole-hash.ts';
import { Widening } from './widening.ts';

export interface DownloadPlan {
  readonly part: PartFile;
  /** See `WantedFile`. */
  readonly of: 'host' | 'page';
  /** At least one. */
  readonly urls: readonly string[];
  /** Null where nobody published what the file has to be: then one sender sends all of it, or it is begun anew. */
  readonly expected: Pick<ExpectedFile, 'totalBytes' | 'sha256'> | null;
  /**
   * SHA-256 of every chunk, published together with that of the whole. A chunk that is not right is then fetched
   * again as soon as it has come; without them, only the whole file can be judged.
   */
  readonly chunkHashes: readonly string[] | null;
}

export interface DownloadNeeds {
  readonly network: Network;
  readonly connectivity: Connectivity;
  /** Milliseconds that never go backwards. */
  readonly now: () => number;
  readonly patience?: Patience;
  /** On this thread where none is given. */
  readonly hashing?: Hashing;
}

/** What the device knows of its network. Asked only after something failed: it is wrong about networks without internet. */
export interface Connectivity {
  isOnline(): boolean;
  /** Resolves when it is, or as soon as `signal` is aborted. */
  untilOnline(signal: AbortSignal): Promise<void>;
}

export interface DownloadHooks {
  onProgress(progress: DownloadProgress): void;
  /** Called once it is known how much will come. What it throws ends the download. */
  makeRoom(totalBytes: number): Promise<void>;
  /** Aborted when the person pauses or cancels. What came is kept in the part. */
  readonly signal: AbortSignal;
}

/**
 * @returns the hash of the whole file, which lies in the part; the expected one, where one is
 * @throws AppError `download-failed`, `html-not-model`, `length-mismatch`, `checksum-mismatch`, `storage-full` and
 *   whatever else the part or `makeRoom` throw; what came and may be right is in the part
 */
export async function download(
  plan: DownloadPlan,
  needs: DownloadNeeds,
  hooks: DownloadHooks,
): Promise<ModelId | 'stopped'> {
  const { part, expected, chunkHashes } = plan;
  const { hashing = hashHere } = needs;
  const hash = chunkHashes === null ? new WholeHash(part, hashing) : null;
  if (chunkHashes !== null) await part.forget(part.unlike(chunkHashes));
  if (expected !== null) {
    await hooks.makeRoom(expected.totalBytes);
    await part.learnTotal(expected.totalBytes);
  }
  return new Download(plan, needs, hooks, hash).run();
}

/** Chunks that are not right, from one mirror or of one place in the file, before it is given up. */
const MOST_BAD_CHUNKS = 3;

/** Smooth to look at, and nothing beside the work it tells of. */
const TELL_AT_MOST_EVERY_MS = 50;
/** Where nothing comes, that shows. */
const TELL_AT_LEAST_EVERY_MS = 500;

/** Pieces can come faster than the event loop turns; a pause has to get in between. */
const YIELD_EVERY_BYTES = 4 << 20;

class Download {
  readonly #plan: DownloadPlan;
  readonly #needs: DownloadNeeds;
  readonly #hooks: DownloadHooks;
  readonly #hash: WholeHash | null;
  readonly #hashing: Hashing;
  readonly #mirrors: Mirrors;
  readonly #claims: Claims;
  readonly #widening: Widening;
  readonly #speed: SpeedMeter;
  readonly #receivers = new Set<ChunkReceiver>();
  readonly #bad = new Map<Mirror | number, number>();
  #crew: Crew | null = null;
  /** There is nothing to do for one connection more. */
  #isDivided = false;
  #host: string;
  #wait: DownloadWait | null = null;
  #toldAtMs = -Infinity;
  #bytesSinceYield = 0;

  constructor(
    plan: DownloadPlan,
    needs: DownloadNeeds,
    hooks: DownloadHooks,
    hash: WholeHash | null,
  ) {
    const { now, patience = PATIENCE, hashing = hashHere } = needs;
    const urls = plan.expected === null ? plan.urls.slice(0, 1) : plan.urls;
    this.#plan = plan;
    this.#needs = needs;
    this.#hooks = hooks;
    this.#hash = hash;
    this.#hashing = hashing;
    this.#mirrors = new Mirrors(urls, patience, now, plan.of === 'host');
    this.#claims = new Claims(plan.part);
    this.#widening = new Widening(now);
    this.#speed = new SpeedMeter(now);
    this.#host = new URL(present(urls[0], 'address')).host;
    if (plan.expected === null) this.#widening.narrow();
  }

  async run(): Promise<ModelId | 'stopped'> {
    for (;;) {
      await this.#fetchMissing();
      if (this.#hooks.signal.aborted) return 'stopped';
      const verdict = await this.#judge();
      if (verdict !== 'not-yet') return verdict;
    }
  }

  /** Resolves when nothing is missing, or when the person stopped it. */
  async #fetchMissing(): Promise<void> {
    const { signal } = this.#hooks;
    const crew = new Crew((isSurplus, stop) => this.#fetchClaims(isSurplus, stop));
    const stop = () => crew.stop();
    this.#crew = crew;
    this.#isDivided = false;
    this.#tell();
    const ticker = setInterval(() => this.#tell(), TELL_AT_LEAST_EVERY_MS);
    signal.addEventListener('abort', stop);
    try {
      if (!signal.aborted) crew.add();
      await crew.finish();
    } finally {
      signal.removeEventListener('abort', stop);
      clearInterval(ticker);
      this.#tell();
    }
  }

  /** One connection: fetches claim after claim. */
  async #fetchClaims(isSurplus: (wanted: number) => boolean, stop: AbortSignal): Promise<void> {
    const mayGo = () => stop.aborted || isSurplus(this.#widening.width);
    while (!mayGo()) {
      const mirror = await this.#nextMirror(stop);
      if (mirror === null) return;
      const claim = this.#claims.take(mirror.sendsParts);
      if (claim === null) {
        this.#isDivided = true;
        return;
      }
      try {
        await this.#fetchClaim(claim, mirror, mayGo, stop);
      } catch (error) {
        if (!(error instanceof HostFailure)) throw error;
        if (stop.aborted) return;
        this.#mirrors.failed(mirror, error);
        this.#speed.restart();
        if (error.patienceMs !== null) this.#widening.narrow();
      } finally {
        this.#claims.giveBack(claim);
      }
    }
  }

  /** Waits until somebody may be asked; null when it was stopped meanwhile. */
  async #nextMirror(stop: AbortSignal): Promise<Mirror | null> {
    const { connectivity } = this.#needs;
    while (!stop.aborted) {
      const { mirror, waitMs } = this.#mirrors.next();
      this.#host = new URL(mirror.url).host;
      if (mirror.failures > 0 && !connectivity.isOnline()) {
        this.#tellWait({ reason: 'offline', waitMs: null });
        await connectivity.untilOnline(stop);
        this.#mirrors.forgive();
      } else if (waitMs > 0) {
        this.#tellWait({ reason: mirror.hasAsked ? 'asked-to' : 'trouble', waitMs });
        await pause(waitMs, stop);
      } else {
        return mirror;
      }
    }
    return null;
  }

  async #fetchClaim(
    claim: Claim,
    mirror: Mirror,
    mayGo: () => boolean,
    stop: AbortSignal,
  ): Promise<void> {
    const { url, sendsParts, hasDelivered } = mirror;
    const answer = await askHost(
      {
        of: this.#plan.of,
        url,
        from: claim.at,
        end: claim.end === Infinity ? null : claim.end,
        wholeOnly: !sendsParts,
        validator: this.#plan.expected === null ? this.#validatorFrom(url) : null,
        hasDelivered,
      },
      this.#needs.network,
      stop,
    );
    if (answer.type === 'no-such-range') return this.#doWithoutRange(mirror, answer);
    try {
      if (!(await this.#accept(answer, mirror, claim))) return;
      await this.#receive(answer, mirror, claim, mayGo);
    } finally {
      answer.end();
    }
  }

  /** What the host called the file when the bytes came that are here. */
  #validatorFrom(url: string): string | null {
    const sender = this.#plan.part.latestSender;
    return sender?.url === url ? sender.validator : null;
  }

  #doWithoutRange(mirror: Mirror, { totalBytes }: NoSuchRange): void {
    const known = this.#plan.part.totalBytes;
    const place = placeOf(mirror.url);
    if (totalBytes !== null && known !== null && totalBytes !== known) {
      throw lasting(
        new AppError('length-mismatch', `${place} has ${totalBytes} bytes instead of ${known}`),
      );
    }
    if (!mirror.sendsParts)
      throw lasting(new AppError('download-failed', `${place} answered HTTP 416`));
    mirror.sendsParts = false;
  }

  /** Whether what comes is (still) the file, and wanted. False: ask again. */
  async #accept(answer: Answer, mirror: Mirror, claim: Claim): Promise<boolean> {
    const { part, expected } = this.#plan;
    if (expected !== null) {
      if (answer.totalBytes !== null && answer.totalBytes !== expected.totalBytes) {
        const log = `${placeOf(mirror.url)} has ${answer.totalBytes} bytes instead of ${expected.totalBytes}`;
        throw lasting(new AppError('length-mismatch', log));
      }
    } else if (part.keptBytes > 0 && !this.#isSameFile(answer, mirror)) {
      await part.restart();
      await this.#hash?.restart();
      if (answer.from > 0) return false;
      claim.at = 0;
      claim.end = Infinity;
    }
    if (answer.totalBytes !== null && answer.totalBytes !== part.totalBytes) {
      await this.#hooks.makeRoom(answer.totalBytes);
      await part.learnTotal(answer.totalBytes);
    }
    if (!answer.sendsParts) {
      mirror.sendsParts = false;
      if (this.#claims.count > 1) return false;
      claim.end = part.totalBytes ?? Infinity;
    }
    if (claim.end === Infinity) claim.end = part.totalBytes ?? Infinity;
    return true;
  }

  /** Where no hash will tell, what the host calls the file has to. */
  #isSameFile({ validator, totalBytes }: Answer, { url }: Mirror): boolean {
    const { part } = this.#plan;
    const isSameLength =
      totalBytes === null || part.totalBytes === null || totalBytes === part.totalBytes;
    return isSameLength && validator !== null && validator === this.#validatorFrom(url);
  }

  async #receive(
    answer: Answer,
    mirror: Mirror,
    claim: Claim,
    mayGo: () => boolean,
  ): Promise<void> {
    const { part } = this.#plan;
    const sender = { url: mirror.url, validator: answer.validator };
    const keep: KeepChunk = (index, bytes) => this.#keep(index, bytes, mirror, sender);
    const receiver = await ChunkReceiver.begin(part, claim, answer.from, keep);
    this.#receivers.add(receiver);
    try {
      for await (const piece of answer.pieces) {
        const before = claim.at;
        await receiver.take(piece);
        if (claim.at > before) this.#mirrors.delivered(mirror);
        await this.#came(piece.byteLength);
        if (receiver.isDone || mayGo()) return;
      }
    } finally {
      await receiver.finish();
      this.#receivers.delete(receiver);
    }
    if (part.totalBytes === null) {
      const log = `${placeOf(mirror.url)} sent an empty file`;
      if (receiver.position === 0) throw lasting(new AppError('length-mismatch', log));
      await part.learnTotal(receiver.position);
    } else if (!receiver.isDone) {
      const log = `${placeOf(mirror.url)} ended at byte ${receiver.position} of ${part.totalBytes}`;
      throw passing(new AppError('length-mismatch', log));
    }
  }

  async #came(bytes: number): Promise<void> {
    this.#speed.add(bytes);
    this.#widening.add(bytes);
    this.#wait = null;
    const crew = present(this.#crew, 'crew');
    if (crew.size < this.#widening.width && !this.#isDivided) crew.add();
    if (this.#needs.now() - this.#toldAtMs >= TELL_AT_MOST_EVERY_MS) this.#tell();
    this.#bytesSinceYield += bytes;
    if (this.#bytesSinceYield >= YIELD_EVERY_BYTES) {
      this.#bytesSinceYield = 0;
      await yieldToEvents();
    }
  }

  async #keep(
    index: number,
    bytes: Uint8Array<ArrayBuffer>,
    mirror: Mirror,
    sender: Sender,
  ): Promise<{ recorded: Promise<Uint8Array<ArrayBuffer>> }> {
    await this.#plan.part.write(index, bytes);
    return { recorded: this.#record(index, bytes, mirror, sender) };
  }

  /** Hashes what was written, and gives it back. */
  async #record(
    index: number,
    written: Uint8Array<ArrayBuffer>,
    mirror: Mirror,
    sender: Sender,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { part, chunkHashes } = this.#plan;
    const length = written.byteLength;
    const isWhole = length === chunkLength(index, part.totalBytes);
    const { sha256, bytes } = await this.#hashing.sha256Of(written);
    const published = isWhole ? chunkHashes?.[index] : undefined;
    if (published !== undefined && published !== sha256) {
      await part.forget([index]); // its beginning may have come earlier
      this.#blame(mirror, index);
      return bytes;
    }
    if (this.#hash === null || !isWhole) {
      await part.record(index, length, sha256, sender);
      await this.#hash?.catchUp();
      return bytes;
    }
    const taken = this.#hash.take(index, bytes); // before it is recorded, or it would be read back
    await Promise.all([taken, part.record(index, length, sha256, sender)]);
    await this.#hash.catchUp();
    return taken;
  }

  /** A chunk that is not right is simply still missing, unless that happens again and again. */
  #blame(mirror: Mirror, index: number): void {
    for (const culprit of [mirror, index]) {
      const count = (this.#bad.get(culprit) ?? 0) + 1;
      this.#bad.set(culprit, count);
      if (count < MOST_BAD_CHUNKS) continue;
      const log = `chunk ${index} from ${placeOf(mirror.url)} does not have its published SHA-256`;
      throw lasting(new AppError('checksum-mismatch', log));
    }
  }

  async #judge(): Promise<ModelId | 'stopped' | 'not-yet'> {
    const { part, expected } = this.#plan;
    if (this.#hash === null) return present(expected, 'hash of what has published chunks').sha256;
    const sha256 = await this.#hash.finish(this.#hooks.signal);
    if (sha256 === 'stopped' || expected === null || sha256 === expected.sha256) return sha256;

    await this.#hash.restart();
    const { fromEarlierSenders, latestSender } = part;
    const { url } = present(latestSender, 'sender');
    if (fromEarlierSenders.length > 0) {
      await part.forget(fromEarlierSenders); // of two versions, the one that is sent now can be completed
    } else {
      const log = `${placeOf(url)} has SHA-256 ${sha256} instead of ${expected.sha256}`;
      await part.restart();
      await part.learnTotal(expected.totalBytes);
      this.#mirrors.leaveOutAddress(url, new AppError('checksum-mismatch', log));
    }
    return 'not-yet';
  }

  #tellWait(wait: DownloadWait): void {
    this.#wait = wait;
    this.#tell();
  }

  #tell(): void {
    const { part } = this.#plan;
    let doneBytes = part.keptBytes;
    for (const receiver of this.#receivers) doneBytes += receiver.looseBytes;
    const { totalBytes } = part;
    this.#toldAtMs = this.#needs.now();
    this.#hooks.onProgress({
      type: 'progress',
      doneBytes,
      totalBytes,
      bytesPerSecond: this.#speed.bytesPerSecond,
      leftMs: totalBytes === null ? null : this.#speed.leftMs(totalBytes - doneBytes),
      connections: this.#receivers.size,
      host: this.#host,
      wait: this.#wait,
    });
  }
}
