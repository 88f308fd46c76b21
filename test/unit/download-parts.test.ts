import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { WantedFile } from '../../src/contract/download.ts';
import { AppError } from '../../src/contract/errors.ts';
import { toModelId } from '../../src/contract/model.ts';
import { Crew } from '../../src/lib/crew.ts';
import { pause } from '../../src/lib/pause.ts';
import { CHUNK_BYTES } from '../../src/store/download/chunks.ts';
import { Claims, SPAN_BYTES } from '../../src/store/download/claims.ts';
import {
  HostFailure,
  lasting,
  passing,
  retryAfterMs,
} from '../../src/store/download/host-failure.ts';
import { encodeLine, readJournal, type JournalLine } from '../../src/store/download/journal.ts';
import { Mirrors, type Patience } from '../../src/store/download/mirrors.ts';
import {
  JOURNAL_NAME,
  lookAtPart,
  PART_NAME,
  partIn,
  PartFile,
} from '../../src/store/download/part-file.ts';
import { hashHere } from '../../src/store/download/hashing.ts';
import { SpeedMeter } from '../../src/store/download/speed-meter.ts';
import { WholeHash } from '../../src/store/download/whole-hash.ts';
import { Widening } from '../../src/store/download/widening.ts';
import { readWhole } from '../../src/store/files.ts';
import { MemoryFiles } from '../support/memory-files.ts';

const wanted: WantedFile = {
  of: 'host',
  title: 'Model',
  fileName: 'model.gguf',
  urls: ['https://host.example/model.gguf'],
  expected: { totalBytes: 12, sha256: toModelId('a'.repeat(64)), vouchedBy: 'catalog' },
};
const sender = { url: 'https://host.example/model.gguf', validator: '"one"' };

describe('a journal', () => {
  const lines: readonly JournalLine[] = [
    { version: 1, wanted },
    { total: 3_000_000 },
    { sender: 0, ...sender },
    { chunk: 0, bytes: CHUNK_BYTES, sha256: 'a', sender: 0 },
    { chunk: 2, bytes: 700, sha256: 'b', sender: 0 },
    { paused: true },
  ];

  test('reads as it was written', () => {
    const bytes = Buffer.concat(lines.map(encodeLine));

    expect(readJournal(bytes)).toEqual({
      wanted,
      totalBytes: 3_000_000,
      senders: [sender],
      chunks: new Map([
        [0, { bytes: CHUNK_BYTES, sha256: 'a', sender: 0 }],
        [2, { bytes: 700, sha256: 'b', sender: 0 }],
      ]),
      isPaused: true,
      soundBytes: bytes.byteLength,
    });
  });

  test('that was torn says what its whole lines say, wherever it was torn', () => {
    const bytes = Buffer.concat(lines.map(encodeLine));
    const ends = lines.map((_, at) => Buffer.concat(lines.slice(0, at + 1).map(encodeLine)).length);

    for (let length = 0; length < bytes.byteLength; length++) {
      const whole = ends.filter((end) => end <= length).at(-1) ?? 0;
      expect(readJournal(bytes.subarray(0, length))?.soundBytes ?? 0).toBe(whole);
    }
  });

  test('believes the later of two lines', () => {
    const more: readonly JournalLine[] = [
      ...lines,
      { chunk: 2, bytes: CHUNK_BYTES, sha256: 'c', sender: 0 },
      { forget: [0] },
      { paused: false },
      { total: null },
    ];

    expect(readJournal(Buffer.concat(more.map(encodeLine)))).toMatchObject({
      chunks: new Map([[2, { bytes: CHUNK_BYTES, sha256: 'c', sender: 0 }]]),
      isPaused: false,
      totalBytes: null,
    });
  });

  test.each([
    ['nothing', ''],
    ['no file', '{"total":3}\n'],
    ['another version', '{"version":2,"wanted":{}}\n'],
    ['a file without an address', '{"version":1,"wanted":{"title":"","fileName":""}}\n'],
    [
      'a hash that is none',
      `{"version":1,"wanted":${JSON.stringify(wanted).replace(/a{64}/, 'z')}}\n`,
    ],
    ['noise', '\u0000\u0001\n\n\n'],
  ])('of %s is none', (_name, text) => {
    expect(readJournal(new TextEncoder().encode(text))).toBeNull();
  });
});

