import { expect, test } from 'vitest';
import { listRepository } from '../../src/store/download/list-repository.ts';
import { failureOf } from '../support/failure-of.ts';

const TREE = [
  { type: 'directory', path: 'q', size: 0 },
  { type: 'file', path: 'README.md', size: 100 },
  { type: 'file', path: 'q/large-q8_0.gguf', size: 500, lfs: { oid: 'a'.repeat(64), size: 500 } },
  { type: 'file', path: 'small-q4_k_m.gguf', size: 300 },
  { type: 'file', path: 'huge-00001-of-00002.gguf', size: 900 },
  { type: 'file', path: 'sizeless.gguf' },
];

/** A hub that answers as `answers` say, by host; those that are not named are not to be reached. */
function hub(
  answers: Readonly<Record<string, () => Response | Promise<Response>>>,
  stallMs = 5_000,
) {
  const asked: string[] = [];
  const network = {
    origin: 'https://page.example',
    stallMs,
    fetch: async (url: string, init: RequestInit) => {
      asked.push(url);
      expect(init).toMatchObject({ referrerPolicy: 'no-referrer', credentials: 'omit' });
      const answer = answers[new URL(url).host];
      if (answer === undefined) throw new TypeError('no route');
      return answer();
    },
  };
  return { asked, network };
}

test('models in one file are listed, smallest first', async () => {
  const { asked, network } = hub({ 'huggingface.co': () => Response.json(TREE) });

  expect(await listRepository('a/b', network)).toEqual([
    { path: 'small-q4_k_m.gguf', totalBytes: 300 },
    { path: 'q/large-q8_0.gguf', totalBytes: 500 },
  ]);
  expect(asked).toEqual(['https://huggingface.co/api/models/a/b/tree/main?recursive=true']);
});

test.each<[string, () => Response | Promise<Response>]>([
  ['cannot be reached', () => Promise.reject(new TypeError('no route'))],
  ['falls silent', () => new Promise(() => {})],
  ['answers with a page', () => new Response('<!doctype html>')],
])('the mirror is asked where the hub %s', async (_how, answer) => {
  const { network } = hub(
    { 'huggingface.co': answer, 'hf-mirror.com': () => Response.json(TREE.slice(3, 4)) },
    50,
  );

  expect(await listRepository('a/b', network)).toHaveLength(1);
});

test.each([
  ['there is none, or not for everybody', 401, /no such repository/],
  ['the hub has trouble', 503, /Check the connection/],
])('it says so where %s', async (_what, status, sentence) => {
  const { network } = hub({ 'huggingface.co': () => new Response(null, { status }) });

  expect(await failureOf(listRepository('a/b', network))).toMatchObject({
    code: 'download-failed',
    sentence: expect.stringMatching(sentence) as string,
  });
});
