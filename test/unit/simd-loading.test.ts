import { describe, expect, test } from 'vitest';
import { startNodeThread } from '../../models/cli/kernel-threads.ts';
import { readKernels } from '../../models/cli/read-kernels.ts';
import type { LoadEvent } from '../../src/contract/engine.ts';
import { AppError } from '../../src/contract/errors.ts';
import { createFingerprint } from '../../src/engine/simd/fingerprint.ts';
import { openKernels } from '../../src/engine/simd/open-kernels.ts';
import { openSimd, type VerifiedFile } from '../../src/engine/simd/open-simd.ts';
import type { StartThread } from '../../src/engine/simd/thread-pool.ts';
import { tinyBytes } from '../support/compiled-tiny.ts';
import { openInMemory, syncSourceOf } from '../support/simd-tiny.ts';

const TOKENS = [5, 17, 3, 42, 8, 61, 12, 33];

describe('opening a file', () => {
  test('takes it when its fingerprint is the one of the verified file', async () => {
    const bytes = await tinyBytes();
    const { model, fingerprint } = await openInMemory(bytes);
    await model.dispose();

    const again = await openInMemory(bytes, {}, { fingerprint });

    expect(again.fingerprint).toBe(fingerprint);
    await again.model.dispose();
  });

  test('refuses it when any part of it has changed since: header, weights, the last byte', async () => {
    const bytes = await tinyBytes();
    const { model, fingerprint } = await openInMemory(bytes);
    await model.dispose();
    const middle = bytes.length >> 1;

    for (const at of [indexOf(bytes, 'Tiny'), middle, bytes.length - 1]) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;

      await expect(openInMemory(changed, {}, { fingerprint })).rejects.toMatchObject({
        code: 'model-changed',
      });
    }
  });

  test('refuses one that was cut or has grown', async () => {
    const bytes = await tinyBytes();
    const { length } = bytes;

    for (const other of [bytes.slice(0, -1), new Uint8Array(length + 1)]) {
      await expect(openInMemory(other, {}, { totalBytes: length })).rejects.toMatchObject({
        code: 'model-changed',
      });
    }
  });

  test('refuses one that is cut while it is read', async () => {
    const bytes = await tinyBytes();
    const source = syncSourceOf(bytes);
    const cutting = {
      ...source,
      readInto(offset: number, target: Uint8Array) {
        if (offset + target.length > bytes.length - 1) throw new RangeError('the file ended');
        source.readInto(offset, target);
      },
    };

    await expect(openInMemory(bytes, {}, { source: cutting })).rejects.toMatchObject({
      code: 'model-changed',
    });
  });

  test('closes it, whether it is taken or refused', async () => {
    const bytes = await tinyBytes();
    const taken = syncSourceOf(bytes);
    const refused = syncSourceOf(bytes.slice(0, 100));

    const { model } = await openInMemory(bytes, {}, { source: taken });
    await expect(openInMemory(bytes, {}, { source: refused })).rejects.toThrow(AppError);

    expect(taken.isClosed).toBe(true);
    expect(refused.isClosed).toBe(true);
    await model.dispose();
  });

  test('tells how far it is, never less than before, up to the whole', async () => {
    const bytes = await tinyBytes();
    const file: VerifiedFile = {
      source: syncSourceOf(bytes),
      totalBytes: bytes.length,
      fingerprint: null,
    };
    const events: LoadEvent[] = [];
    const options = { contextTokens: 64, threads: 1, readKernels, startThread: startNodeThread };

    const { model, summary } = await openSimd(file, options, (event) => events.push(event));

    const fractions = events.map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions[0]).toBe(0);
    expect(fractions.at(-1)).toBe(1);
    expect(summary.phases.map(({ name }) => name)).toEqual([
      'runtime',
      'weights',
      'tokenizer',
      'warm-up',
    ]);
    await model.dispose();
  });

  test('makes the context no longer than the model was trained for', async () => {
    const { model, shape } = await openInMemory(await tinyBytes(), { contextTokens: 1_000_000 });

    expect(model.contextTokens).toBe(shape.trainedContextTokens);
    await model.dispose();
  });

  test('fails as a whole when a thread does not start', async () => {
    let ended = 0;
    const startThread: StartThread = (order, events) => {
      if (order.thread === 2) {
        queueMicrotask(() => events.onDeath(new Error('refused')));
        return { terminate: async () => {} };
      }
      const thread = startNodeThread(order, events);
      return {
        async terminate() {
          await thread.terminate();
          ended++;
        },
      };
    };

    const opening = openInMemory(await tinyBytes(), { threads: 3, startThread });

    await expect(opening).rejects.toMatchObject({ code: 'worker-died' });
    expect(ended).toBe(1);
  });
});

describe('the fingerprint', () => {
  test('is XXH64', async () => {
    const fingerprint = await createFingerprint();

    fingerprint.update(new TextEncoder().encode('Nobody inspects'));
    fingerprint.update(new TextEncoder().encode(' the spammish repetition'));

    // The example of https://github.com/ifduyue/python-xxhash
    expect(fingerprint.digest()).toBe('fbcea83c8a378bf1');
  });
});

describe('the kernels', () => {
  test('are the first build that is valid here', async () => {
    const { build } = await openKernels(async (name) =>
      name === 'relaxed' ? Uint8Array.of(0, 1, 2, 3) : readKernels(name),
    );

    expect(build).toBe('plain');
  });

  test('are refused where no build is valid', async () => {
    await expect(openKernels(async () => Uint8Array.of(1))).rejects.toMatchObject({
      code: 'runtime-failed',
    });
  });
});

test('a snapshot serves another model of the same file, on other threads and in the other build', async () => {
  const bytes = await tinyBytes();
  const { model: one } = await openInMemory(bytes, { builds: ['relaxed'] });
  const { model: other } = await openInMemory(bytes, { builds: ['plain'], threads: 2 });
  await one.prefill(TOKENS);

  await other.restore(await one.snapshot());

  expect(await other.score([7], 1)).toEqual(await one.score([7], 1));
  await one.dispose();
  await other.dispose();
});

function indexOf(bytes: Uint8Array, text: string): number {
  return Buffer.from(bytes).indexOf(text);
}
