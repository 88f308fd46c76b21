import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import {
  hashOnThreads,
  serveHashes,
  type HashThread,
} from '../../src/store/download/hash-threads.ts';
import { hashHere, type Hashing } from '../../src/store/download/hashing.ts';

/** Of each, its own side, and how it is told that it died. */
let threads: { readonly port: MessagePort; readonly die: (cause: unknown) => void }[] = [];
let hashing: Hashing | null = null;

afterEach(() => {
  hashing?.end();
  threads = [];
});

describe.each<[string, () => Hashing]>([
  ['on threads', () => hashOnThreads(startThread)],
  ['where a worker may start none', () => hashOnThreads(refuse)],
  ['where a thread does not come', () => hashOnThreads(neverStart)],
  ['here', () => hashHere],
])('hashing %s', (_name, start) => {
  test('tells the SHA-256 of what it is given, in order, and gives the bytes back', async () => {
    const started = (hashing = start());
    const given = [1, 2, 3].map((seed) => noise(5000 * seed, seed));
    const expected = given.map(sha256Of);

    const hashed = await Promise.all(given.map((bytes) => started.sha256Of(bytes)));

    expect(hashed.map(({ sha256 }) => sha256)).toEqual(expected);
    expect(hashed.map(({ bytes }) => sha256Of(bytes))).toEqual(expected);
  });

  test('tells the SHA-256 of a whole file as it comes, also after it was begun anew', async () => {
    hashing = start();
    const [wrong, first, second] = [noise(10, 9), noise(70_000, 1), noise(3, 2)];
    const expected = sha256Of(Buffer.concat([first, second]));
    const running = hashing.begin();

    await running.add(wrong);
    await running.restart();
    const back = await running.add(first);
    void running.add(second);

    expect(await running.digest()).toBe(expected);
    expect(back.byteLength).toBe(70_000);
  });
});

test('a thread that dies ends every wait for it', async () => {
  hashing = hashOnThreads(startThread);
  await hashing.sha256Of(noise(10, 1));
  threads[0]?.port.close();
  const waiting = [hashing.sha256Of(noise(10, 2)), hashing.sha256Of(noise(10, 3))];
  const outcomes = Promise.allSettled(waiting);
  await new Promise((resolve) => setTimeout(resolve));

  threads[0]?.die(new Error('killed by this test'));

  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'download-failed' } });
  }
  await expect(hashing.sha256Of(noise(10, 4))).rejects.toMatchObject({ code: 'download-failed' });
});

function startThread(): HashThread {
  const { port1: near, port2: port } = new MessageChannel();
  serveHashes(port, (error) => {
    throw error;
  });
  let die = (_cause: unknown) => {};
  threads.push({ port, die: (cause) => die(cause) });
  return Object.assign(near, {
    onDeath: (listener: (cause: unknown) => void) => void (die = listener),
    terminate: () => near.close(),
  });
}

function refuse(): HashThread {
  throw new ReferenceError('Worker is not defined');
}

function neverStart(): HashThread {
  return Object.assign(new MessageChannel().port1, {
    onDeath: (listener: (cause: unknown) => void) => listener(new Error('its script is missing')),
    terminate: () => {},
  });
}

function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + seed * 17) >>> 3);
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
