/** What was asked on the command line of the bench, as values; and the words of `--help`. */
import { parse, UsageError, wholeNumber } from '../../models/cli/command.ts';
import { isAddress, type WebLlmChoice } from './web-llm-files.ts';
import { ENGINE_NAMES, type EngineName } from './protocol.ts';

export const HELP = `Measures this project's engine against its peers in a real Chromium, in turns.

Usage
  npm run -s bench -- --model FILE.gguf [options]          speed
  npm run -s bench -- memory --model FILE.gguf [options]   peak memory of the page
  npm run -s bench -- turns --model FILE.gguf [options]    waits in the page: load, first token, later turns
  npm run -s bench -- drafts --model FILE.gguf [options]   drafts from the prompt: the same tokens? how much faster?
  npm run -s bench -- kernels --model FILE.gguf [options]  where the time of a decoded token goes, on one thread
  npm run -s bench -- store [--model FILE.gguf] [--json]   a download into the store, beside a plain fetch
  npm run -s bench -- frames [--new-tokens N] [--json]     time between frames while a long answer streams

Options
  --model FILE           the GGUF that every engine runs; store makes one of 268 MB where none is given
  --engine NAME          the engine measured: ort-wasm (default), simd, simd-plain, simd-lookup, webgpu-f16, webgpu-f16-fp32,
                         webgpu-f32
  --against A,B          engines measured beside it: these, wllama, transformers.js, transformers.js-webgpu, web-llm
                         (default: none)
  --prompt-tokens A,B    prompt lengths in tokens (default: 128,512,2048; kernels: 100,2000)
  --task prose|copying   what the prompts are: prose of those lengths (default), or questions whose answers repeat them;
                         drafts: these or free, sampled answers (default: all)
  --new-tokens N         tokens generated after each prompt, at least 2 (default: 64); drafts: in all (default: 2000); frames: 10000
  --rounds N             rounds; every engine runs once in each (default: 3; turns, store: 5; drafts: 1)
  --context-tokens N     memory: context that the model is loaded with (default: 2048); most of it is used
  --threads N            WASM threads of every engine (default: the logical cores)
  --gpu KIND             what WebGPU runs on: device (default), or software, right and very slow, to try the command
  --web-llm MODEL        what web-llm runs: a name of its own list, or a folder or address of a model in MLC's form
                         (default: Qwen2.5-0.5B-Instruct-q4f16_1-MLC)
  --web-llm-lib FILE     the model's library (.wasm), or its address; needed with a folder or an address
  --json                 one JSON object alone on standard output; progress goes to standard error
  --help                 this text

On a computer with a GPU, for a model of 0.5B:
  npm run -s bench -- --model FILE.gguf --engine webgpu-f16 --against web-llm,transformers.js-webgpu

All engines get the same token ids, generate greedily, never stop early, and start from an empty cache. All run the weights
of FILE, each in its own form, but for web-llm: it cannot read a GGUF, and its models of the same shape are the nearest. A
name of its list is downloaded by WebLLM's page from the hosts that WebLLM names (once, some 300 MB); nothing else here
uses a network. transformers.js-webgpu runs four bits a weight with activations in 32 bits, as its dtype q4.
A peer that cannot run is named with the reason in environment.leftOut; then the exit code is still 0.
`;

/** Far above every context; keeps a slip of the finger from asking for weeks. */
const MOST = 1_000_000;

const GPU_KINDS = ['device', 'software'] as const;

/** The official model that WebLLM's own list has nearest to the 0.5B GGUF. */
const DEFAULT_WEB_LLM = 'Qwen2.5-0.5B-Instruct-q4f16_1-MLC';

export interface SpeedPlan {
  readonly command: 'speed';
  readonly modelPath: string;
  readonly engine: EngineName;
  readonly against: readonly EngineName[];
  /** Ascending, each once. */
  readonly promptTokens: readonly number[];
  readonly task: 'prose' | 'copying';
  readonly newTokens: number;
  readonly rounds: number;
  /** Null: as many as the machine has logical cores. */
  readonly threads: number | null;
  readonly gpu: GpuKind;
  readonly webLlm: WebLlmChoice;
  readonly json: boolean;
}

/** `software`: SwiftShader, in Chromium's own package. */
export type GpuKind = (typeof GPU_KINDS)[number];

export interface MemoryPlan {
  readonly command: 'memory';
  readonly modelPath: string;
  readonly contextTokens: number;
  readonly json: boolean;
}

/** `copying`: answers that repeat the question; `prose`: a text continued; both greedy. `free`: sampled as the page recommends. */
export type TaskSet = 'copying' | 'prose' | 'free';

export interface DraftsPlan {
  readonly command: 'drafts';
  readonly modelPath: string;
  /** Null: all. */
  readonly set: TaskSet | null;
  /** Greedy tokens to compare. */
  readonly newTokens: number;
  readonly rounds: number;
  readonly json: boolean;
}

export interface KernelsPlan {
  readonly command: 'kernels';
  readonly modelPath: string;
  /** Tokens in the cache before those that are decoded; ascending, each once. */
  readonly contexts: readonly number[];
  readonly json: boolean;
}

export interface TurnsPlan {
  readonly command: 'turns';
  readonly modelPath: string;
  readonly rounds: number;
  readonly json: boolean;
}

export interface StorePlan {
  readonly command: 'store';
  /** Null: one that is made. */
  readonly modelPath: string | null;
  readonly rounds: number;
  readonly json: boolean;
}

