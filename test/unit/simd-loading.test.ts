import { describe, expect, test } from 'vitest';
import { nodeThreads } from '../../models/cli/kernel-threads.ts';
import { readKernels } from '../../models/cli/read-kernels.ts';
import type { LoadEvent } from '../../src/contract/engine.ts';
import { AppError } from '../../src/contract/errors.ts';
import { openKernels } from '../../src/engine/simd/open-kernels.ts';
import { openSimd } from '../../src/engine/simd/open-simd.ts';
import type { StartThread } from '../../src/engine/simd/thread-pool.ts';
import { createFingerprint } from '../../src/lib/fingerprint.ts';
import { compileForSimdInMemory, tinyBytes } from '../support/compiled-tiny.ts';
import { openInMemory, syncSourceOf } from '../support/simd-tiny.ts';

const TOKENS = [5, 17, 3, 42, 8, 61, 12, 33];

describe('opening a file', () => {
  test('refuses it when any part of it has changed: header, weights, the last byte', async () => {
    const bytes = await tinyBytes();
    const header = Buffer.from(bytes).indexOf('Tiny');

    for (const at of [header, bytes.length >> 1, bytes.length - 1]) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const source = syncSourceOf(changed);

      await expect(openInMemory(bytes, {}, { source })).rejects.toMatchObject({
        code: 'model-changed',
      });
    }
  });

  test('refuses one that was cut or has grown', async () => {
    const bytes = await tinyBytes();

    for (const other of [bytes.slice(0, -1), new Uint8Array(bytes.length + 1)]) {
      const source = syncSourceOf(other);

      await expect(openInMemory(bytes, {}, { source })).rejects.toMatchObject({
        code: 'model-changed',
      });
    }
  });

  test('refuses one that is cut while it is read', async () => {
    const bytes = await tinyBytes();
    const whole = syncSourceOf(bytes);
    const source = {
      ...whole,
      readInto(offset: number, target: Uint8Array) {
        if (offset + target.length > bytes.length - 1) throw new RangeError('the file ended');
        whole.readInto(offset, target);
      },
    };

    await expect(openInMemory(bytes, {}, { source })).rejects.toMatchObject({
      code: 'model-changed',
    });
  });

  test('refuses heads that the kernels cannot take, so that another engine has its turn', async () => {
    const bytes = await tinyBytes();
    const { manifest } = await compileForSimdInMemory(bytes);
    const shape = { ...manifest.shape, headSize: 24 };

    await expect(openInMemory(bytes, {}, { manifest: { shape } })).rejects.toMatchObject({
      code: 'runtime-failed',
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
    const { folder } = await compileForSimdInMemory(bytes);
    const events: LoadEvent[] = [];
    const options = {
      contextTokens: 64,
      threads: 1,
      readKernels,
      startThread: await nodeThreads(),
    };

    const { model, summary } = await openSimd(
      { folder, openSource: async () => syncSourceOf(bytes) },
      options,
      (event) => events.push(event),
    );

    const fractions = events.map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions[0]).toBe(0);
    expect(fractions.at(-1)).toBe(1);
    expect(summary.phases.map(({ name }) => name)).toEqual([
      'runtime',
      'weights',
      'tokenizer',
      'warm-up',
      'self-test',
    ]);
    await model.dispose();
  });

  test('makes the context no longer than the model was trained for', async () => {
    const { model, manifest } = await openInMemory(await tinyBytes(), { contextTokens: 1_000_000 });

    expect(model.contextTokens).toBe(manifest.shape.trainedContextTokens);
    await model.dispose();
  });

  test('fails as a whole when a thread does not start', async () => {
    let ended = 0;
    const start = await nodeThreads();
    const startThread: StartThread = (order, events) => {
      if (order.thread === 2) {
        queueMicrotask(() => events.onDeath(new Error('refused')));
        return { terminate: async () => {} };
      }
      const thread = start(order, events);
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