describe('a part file', () => {
  test('believes only what lies on disk as the journal says', async () => {
    const files = new MemoryFiles();
    const part = await PartFile.open(files, partIn('d'), wanted);
    await part.learnTotal(3 * CHUNK_BYTES);
    for (const index of [0, 1, 2]) await keep(part, index, chunk(index));
    await part.close();
    const bytes = (await readWhole(files, `d/${PART_NAME}`)) ?? new Uint8Array(0);
    bytes[CHUNK_BYTES] = 0xff; // in the second
    files.put(`d/${PART_NAME}`, bytes.subarray(0, -1)); // and the third is cut

    const again = await PartFile.open(files, partIn('d'), wanted);

    expect([0, 1, 2].map((index) => again.has(index))).toEqual([true, false, false]);
    expect(again.keptBytes).toBe(CHUNK_BYTES);
    await again.close();
  });

  test('does not count what was written before its hash was', async () => {
    const files = new MemoryFiles();
    const part = await PartFile.open(files, partIn('d'), wanted);
    await part.learnTotal(CHUNK_BYTES);

    await part.write(0, chunk(0));

    expect(part.has(0)).toBe(false);
    expect(part.keptBytes).toBe(0);
    await part.close();
  });

  test('goes on after a journal that was torn', async () => {
    const files = new MemoryFiles();
    const part = await PartFile.open(files, partIn('d'), wanted);
    await part.learnTotal(2 * CHUNK_BYTES);
    await keep(part, 0, chunk(0));
    await part.close();
    const journal = (await readWhole(files, `d/${JOURNAL_NAME}`)) ?? new Uint8Array(0);
    files.put(`d/${JOURNAL_NAME}`, Buffer.concat([journal, Buffer.from('{"chunk":1,"by')]));

    const second = await PartFile.open(files, partIn('d'), wanted);
    await keep(second, 1, chunk(1));
    await second.close();

    expect(await lookAtPart(files, 'd')).toMatchObject({ doneBytes: 2 * CHUNK_BYTES });
  });

  test('takes a chunk that two sent for one of the elder', async () => {
    const part = await PartFile.open(new MemoryFiles(), partIn('d'), wanted);
    await part.learnTotal(2 * CHUNK_BYTES);
    await keep(part, 0, chunk(0).subarray(0, 10));
    await keep(part, 0, chunk(0), { ...sender, validator: '"two"' });
    await keep(part, 1, chunk(1), { ...sender, validator: '"two"' });

    expect(part.latestSender).toEqual({ ...sender, validator: '"two"' });
    expect(part.fromEarlierSenders).toEqual([0]);
    await part.close();
  });

  test('of a file that is here misses what is not as it should be', async () => {
    const files = new MemoryFiles();
    const whole = new Uint8Array(2 * CHUNK_BYTES).fill(1);
    whole.fill(2, CHUNK_BYTES);
    files.put('s/model', whole);
    const expected = {
      totalBytes: whole.byteLength,
      sha256: toModelId('a'.repeat(64)),
      vouchedBy: 'catalog',
    } as const;

    const part = await PartFile.openWhole(
      files,
      { bytes: 's/model', journal: 'r/journal' },
      { ...wanted, expected },
      [sha256Of(chunk(0)), sha256Of(chunk(7))],
    );

    expect([part.has(0), part.has(1)]).toEqual([true, false]);
    await part.close();
  });

  test('that is not there is none to look at', async () => {
    expect(await lookAtPart(new MemoryFiles(), 'nowhere')).toBeNull();
  });
});

