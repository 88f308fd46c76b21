import { describe, expect, test } from 'vitest';
import { listServedFiles, parseServedFiles } from '../../src/state/served-files.ts';

describe('models that lie beside the page', () => {
  test('are read from their list, with or without sizes', () => {
    const listed = ['a b.gguf', { fileName: 'c.GGUF', totalBytes: 12 }];

    expect(parseServedFiles(listed, 'models/')).toEqual([
      { fileName: 'a b.gguf', url: 'models/a%20b.gguf', totalBytes: null },
      { fileName: 'c.GGUF', url: 'models/c.GGUF', totalBytes: 12 },
    ]);
  });

  test.each([
    ['another folder', '../x.gguf'],
    ['another host', '//evil.example/x.gguf'],
    ['another kind of file', 'x.zip'],
    ['not a name', { fileName: 7 }],
    ['nothing', null],
  ])('%s is left out', (_case, entry) => {
    expect(parseServedFiles([entry], 'models/')).toEqual([]);
  });

  test.each<[string, () => Promise<Response>]>([
    ['the host has no list', () => Promise.resolve(new Response('', { status: 404 }))],
    ['a web page comes instead', () => Promise.resolve(new Response('<!doctype html>'))],
    ['the list is of another shape', () => Promise.resolve(new Response('{"files": 1}'))],
    ['the network is gone', () => Promise.reject(new TypeError('Failed to fetch'))],
  ])('there are none when %s', async (_case, answer) => {
    const files = await listServedFiles(answer, 'models/');

    expect(files).toEqual([]);
  });
});
