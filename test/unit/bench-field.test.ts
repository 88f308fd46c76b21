import { expect, test } from 'vitest';
import { Field } from '../bench/field.ts';

const fails = (message: string) => () => Promise.reject(new Error(message));
const works = () => Promise.resolve();
const nobody = () => {};

test('a peer that fails is out of every later part, and named with the reason', async () => {
  const heard: string[] = [];
  const field = new Field('ort-wasm', (line) => heard.push(line));

  expect(await field.attempt('wllama', 0, fails('no such file'))).toBe(false);

  expect(await field.attempt('wllama', 0, works)).toBe(false);
  expect(await field.attempt('wllama', 128, works)).toBe(false);
  expect(field.has('wllama')).toBe(false);
  expect(field.leftOut).toEqual({ wllama: 'no such file' });
  expect(heard).toEqual(['left out: wllama: no such file']);
});

test('a peer that fails at one prompt length keeps the shorter ones', async () => {
  const field = new Field('ort-wasm', nobody);

  await field.attempt('transformers.js', 2048, fails('out of memory'));

  expect(field.has('transformers.js')).toBe(true);
  expect(field.has('transformers.js', 512)).toBe(true);
  expect(field.has('transformers.js', 2048)).toBe(false);
  expect(field.has('transformers.js', 4096)).toBe(false);
  expect(field.leftOut).toEqual({
    'transformers.js from 2048 prompt tokens upwards': 'out of memory',
  });
});

test('others go on when one fails', async () => {
  const field = new Field('ort-wasm', nobody);
  await field.attempt('wllama', 0, fails('crashed'));

  expect(await field.attempt('transformers.js', 0, works)).toBe(true);
  expect(await field.attempt('ort-wasm', 0, works)).toBe(true);
});

test('a failure of our own engine is a failure of the bench', async () => {
  const field = new Field('ort-wasm', nobody);

  await expect(field.attempt('ort-wasm', 128, fails('crashed'))).rejects.toThrow('crashed');

  expect(field.leftOut).toEqual({});
});