test('the hash of the whole does not mind in which order chunks come', async () => {
  const count = 9;
  const whole = Buffer.concat(Array.from({ length: count }, (_, index) => chunk(index)));
  const part = await PartFile.open(new MemoryFiles(), partIn('d'), wanted);
  await part.learnTotal(whole.byteLength);
  const hash = new WholeHash(part, hashHere);

  for (const index of [3, 0, 1, 8, 2, 7, 4, 6, 5]) {
    await hash.take(index, Uint8Array.from(chunk(index)));
    await keep(part, index, chunk(index));
    await hash.catchUp();
  }

  expect(await hash.finish(new AbortController().signal)).toBe(sha256Of(whole));
  await part.close();
});

describe('claims', () => {
  test('give one connection all, and share what is left once there are two', async () => {
    const part = await partOf(200);
    const claims = new Claims(part);
    const first = claims.take(true);
    expect(first).toMatchObject({ at: 0, end: 200 * CHUNK_BYTES });

    const second = claims.take(true);

    expect(first).toMatchObject({ at: 0, end: SPAN_BYTES });
    expect(second).toMatchObject({ at: SPAN_BYTES, end: 2 * SPAN_BYTES });
  });

  test('are of what is missing only, and begin in the middle of a chunk that began to come', async () => {
    const part = await partOf(4);
    await keep(part, 0, chunk(0));
    await keep(part, 1, chunk(1).subarray(0, 77));
    await keep(part, 3, chunk(3));

    expect(new Claims(part).take(true)).toMatchObject({
      at: CHUNK_BYTES + 77,
      end: 3 * CHUNK_BYTES,
    });
  });

  test('that are given back are there for the next', async () => {
    const claims = new Claims(await partOf(2));
    const first = claims.take(true);
    expect(claims.take(true)).toBeNull();

    if (first !== null) claims.giveBack(first);

    expect(claims.take(true)).toMatchObject({ at: 0 });
  });

  test('on a host that sends only whole files are one, across what is here', async () => {
    const part = await partOf(4);
    await keep(part, 2, chunk(2));
    const claims = new Claims(part);

    expect(claims.take(false)).toMatchObject({ at: 0, end: 4 * CHUNK_BYTES, isWhole: true });
    expect(claims.take(false)).toBeNull();
  });

  test('of a file whose length nobody knows are one without an end', async () => {
    const part = await PartFile.open(new MemoryFiles(), partIn('d'), wanted);
    const claims = new Claims(part);

    expect(claims.take(true)).toMatchObject({ at: 0, end: Infinity });
    expect(claims.take(true)).toBeNull();
  });

  test('of a file that is here are none', async () => {
    const part = await partOf(1);
    await keep(part, 0, chunk(0));

    expect(new Claims(part).take(true)).toBeNull();
    expect(new Claims(part).take(false)).toBeNull();
  });
});

