import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/contract/errors.ts';
import type { WayOutTried } from '../../src/contract/requests.ts';
import { createAppState } from '../../src/state/app-state.ts';
import { allRefused } from '../../src/state/privacy.ts';
import { receipt } from '../../src/state/receipt.ts';
import { fakeDependencies } from '../support/fake-dependencies.ts';
import { FakeEngine, REFUSED_FETCH } from '../support/fake-engine.ts';

const SENT: WayOutTried = { way: 'image', outcome: 'sent', directive: null, policy: null };

test('requests are in the ledger as they are made', () => {
  const world = fakeDependencies();
  const app = createAppState(world);

  world.witness.request({ maker: 'inference' }, 'workers/inference/a.js', 'ort/1/a.wasm');

  expect(app.privacy.ledger.value.lines.map(({ purpose }) => purpose)).toEqual([
    'worker',
    'runtime',
  ]);
});

describe('the fire drill', () => {
  test('tells of page and engine apart', async () => {
    const world = fakeDependencies();
    const app = createAppState(world);
    world.witness.waysOut = [SENT];

    await app.privacy.runDrill();

    expect(app.privacy.drill.value).toMatchObject({
      type: 'done',
      page: [SENT],
      inference: [REFUSED_FETCH],
    });
  });

  test('passes only when every way was tried and refused by the policy', () => {
    const failed: WayOutTried = { ...SENT, outcome: 'failed' };

    expect(allRefused([REFUSED_FETCH])).toBe(true);
    expect(allRefused([REFUSED_FETCH, failed])).toBe(false);
    expect(allRefused([REFUSED_FETCH, SENT])).toBe(false);
    expect(allRefused([])).toBe(false);
  });

  test('an engine that dies under it is told of, and the next drill works', async () => {
    const engine = new FakeEngine();
    const app = createAppState(fakeDependencies({ engine }));
    engine.script.failNextDrill = new AppError('worker-died', 'it is gone');
    await app.privacy.runDrill();
    const during = app.privacy.drill.value;

    await app.privacy.runDrill();

    expect(during).toMatchObject({ type: 'failed', error: { code: 'worker-died' } });
    expect(app.privacy.drill.value.type).toBe('done');
  });
});

test('a receipt holds times, versions, totals, policy and tries, and nothing that was said', async () => {
  const world = fakeDependencies();
  const app = createAppState(world);
  world.witness.policies = [{ bound: 'page', source: 'header', text: "connect-src 'self'" }];
  await app.models.start();
  await app.conversation.ask('my secret question');
  world.witness.request({}, 'index.html');
  await app.privacy.readPolicies();
  await app.privacy.runDrill();

  const text = receipt({
    date: '2026-11-25T10:00:00.000Z',
    address: world.witness.base,
    browser: 'Fake/1',
    isIsolated: true,
    versions: { page: '0.1.0' },
    ledger: app.privacy.ledger.value,
    policies: app.privacy.policies.value,
    drill: app.privacy.drill.value,
    offline: app.offline.state.value,
    limits: ['extensions'],
  });

  expect(JSON.parse(text)).toMatchObject({
    format: 'offgrid-privacy-receipt/1',
    date: '2026-11-25T10:00:00.000Z',
    versions: { page: '0.1.0' },
    totals: { requests: 1, networkBytes: 100, requestsElsewhere: 0 },
    policies: [{ text: "connect-src 'self'" }],
    tries: { page: [{ outcome: 'refused' }], inference: [{ outcome: 'refused' }] },
  });
  expect(text).not.toMatch(/secret|Paris/);
});