export interface FramesPlan {
  readonly command: 'frames';
  readonly tokens: number;
  /** One token every so many milliseconds. */
  readonly everyMs: number;
  readonly json: boolean;
}

export type Plan =
  | SpeedPlan
  | MemoryPlan
  | DraftsPlan
  | KernelsPlan
  | TurnsPlan
  | StorePlan
  | FramesPlan
  | { readonly command: 'help' };

/** @throws UsageError for anything that is not a full and sensible request. */
export function parsePlan(argv: readonly string[]): Plan {
  const { values, positionals } = parse({
    args: [...argv],
    allowPositionals: true,
    options: {
      model: { type: 'string' },
      engine: { type: 'string' },
      against: { type: 'string' },
      'prompt-tokens': { type: 'string' },
      task: { type: 'string' },
      'new-tokens': { type: 'string' },
      rounds: { type: 'string' },
      'context-tokens': { type: 'string' },
      threads: { type: 'string' },
      gpu: { type: 'string' },
      'web-llm': { type: 'string' },
      'web-llm-lib': { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return { command: 'help' };

  const [command = 'speed', ...surplus] = positionals;
  if (surplus.length > 0 || !isCommand(command)) {
    throw new UsageError(`unknown command: ${positionals.join(' ')}`);
  }
  const json = values.json === true;
  const modelPath = values.model;
  if (command === 'store') {
    const rounds = wholeNumber('rounds', values.rounds, 5, [1, 1000]);
    return { command, modelPath: modelPath ?? null, rounds, json };
  }
  if (command === 'frames') {
    const tokens = wholeNumber('new-tokens', values['new-tokens'], 10_000, [2, MOST]);
    return { command, tokens, everyMs: 5, json };
  }
  if (modelPath === undefined || modelPath === '') throw new UsageError('--model FILE is needed');
  if (command === 'memory') {
    const asked = values['context-tokens'];
    const contextTokens = wholeNumber('context-tokens', asked, 2048, [512, 32_768]);
    return { command, modelPath, contextTokens, json };
  }
  if (command === 'drafts') {
    const newTokens = wholeNumber('new-tokens', values['new-tokens'], 2000, [2, 4000]);
    const rounds = wholeNumber('rounds', values.rounds, 1, [1, 1000]);
    const set = values.task === undefined ? null : taskSet(values.task);
    return { command, modelPath, set, newTokens, rounds, json };
  }
  if (command === 'kernels') {
    const contexts = lengthsOf(values['prompt-tokens'] ?? '100,2000');
    return { command, modelPath, contexts, json };
  }
  if (command === 'turns') {
    return { command, modelPath, rounds: wholeNumber('rounds', values.rounds, 5, [1, 1000]), json };
  }

  const engine = engineName(values.engine ?? 'ort-wasm');
  const against = [...new Set(list(values.against ?? '').map(engineName))];
  if (against.includes(engine)) throw new UsageError(`${engine} cannot run against itself`);
  return {
    command,
    modelPath,
    engine,
    against,
    promptTokens: lengthsOf(values['prompt-tokens'] ?? '128,512,2048'),
    task: taskName(values.task ?? 'prose'),
    newTokens: wholeNumber('new-tokens', values['new-tokens'], 64, [2, MOST]),
    rounds: wholeNumber('rounds', values.rounds, 3, [1, 1000]),
    threads:
      values.threads === undefined ? null : wholeNumber('threads', values.threads, 1, [1, 64]),
    gpu: gpuKind(values.gpu ?? 'device'),
    webLlm: webLlmChoice(values['web-llm'] ?? DEFAULT_WEB_LLM, values['web-llm-lib'] ?? null),
    json,
  };
}

const COMMANDS = ['speed', 'memory', 'drafts', 'kernels', 'turns', 'store', 'frames'] as const;

function isCommand(name: string): name is (typeof COMMANDS)[number] {
  return COMMANDS.some((command) => command === name);
}

function list(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Ascending, each once. */
function lengthsOf(text: string): readonly number[] {
  const lengths = list(text);
  if (lengths.length === 0) throw new UsageError('--prompt-tokens needs at least one length');
  const tokens = lengths.map((length) => wholeNumber('prompt-tokens', length, 1, [1, MOST]));
  return [...new Set(tokens)].toSorted((a, b) => a - b);
}

function taskSet(text: string): TaskSet {
  return text === 'free' ? text : taskName(text);
}

function taskName(text: string): SpeedPlan['task'] {
  if (text === 'prose' || text === 'copying') return text;
  throw new UsageError(`unknown task: ${text} (known: prose, copying)`);
}

function gpuKind(text: string): GpuKind {
  const kind = GPU_KINDS.find((known) => known === text);
  if (kind === undefined) {
    throw new UsageError(`unknown GPU: ${text} (known: ${GPU_KINDS.join(', ')})`);
  }
  return kind;
}

function webLlmChoice(model: string, library: string | null): WebLlmChoice {
  const isElsewhere = isAddress(model) || model.includes('/') || model.includes('\\');
  if (!isElsewhere && library === null) return { from: 'list', id: model };
  if (library === null) {
    throw new UsageError('--web-llm of a folder or address needs --web-llm-lib');
  }
  if (!isElsewhere) throw new UsageError('--web-llm-lib needs a folder or address as --web-llm');
  return { from: 'place', model, library };
}

function engineName(text: string): EngineName {
  const name = ENGINE_NAMES.find((known) => known === text);
  if (name === undefined) {
    throw new UsageError(`unknown engine: ${text} (known: ${ENGINE_NAMES.join(', ')})`);
  }
  return name;
}