describe('mirrors', () => {
  const patience: Patience = {
    firstWaitMs: 1_000,
    longestWaitMs: 30_000,
    longestAskedMs: 60_000,
    triesPerMirror: 3,
    triesInAll: 8,
  };
  const broke = () => passing(new AppError('download-failed', 'broke'));
  const start = (urls: readonly string[]) => {
    const clock = { nowMs: 0 };
    return {
      clock,
      mirrors: new Mirrors(
        urls,
        patience,
        () => clock.nowMs,
        true,
        () => 0.5,
      ),
    };
  };

  test('are waited for longer after each failure in a row, but not for ever', () => {
    const { clock, mirrors } = start(['a']);
    const waits: number[] = [];
    for (let failure = 0; failure < 7; failure++) {
      const { mirror } = mirrors.next();
      mirrors.failed(mirror, broke());
      const { waitMs } = mirrors.next();
      waits.push(waitMs);
      clock.nowMs += waitMs;
    }

    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(() => mirrors.failed(mirrors.next().mirror, broke())).toThrow('broke');
  });

  test('begin anew once bytes come', () => {
    const { mirrors } = start(['a']);
    const { mirror } = mirrors.next();
    for (let failure = 0; failure < 7; failure++) mirrors.failed(mirror, broke());

    mirrors.delivered(mirror);
    mirrors.failed(mirror, broke());

    expect(mirrors.next().waitMs).toBe(1_000);
  });

  test('are asked in turn while the first rests', () => {
    const { mirrors } = start(['a', 'b']);
    mirrors.failed(mirrors.next().mirror, broke());

    expect(mirrors.next()).toMatchObject({ mirror: { url: 'b' }, waitMs: 0 });
  });

  test('that fail again and again rest for longer while there are others', () => {
    const { clock, mirrors } = start(['a', 'b']);
    for (let failure = 0; failure < 3; failure++) {
      clock.nowMs += 30_000;
      mirrors.failed(mirrors.next().mirror, broke());
    }
    clock.nowMs += 20_000;

    expect(mirrors.next()).toMatchObject({ mirror: { url: 'b' }, waitMs: 0 });
  });

  test('that cannot be understood are asked for all of the file every second time', () => {
    const { mirrors } = start(['a']);
    const asked: boolean[] = [];
    for (let failure = 0; failure < 4; failure++) {
      const { mirror } = mirrors.next();
      asked.push(mirror.sendsParts);
      mirrors.failed(
        mirror,
        passing(new AppError('download-failed', 'no answer'), { isUnanswered: true }),
      );
    }

    expect(asked).toEqual([true, false, true, false]);
  });

  test('wait as long as the host asked, unless somebody else is there', () => {
    const { mirrors } = start(['a', 'b']);
    const busy = () => passing(new AppError('download-failed', 'busy'), { patienceMs: 20_000 });
    mirrors.failed(mirrors.next().mirror, busy());
    expect(mirrors.next()).toMatchObject({ mirror: { url: 'b' }, waitMs: 0 });

    mirrors.failed(mirrors.next().mirror, busy());

    expect(mirrors.next()).toMatchObject({ waitMs: 20_000, mirror: { hasAsked: true } });
  });

  test('that refuse for good are left out; the last one says why', () => {
    const { mirrors } = start(['a', 'b']);
    mirrors.failed(mirrors.next().mirror, lasting(new AppError('download-failed', 'gone')));
    expect(mirrors.next().mirror.url).toBe('b');

    expect(() =>
      mirrors.failed(mirrors.next().mirror, lasting(new AppError('html-not-model', 'a page'))),
    ).toThrow('a page');
  });

  test('are forgiven when the way to all of them was broken', () => {
    const { mirrors } = start(['a']);
    mirrors.failed(mirrors.next().mirror, broke());

    mirrors.forgive();

    expect(mirrors.next().waitMs).toBe(0);
  });
});

describe('widening', () => {
  test('goes to four where each connection brings its share', () => {
    expect(widthsOver(30, (width) => width * 5e6)).toEqual([1, 2, 3, 4]);
  });

  test('goes back to one where a second brings nothing', () => {
    expect(widthsOver(30, () => 5e6)).toEqual([1, 2, 1]);
  });

  test('keeps what helps and no more', () => {
    expect(widthsOver(30, (width) => Math.min(width, 2) * 5e6)).toEqual([1, 2, 3, 2]);
  });

  test('does not try where one connection is as fast as this device', () => {
    expect(widthsOver(30, () => 200e6)).toEqual([1]);
  });

  test('stays at one after it was told so', () => {
    const widening = new Widening(() => 0);

    widening.narrow();
    widening.add(1);

    expect(widening.width).toBe(1);
  });
});

