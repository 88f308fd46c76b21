import { describe, expect, test } from 'vitest';
import type { DownloadProgress } from '../../src/contract/download.ts';
import type { Fit } from '../../src/state/fit.ts';
import { describeFit } from '../../src/ui/models/describe-fit.ts';
import { describeTransfer } from '../../src/ui/models/describe-transfer.ts';
import '../support/speak-english.ts';

describe('the verdict before the first byte', () => {
  const room = { verdict: 'fits', neededBytes: 1.01e9, leftBytes: 58e9 } as const;
  const memory = {
    verdict: 'fits',
    neededBytes: 1.2e9,
    deviceBytes: 8e9,
    basis: 'measured',
  } as const;

  test.each<[string, Fit]>([
    [
      'Fits: it takes 1.01 GB of room on this device, and at most 1.20 GB of memory while it loads.',
      { verdict: 'fits', room, memory },
    ],
    [
      'Tight: it takes up to 3.70 GB of memory while it loads, of about 8 GB in this device; close other tabs first.',
      { verdict: 'tight', room, memory: { ...memory, verdict: 'tight', neededBytes: 3.7e9 } },
    ],
    [
      'Will not fit: it takes 1.01 GB of room on this device, and the browser would give this page 900 MB.',
      { verdict: 'no', room: { ...room, verdict: 'no', leftBytes: 900e6 }, memory },
    ],
    [
      'Will not fit: it takes up to an estimated 3.70 GB of memory while it loads, and of about 4 GB in this device a page gets half at best.',
      {
        verdict: 'no',
        room,
        memory: {
          verdict: 'no',
          neededBytes: 3.7e9,
          deviceBytes: 4e9,
          basis: 'scaled',
        },
      },
    ],
    [
      'Will not fit: it takes up to 5.00 GB of memory while it loads, and a page gets 4.29 GB at best.',
      {
        verdict: 'no',
        room,
        memory: { ...memory, verdict: 'no', neededBytes: 5e9, deviceBytes: null },
      },
    ],
    ['', { verdict: null, room: null, memory: null }],
  ])('%s', (sentence, fit) => {
    expect(describeFit(fit)).toBe(sentence);
  });
});

describe('how a download comes along', () => {
  const moving: DownloadProgress = {
    type: 'progress',
    doneBytes: 1e6,
    totalBytes: 4e6,
    bytesPerSecond: 12.3e6,
    leftMs: 4000,
    connections: 1,
    host: 'huggingface.co',
    wait: null,
  };

  test.each<[string, DownloadProgress]>([
    ['12 MB/s from huggingface.co', moving],
    ['12 MB/s from huggingface.co in 3 ranges at once', { ...moving, connections: 3 }],
    ['from huggingface.co', { ...moving, bytesPerSecond: null }],
    ['Waits for the network', { ...moving, wait: { reason: 'offline', waitMs: null } }],
    [
      'The host asks for patience; tries again in 30 s',
      { ...moving, wait: { reason: 'asked-to', waitMs: 30_000 } },
    ],
    [
      'The connection broke; tries again in 2 s',
      { ...moving, wait: { reason: 'trouble', waitMs: 2_000 } },
    ],
    [
      'Another tab downloads another model',
      { ...moving, wait: { reason: 'other-download', waitMs: null } },
    ],
  ])('%s', (sentence, transfer) => {
    expect(describeTransfer(transfer)).toBe(sentence);
  });
});
