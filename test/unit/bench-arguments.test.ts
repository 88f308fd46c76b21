import { describe, expect, test } from 'vitest';
import { UsageError } from '../../models/cli/command.ts';
import { parsePlan } from '../bench/arguments.ts';

describe('the command line of the bench', () => {
  test('a model alone measures our engine with the lengths and rounds of the help text', () => {
    expect(parsePlan(['--model', 'm.gguf'])).toEqual({
      command: 'speed',
      modelPath: 'm.gguf',
      engine: 'ort-wasm',
      against: [],
      promptTokens: [128, 512, 2048],
      task: 'prose',
      newTokens: 64,
      rounds: 3,
      threads: null,
      gpu: 'device',
      webLlm: { from: 'list', id: 'Qwen2.5-0.5B-Instruct-q4f16_1-MLC' },
      json: false,
    });
  });

  test('every option is heard', () => {
    const line =
      '--model m.gguf --engine ort-wasm --against wllama,transformers.js --prompt-tokens 512,128 ' +
      '--task copying --new-tokens 16 --rounds 5 --threads 1 --gpu software ' +
      '--web-llm ./mlc --web-llm-lib https://example.org/lib.wasm --json';

    expect(parsePlan(line.split(' '))).toEqual({
      command: 'speed',
      modelPath: 'm.gguf',
      engine: 'ort-wasm',
      against: ['wllama', 'transformers.js'],
      promptTokens: [128, 512],
      task: 'copying',
      newTokens: 16,
      rounds: 5,
      threads: 1,
      gpu: 'software',
      webLlm: { from: 'place', model: './mlc', library: 'https://example.org/lib.wasm' },
      json: true,
    });
  });

  test('the same peer or length given twice is measured once', () => {
    const line = '--model m.gguf --against wllama,wllama --prompt-tokens 64,64';

    const plan = parsePlan(line.split(' '));

    expect(plan).toMatchObject({ against: ['wllama'], promptTokens: [64] });
  });

  test('memory is a command of its own', () => {
    expect(parsePlan(['memory', '--model', 'm.gguf', '--json'])).toEqual({
      command: 'memory',
      modelPath: 'm.gguf',
      contextTokens: 2048,
      json: true,
    });
  });

  test('drafts compares two thousand tokens unless told otherwise', () => {
    expect(parsePlan(['drafts', '--model', 'm.gguf'])).toEqual({
      command: 'drafts',
      modelPath: 'm.gguf',
      set: null,
      newTokens: 2000,
      rounds: 1,
      json: false,
    });
  });

  test('kernels looks at a short and a long context unless told otherwise', () => {
    expect(parsePlan(['kernels', '--model', 'm.gguf'])).toEqual({
      command: 'kernels',
      modelPath: 'm.gguf',
      contexts: [100, 2000],
      json: false,
    });
  });

  test('frames is one too, and needs no model', () => {
    expect(parsePlan(['frames', '--new-tokens', '200', '--json'])).toEqual({
      command: 'frames',
      tokens: 200,
      everyMs: 5,
      json: true,
    });
  });

  test('turns is one too, with rounds', () => {
    expect(parsePlan(['turns', '--model', 'm.gguf', '--rounds', '2'])).toEqual({
      command: 'turns',
      modelPath: 'm.gguf',
      rounds: 2,
      json: false,
    });
  });

  test('store needs no model: it makes a file', () => {
    expect(parsePlan(['store', '--json'])).toEqual({
      command: 'store',
      modelPath: null,
      rounds: 5,
      json: true,
    });
    expect(parsePlan('store --model m.gguf --rounds 2'.split(' '))).toMatchObject({
      modelPath: 'm.gguf',
      rounds: 2,
    });
  });

  test.each([['--help'], ['-h'], ['memory --help'], ['--model m.gguf --help']])(
    '%s asks for help and needs nothing else',
    (line) => {
      expect(parsePlan(line.split(' '))).toEqual({ command: 'help' });
    },
  );

  test.each([
    ['no model', ''],
    ['an empty model', '--model='],
    ['an unknown option', '--model m.gguf --fast'],
    ['an unknown command', 'race --model m.gguf'],
    ['an unknown engine', '--model m.gguf --engine llamafile'],
    ['an unknown peer', '--model m.gguf --against wllama,llamafile'],
    ['an engine against itself', '--model m.gguf --against ort-wasm'],
    ['an unknown task', '--model m.gguf --task poetry'],
    ['an unknown GPU', '--model m.gguf --gpu fast'],
    ['a folder for WebLLM without its library', '--model m.gguf --web-llm ./mlc'],
    ['a library for a model of its list', '--model m.gguf --web-llm-lib lib.wasm'],
    ['no prompt length', '--model m.gguf --prompt-tokens ,'],
    ['a prompt length of zero', '--model m.gguf --prompt-tokens 0'],
    ['a prompt length that is no number', '--model m.gguf --prompt-tokens 128,many'],
    ['one new token, which has no step to time', '--model m.gguf --new-tokens 1'],
    ['half a round', '--model m.gguf --rounds 1.5'],
  ])('%s is refused', (_case, line) => {
    expect(() => parsePlan(line === '' ? [] : line.split(' '))).toThrow(UsageError);
  });
});
