import { expect, test } from 'vitest';
import { isReachable } from '../../src/contract/model-hosts.ts';

test.each<[string, boolean]>([
  ['https://huggingface.co/Qwen/x/resolve/main/x.gguf', true],
  ['https://us.aws.cdn.hf.co/x', true],
  ['https://www.modelscope.cn/models/x', true],
  ['https://page.example/models/x.gguf', true],
  ['http://huggingface.co/x', false],
  ['https://huggingface.co:8443/x', false],
  ['https://huggingface.co.evil.example/x', false],
  ['https://evilhf.co/x', false],
  ['https://hf.co/x', false],
  ['https://example.org/x.gguf', false],
  ['not an address', false],
])('%s: %s', (url, expected) => {
  expect(isReachable(url, 'https://page.example')).toBe(expected);
});
