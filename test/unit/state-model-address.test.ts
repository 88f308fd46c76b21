import { expect, test } from 'vitest';
import { parseModelAddress } from '../../src/state/model-address.ts';

const PAGE = 'https://page.example/sub/';
const HUB = 'https://huggingface.co/Qwen/Q-GGUF/resolve/main/q-q4_k_m.gguf';

test.each([
  ['owner, repository and file', 'Qwen/Q-GGUF/q-q4_k_m.gguf'],
  ['the same with spaces around it', '  Qwen/Q-GGUF/q-q4_k_m.gguf\n'],
  ['the same with its host', 'huggingface.co/Qwen/Q-GGUF/q-q4_k_m.gguf'],
  ['the page about the file', 'https://huggingface.co/Qwen/Q-GGUF/blob/main/q-q4_k_m.gguf'],
  ['the page without its scheme', 'huggingface.co/Qwen/Q-GGUF/blob/main/q-q4_k_m.gguf'],
  [
    'the file itself',
    'https://huggingface.co/Qwen/Q-GGUF/resolve/main/q-q4_k_m.gguf?download=true',
  ],
  ['what git keeps of it', 'https://huggingface.co/Qwen/Q-GGUF/raw/main/q-q4_k_m.gguf#top'],
])('on Hugging Face a file may be named by %s', (_how, typed) => {
  expect(parseModelAddress(typed, PAGE)).toEqual({
    type: 'file',
    file: {
      of: 'host',
      title: 'q-q4_k_m.gguf',
      fileName: 'q-q4_k_m.gguf',
      urls: [HUB, HUB.replace('huggingface.co', 'hf-mirror.com')],
      expected: null,
    },
  });
});

test('a revision and a folder in the repository are kept', () => {
  const typed = 'https://huggingface.co/a/b/blob/0a1b2c/gguf%20files/m.gguf';

  expect(parseModelAddress(typed, PAGE)).toMatchObject({
    file: {
      fileName: 'm.gguf',
      urls: [
        'https://huggingface.co/a/b/resolve/0a1b2c/gguf%20files/m.gguf',
        'https://hf-mirror.com/a/b/resolve/0a1b2c/gguf%20files/m.gguf',
      ],
    },
  });
});

test.each([
  ['https://modelscope.cn/models/a/b/resolve/master/m.gguf'],
  ['https://page.example/files/m.gguf?key=1'],
])('any other host of the policy is asked as it was written: %s', (typed) => {
  expect(parseModelAddress(typed, PAGE)).toMatchObject({ file: { urls: [typed] } });
});

test('what is relative lies beside the page', () => {
  expect(parseModelAddress('./models/m.gguf', PAGE)).toMatchObject({
    file: { urls: ['https://page.example/sub/models/m.gguf'] },
  });
});

test.each(['Qwen/Q-GGUF', 'huggingface.co/Qwen/Q-GGUF', 'https://huggingface.co/Qwen/Q-GGUF'])(
  '%s is a repository: which file is not said',
  (typed) => {
    expect(parseModelAddress(typed, PAGE)).toEqual({ type: 'repository', repo: 'Qwen/Q-GGUF' });
  },
);

test.each([
  ['', 'no-address'],
  ['qwen', 'no-address'],
  ['https://', 'no-address'],
  ['Qwen/Q-GGUF/README.md', 'not-gguf'],
  ['https://huggingface.co/Qwen/Q-GGUF/blob/main/model.safetensors', 'not-gguf'],
  ['https://huggingface.co/Qwen/Q-GGUF/resolve/main/.gguf', 'not-gguf'],
  ['https://example.org/m.gguf', 'out-of-reach'],
  ['http://huggingface.co/a/b/resolve/main/m.gguf', 'out-of-reach'],
  ['https://huggingface.co.example.org/m.gguf', 'out-of-reach'],
  ['javascript:alert(1)', 'out-of-reach'],
])('%j is no model: %s', (typed, reason) => {
  expect(parseModelAddress(typed, PAGE)).toEqual({ type: 'wrong', reason });
});