describe('a speed meter', () => {
  test('tells the speed of the last seconds and what is left at it', () => {
    let nowMs = 0;
    const meter = new SpeedMeter(() => nowMs);
    expect(meter.bytesPerSecond).toBeNull();
    for (let second = 0; second < 20; second++) {
      nowMs += 1000;
      meter.add(second < 10 ? 1e6 : 3e6);
    }

    expect(meter.bytesPerSecond).toBeCloseTo(3e6);
    expect(meter.leftMs(6e6)).toBeCloseTo(2000);
  });

  test('knows nothing right after a pause', () => {
    let nowMs = 0;
    const meter = new SpeedMeter(() => nowMs);
    nowMs += 5000;
    meter.add(1e6);

    meter.restart();

    expect(meter.bytesPerSecond).toBeNull();
    expect(meter.leftMs(1)).toBeNull();
  });
});

test.each<[string | null, number | null]>([
  ['0', 0],
  ['120', 120_000],
  ['Sun, 22 Nov 2026 12:00:30 GMT', 30_000],
  ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
  ['soon', null],
  ['-5', null],
  [null, null],
])('Retry-After %s is %s ms', (header, ms) => {
  expect(retryAfterMs(header, Date.UTC(2026, 10, 22, 12))).toBe(ms);
});

describe('a crew', () => {
  test('grows while it works and ends when the last has', async () => {
    const order: string[] = [];
    const crew = new Crew(async () => {
      order.push('begun');
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (order.length < 3) crew.add();
      order.push('done');
    });
    crew.add();
    crew.add();

    await crew.finish();

    expect(order.filter((what) => what === 'begun').length).toBeGreaterThan(2);
    expect(crew.size).toBe(0);
  });

  test('stops all when one fails, and fails with that', async () => {
    const crew = new Crew(async (_isSurplus, signal) => {
      if (crew.size === 1) throw new Error('the first');
      await pause(60_000, signal);
    });
    const waiting = (async () => {
      crew.add();
      crew.add();
      crew.add();
      await crew.finish();
    })();

    await expect(waiting).rejects.toThrow('the first');
  });

  test('lets go the youngest when fewer are wanted', async () => {
    let wanted = 3;
    const gone: number[] = [];
    const crew = new Crew(async (isSurplus, signal) => {
      const number = crew.size;
      while (!isSurplus(wanted) && !signal.aborted) await pause(1, signal);
      gone.push(number);
    });
    for (let member = 0; member < 3; member++) crew.add();
    wanted = 1;
    await pause(20, new AbortController().signal);

    expect(new Set(gone)).toEqual(new Set([2, 3]));
    crew.stop();
    await crew.finish();
  });
});

test('a failure of a host carries what a person reads', () => {
  const failure = lasting(new AppError('length-mismatch', 'too long'));

  expect(failure).toBeInstanceOf(HostFailure);
  expect(failure.error).toBeInstanceOf(AppError);
  expect(failure.error.code).toBe('length-mismatch');
});

async function partOf(chunks: number): Promise<PartFile> {
  const part = await PartFile.open(new MemoryFiles(), partIn('d'), wanted);
  await part.learnTotal(chunks * CHUNK_BYTES);
  return part;
}

async function keep(
  part: PartFile,
  index: number,
  bytes: Uint8Array,
  from: typeof sender = sender,
): Promise<void> {
  await part.write(index, bytes);
  await part.record(index, bytes.byteLength, sha256Of(bytes), from);
}

function chunk(index: number): Uint8Array {
  return new Uint8Array(CHUNK_BYTES).fill(index + 1);
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Runs for `seconds` with a line that gives `speed(width)` bytes a second. @returns the widths it had */
function widthsOver(seconds: number, speed: (width: number) => number): number[] {
  let nowMs = 0;
  const widening = new Widening(() => nowMs);
  const widths: number[] = [];
  for (; nowMs < seconds * 1000; nowMs += 100) {
    widening.add(speed(widening.width) / 10);
    if (widths.at(-1) !== widening.width) widths.push(widening.width);
  }
  return widths;
}
