import { describe, expect, test } from 'vitest';
import { tokensPerSecondNow } from '../../src/state/live-rate.ts';
import { RateTrace } from '../../src/state/rate-trace.ts';
import { createSpeedometer } from '../../src/state/speedometer.ts';
import { FakeClock } from '../support/fake-dependencies.ts';

describe('live decoding speed', () => {
  test.each<[string, number[], number, number | null]>([
    ['no token is unknown, not 0', [], 500, null],
    ['one token has nothing before it to count from', [400], 500, null],
    ['two tokens 100 ms apart are 10 a second', [400, 500], 500, 10],
    ['tokens older than a second do not count', [0, 100, 5000, 5100, 5200], 5200, 0.588],
    ['a steady stream keeps its rate', [0, 500, 1000, 1500, 2000], 2000, 2],
    ['a model slower than a token a second still has a rate', [0, 1600, 3200], 3300, 0.625],
    ['after a second of silence it is unknown', [0, 100, 200], 1300, null],
    ['two tokens at the same instant measure nothing', [100, 100], 100, null],
  ])('%s', (_case, atMs, nowMs, expected) => {
    const perSecond = tokensPerSecondNow(atMs, nowMs);

    if (expected === null) expect(perSecond).toBeNull();
    else expect(perSecond).toBeCloseTo(expected, 3);
  });
});

describe('the trace', () => {
  test('keeps the newest readings and forgets the oldest', () => {
    const trace = new RateTrace(3);

    for (const atMs of [1, 2, 3, 4]) trace.push({ atMs, perSecond: atMs === 3 ? null : atMs });

    expect([...trace.since(0)]).toEqual([
      { atMs: 2, perSecond: 2 },
      { atMs: 3, perSecond: null },
      { atMs: 4, perSecond: 4 },
    ]);
    expect([...trace.since(4)]).toHaveLength(1);
    expect(trace.lastAtMs).toBe(4);
  });
});

describe('the speedometer', () => {
  test('reads four times a second while a reply runs, and is unknown before and after', () => {
    const clock = new FakeClock();
    const meter = createSpeedometer(clock);
    clock.advance(10_000);

    meter.begin();
    const before = meter.perSecond.value;
    for (let atMs = 100; atMs <= 1000; atMs += 100) {
      clock.advance(100);
      meter.note([atMs]);
    }
    clock.advance(0);
    const during = meter.perSecond.value;
    meter.end();

    expect(before).toBeNull();
    expect(during).toBeCloseTo(10, 6);
    expect(meter.perSecond.value).toBeNull();
    expect(meter.readings.value).toBe(4);
    expect(clock.timers).toBe(0);
  });

  test('survives the clocks of page and worker being far apart', () => {
    const clock = new FakeClock();
    const meter = createSpeedometer(clock);
    clock.advance(3_600_000);

    meter.begin();
    meter.note([250]);
    clock.advance(100);
    meter.note([350]);
    clock.advance(150);

    expect(meter.perSecond.value).toBeCloseTo(10, 6);
  });
});
