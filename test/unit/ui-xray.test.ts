/** Answers opened as tokens, of which there may be many thousand. */
import { signal } from '@preact/signals';
import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { describe, expect, test } from 'vitest';
import type { TracedToken } from '../../src/state/traces.ts';
import { runsOf } from '../../src/ui/inspector/prompt-runs.ts';
import { timeLine } from '../../src/ui/inspector/time-line.ts';
import { blocksOf } from '../../src/ui/inspector/token-blocks.ts';
import { TokenList } from '../../src/ui/inspector/TokenList.tsx';
import { TokenTable } from '../../src/ui/inspector/TokenTable.tsx';
import '../support/speak-english.ts';

function tokensOf(texts: readonly string[]): readonly TracedToken[] {
  return texts.map((text, id) => ({
    id,
    text,
    logprob: -0.5,
    atMs: id * 10,
    before: 0.5,
    entropyNats: 1,
    alternatives: [],
  }));
}

/** Lines of ten tokens. */
const LONG = tokensOf(
  Array.from({ length: 10_000 }, (_, index) => (index % 10 === 9 ? '.\n' : ` w${index}`)),
);

describe('the tokens of an answer are shown in blocks', () => {
  test('that end where lines do, and together are the answer', () => {
    const blocks = blocksOf(LONG);

    expect(blocks[0]).toEqual({ from: 0, until: 100 });
    expect(blocks.every(({ until }) => LONG[until - 1]?.text.endsWith('\n'))).toBe(true);
    expect(blocks.map(({ from }) => from)).toEqual([
      0,
      ...blocks.slice(0, -1).map(({ until }) => until),
    ]);
    expect(blocks.at(-1)?.until).toBe(LONG.length);
  });

  test('even where no line ends', () => {
    const blocks = blocksOf(tokensOf(Array.from({ length: 1200 }, () => ' so')));

    expect(blocks.map(({ until }) => until)).toEqual([500, 1000, 1200]);
  });

  test('of which a short answer has one', () => {
    expect(blocksOf(tokensOf(['a', '\n', 'b']))).toEqual([{ from: 0, until: 3 }]);
    expect(blocksOf([])).toEqual([]);
  });
});

describe('of a very long answer', () => {
  const html = (at: number) =>
    renderToString(h(TokenList, { tokens: LONG, chosen: signal(at), onChoose: () => {} }));

  test('those tokens alone are made that are looked at or chosen from; the rest is there as text', () => {
    const made = html(0);

    expect(made.match(/role="option"/g)).toHaveLength(100);
    expect(made).toContain('aria-setsize="10000" aria-posinset="100"');
    expect(made).toContain(' w9990 w9991');
  });

  test('the chosen token is there wherever it is', () => {
    const made = html(9_999);

    expect(made.match(/role="option"/g)).toHaveLength(200);
    const [, active = 'none'] = /aria-activedescendant="([^"]+)"/.exec(made) ?? [];
    expect(made).toContain(`id="${active}"`);
    expect(made.match(/aria-selected="true"/g)).toHaveLength(1);
  });

  test('no row of the table is made before it is asked for', () => {
    expect(renderToString(h(TokenTable, { tokens: LONG }))).not.toContain('<tr>');
  });
});

describe('times are drawn as a line', () => {
  test('each as it is where they are few', () => {
    expect(timeLine([5, 20, 10])).toEqual({
      most: 20,
      points: [
        [0, 0.25],
        [50, 1],
        [100, 0.5],
      ],
    });
  });

  test('with no more points than can be told apart, and none lost that stands out', () => {
    const times = Array.from({ length: 10_000 }, () => 5);
    times[7_001] = 90;
    times[3_333] = 0;

    const { most, points } = timeLine(times);

    expect(most).toBe(90);
    expect(points.length).toBeLessThanOrEqual(800);
    expect(points.filter(([, y]) => y === 1)).toHaveLength(1);
    expect(points.filter(([, y]) => y === 0)).toHaveLength(1);
    expect(points.map(([x]) => x)).toEqual(points.map(([x]) => x).toSorted((a, b) => a - b));
  });
});

test('pieces of a prompt that follow each other are one text, and control tokens stand by themselves', () => {
  const text = (piece: string) => ({ text: piece, isControl: false });
  const control = { text: '<|im_start|>', isControl: true };

  expect(runsOf([control, text('us'), text('er'), control, control, text('Hi')])).toEqual([
    control,
    text('user'),
    control,
    control,
    text('Hi'),
  ]);
});
