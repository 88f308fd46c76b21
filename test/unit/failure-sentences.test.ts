/** Every failure is said in every language, with the numbers and names of its case, whatever comes over a thread. */
import { describe, expect, test } from 'vitest';
import { ERROR_CODES, fromWire, toWire, type ErrorCode } from '../../src/contract/errors.ts';
import { FAILURE_CASES, readDetail, type FailureDetail } from '../../src/contract/failure-cases.ts';
import { createFormat, type Format } from '../../src/lib/format.ts';
import { fetchFirst, fetchLater, LANGUAGES } from '../../src/ui/languages.ts';
import { sentenceOf } from '../../src/ui/words/shape/failure-sentences.ts';

interface Sample {
  readonly code: ErrorCode;
  readonly detail: FailureDetail | null;
  /** How each number and name of the detail may be written. */
  readonly marks: readonly (readonly [field: string, writings: (format: Format) => string[]])[];
}

/** A refusal is explained by the status: one of each kind. */
const HTTP_STATUSES = [401, 404, 418, 429, 503];

const samples: readonly Sample[] = [
  ...ERROR_CODES.map((code) => ({ code, detail: null, marks: [] })),
  ...Object.entries(FAILURE_CASES).flatMap(([code, cases]) =>
    Object.entries(cases).flatMap(([type, fields]) =>
      'httpStatus' in fields
        ? HTTP_STATUSES.map((httpStatus) => sample(code, type, fields, httpStatus))
        : [sample(code, type, fields)],
    ),
  ),
];

function sample(code: string, type: string, fields: object, httpStatus?: number): Sample {
  const values = Object.entries(fields).map(([field, kind], index) => {
    const amount = httpStatus ?? 1_234_567_890 + 1_111_000_000 * index;
    return [field, kind === 'name' ? `name ${index + 7} of it` : amount] as const;
  });
  const told = { type, ...Object.fromEntries(values) };
  const detail = readDetail(code as ErrorCode, told);
  expect(detail, `${code} ${type}`).toEqual(told);
  const marks = values.map(
    ([field, value]) => [field, (format: Format) => writingsOf(value, format)] as const,
  );
  return { code: code as ErrorCode, detail, marks };
}

function writingsOf(value: string | number, format: Format): string[] {
  if (typeof value === 'string') return [value];
  return [format.count(value), format.bytes(value), format.megabytes(value)];
}

const nameOf = ({ code, detail }: Sample) =>
  detail === null ? code : `${code} ${Object.values(detail).join(' ')}`;

describe.each(LANGUAGES)('in %s', async (tag) => {
  const format = createFormat((await fetchFirst(tag)).numbers);
  const { short } = (await fetchFirst(tag)).failures;
  const { sentences } = (await fetchLater(tag)).errors;

  test.each(samples.map((one) => [nameOf(one), one] as const))('%s is said', (_name, one) => {
    const said = sentenceOf(one, sentences, format);

    expect(said).toMatch(tag === 'en' ? /^[A-Z].*[.]$/ : /\p{Script=Han}.*。$/u);
    expect(said).not.toMatch(/undefined|null|NaN|\[object/);
    for (const [field, writings] of one.marks) {
      const isSaid = writings(format).some((writing) => said.includes(writing));
      expect(isSaid, `${field} in “${said}”`).toBe(true);
    }
  });

  test('every case has a sentence of its own', () => {
    const all = samples.map((one) => sentenceOf(one, sentences, format));
    const guideChanged = samples.filter(({ detail }) => detail?.type === 'guide-changed');

    expect(new Set(all).size).toBe(samples.length - (guideChanged.length - 1));
  });

  test('what is said before the sentences are here is short', () => {
    for (const [code, said] of Object.entries(short)) {
      const known = code === 'other' ? 'internal' : (code as ErrorCode);
      const whole = sentenceOf({ code: known, detail: null }, sentences, format);

      expect(said).toMatch(/[.。]$/);
      expect(said.length).toBeLessThanOrEqual(whole.length);
    }
  });

  test.each<[string, ErrorCode, unknown]>([
    ['none', 'storage-full', undefined],
    ['a text', 'storage-full', 'too-little-room'],
    ['a list', 'storage-full', ['too-little-room', 1, 2]],
    ['a function’s name', 'storage-full', { type: 'toString' }],
    ['the prototype', 'storage-full', JSON.parse('{ "type": "__proto__" }')],
    ['the sentence without numbers', 'storage-full', { type: 'plain' }],
    ['a case of another code', 'storage-full', { type: 'long-message', messageTokens: 1 }],
    ['a case of a code without any', 'internal', { type: 'too-little-room' }],
    ['a case without its numbers', 'storage-full', { type: 'too-little-room' }],
    ['numbers that are none', 'storage-full', { type: 'ran-out', neededBytes: Number.NaN }],
    ['less than nothing', 'storage-full', { type: 'ran-out', neededBytes: -1 }],
    ['without end', 'storage-full', { type: 'ran-out', neededBytes: Infinity }],
    ['a number as a text', 'storage-full', { type: 'ran-out', neededBytes: '<b>1</b>' }],
    ['an object as a name', 'missing-tensor', { type: 'named-tensor', tensor: {} }],
    ['a name of two lines', 'missing-tensor', { type: 'named-tensor', tensor: 'a\nb' }],
    ['a name that turns the line', 'missing-tensor', { type: 'named-tensor', tensor: 'a\u202Eb' }],
    ['a name without end', 'missing-tensor', { type: 'named-tensor', tensor: 'a'.repeat(101) }],
  ])('of a detail that is %s, the code is said', (_what, code, told) => {
    const wire = { ...toWire(null), code, detail: told as FailureDetail };

    const error = fromWire(structuredClone(wire));

    expect(error.detail).toBeNull();
    expect(sentenceOf(error, sentences, format)).toBe(
      sentenceOf({ code, detail: null }, sentences, format),
    );
  });

  test('a code that this version does not know is said as what nobody expected', () => {
    const error = fromWire({ ...toWire(null), code: 'constructor' as ErrorCode });

    expect(sentenceOf(error, sentences, format)).toBe(sentences.internal);
  });
});

test('what crosses a thread is the detail and nothing beside it', () => {
  const detail = { type: 'ran-out', neededBytes: 5, prompt: 'secret' } as FailureDetail;

  const error = fromWire({ ...toWire(null), code: 'storage-full', detail });

  expect(error.detail).toEqual({ type: 'ran-out', neededBytes: 5 });
});
