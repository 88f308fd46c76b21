/** Every language is whole, and no words are anywhere else. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as english from '../../src/ui/words/en.ts';
import { fetchFirst, fetchLater, LANGUAGES } from '../../src/ui/languages.ts';
import type { LaterWords } from '../../src/ui/spoken.ts';

/** What is the same in any language: names, signs, and what a person types. */
const SAME = new Set([
  'numbers.locale',
  'page.title',
  'figures.live.unit',
  'units.perSecond',
  'units.tokens',
  'answerLine.rate',
  'models.withSize',
  'shelf.addressExample',
  'shelf.hash',
  'engines.names.simd-int8',
  'settings.numbers.topK.name',
  'settings.numbers.topP.name',
  'settings.numbers.minP.name',
  'xray.token',
  'ledger.answers.service-worker',
  'drill.ways.fetch',
  'drill.ways.websocket',
  'drill.ways.beacon',
  'benchmark.names.sha256',
  'benchmark.names.gpu',
  'benchmark.names.runtime',
  'benchmark.length',
]);

/** Every word with the place it stands in; of functions, what they say when they are given marks. */
function said(words: unknown, place = ''): readonly (readonly [string, string])[] {
  if (typeof words === 'string') return [[place, words]];
  if (typeof words === 'function') {
    const marks = Array.from({ length: words.length }, (_, index) => index + 7);
    try {
      return [[place, String((words as (...marks: number[]) => unknown)(...marks))]];
    } catch {
      return [[place, String((words as (...marks: unknown[]) => unknown)('7', ['8', '9']))]];
    }
  }
  if (typeof words !== 'object' || words === null) return [];
  return Object.entries(words).flatMap(([name, inner]) =>
    said(inner, place === '' ? name : `${place}.${name}`),
  );
}

/** Failures are said with the numbers of their case: failure-sentences.test.ts. */
const withoutFailures = (words: LaterWords) => ({ ...words, errors: {} });

const ofEnglish = [...said(english.first), ...said(withoutFailures(english.later))];

describe.each(LANGUAGES.filter((tag) => tag !== 'en'))('in %s', async (tag) => {
  const later = withoutFailures(await fetchLater(tag));
  const spoken = new Map([...said(await fetchFirst(tag)), ...said(later)]);

  test('everything is said that English says', () => {
    expect([...spoken.keys()].sort()).toEqual(ofEnglish.map(([place]) => place).sort());
  });

  test('nothing is left in English', () => {
    const left = ofEnglish.filter(
      ([place, words]) =>
        !SAME.has(place) && /[a-z]{2}/i.test(words) && spoken.get(place) === words,
    );

    expect(left).toEqual([]);
  });

  test('nothing is empty, and every number that goes into a sentence comes out of it', () => {
    const lacking = ofEnglish.filter(([place, words]) => {
      const own = spoken.get(place) ?? '';
      const marks = new Set(words.match(/(?<!\d)(?:7|8|9)(?!\d)/g));
      return (
        (own === '' && place !== 'joints.gap') || [...marks].some((mark) => !own.includes(mark))
      );
    });

    expect(lacking).toEqual([]);
  });
});

test('no component has words of its own', () => {
  const folder = join(import.meta.dirname, '../../src/ui');
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.tsx'))
    .flatMap((path) => {
      const source = readFileSync(join(folder, path), 'utf8').replace(
        /\/\*[^]*?\*\/|\/\/.*$/gm,
        '',
      );
      const texts = [
        ...source.matchAll(/>\s*([^<>{}=;()]*[A-Za-z]{2}[^<>{}=;()]*)\s*<\//g),
        ...source.matchAll(/\s(?:aria-label|title|placeholder|alt|label)="([^"]*)"/g),
      ];
      return texts.map(([, text = '']) => `${path}: ${text.trim()}`);
    });

  expect(found).toEqual([]);
});
