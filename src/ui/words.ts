import type { DownloadWait } from '../contract/download.ts';
import type { ErrorCode } from '../contract/errors.ts';
import type { StopReason } from '../contract/events.ts';
import type { MatrixKind, StoredModel, Target } from '../contract/model.ts';
import type { Rung } from '../contract/rungs.ts';
import type { KernelSummary, LoadSummary } from '../contract/stats.ts';
import type { Verdict } from '../state/fit.ts';
import type { Obstacle } from '../state/ladder.ts';
import type { AddressFault } from '../state/model-address.ts';
import type { PhaseProgress } from '../state/prepare-progress.ts';
import type { Remedy } from '../state/remedies.ts';
import type { NumberSetting } from '../state/settings.ts';
import type { UpkeepWork } from '../state/upkeep.ts';

/**
 * Everything the page says, in one place; sentences about failures live in contract/errors.ts.
 * Short, plain, exact. Claims carry their limits.
 */

export const NAME = 'Offgrid';

export const page = {
  line: 'Ask Qwen2.5 on your own device. Nothing you type leaves this page.',
  skip: 'Skip to the question field',
  noModel: 'No model yet',
  chooseModel: (title: string) => `Model: ${title}. Change`,
  seal: 'On this device',
  models: 'Models',
  statistics: 'Statistics',
  settings: 'Settings',
  newConversation: 'New conversation',
  close: 'Close',
  update: 'A newer version of this page is here. Conversations stay when it takes over.',
  applyUpdate: 'Reload with it',
  dropHere: 'Drop the .gguf file to open it',
} as const;

/** Of the privacy page, what is needed before it is opened; the rest is in privacy-words.ts. */
export const privacy = {
  title: 'On this device',
} as const;

export const offline = {
  seal: 'Ready for offline',
} as const;

export const models = {
  looking: 'Looking for models on this device',
  offer: (size: string) => `${size} once, then offline`,
  provenance: (host: string, licence: string) =>
    `From ${host}, checked against its published SHA-256. Licence ${licence}.`,
  get: 'Get',
  getTitle: (title: string) => `Get ${title}`,
  open: 'Open',
  openTitle: (title: string) => `Open ${title}`,
  openFile: 'Open a model file',
  others: 'Other models',
  openFileHint:
    'Any Qwen2 or Qwen2.5 model in GGUF form, or a model saved here as .offgrid on another device.',
  dropHint: 'You can also drop it on this page.',
  stored: 'Already on this device',
  served: 'In the models folder of this site',
  inUse: 'In use',
  trust: {
    published: 'SHA-256 as published',
    told: 'SHA-256 as its host tells it',
    recorded: 'SHA-256 recorded here at first sight',
  } satisfies Record<StoredModel['trust'], string>,
  fromHost: (host: string) => `from ${host}`,
  fromSite: 'from this site',
  fromFile: 'from a file',
  withPage: 'came with the page',
  verified: (day: string) => `Every byte checked ${day}.`,
  details: 'Details',
  detailsTitle: (title: string) => `Details of ${title}`,
  file: 'File',
  check: 'Check again',
  checkTitle: (title: string) => `Check ${title} again`,
  exportSource: 'Save as .gguf',
  exportSourceTitle: (title: string) => `Save ${title} as a .gguf file`,
  exportPack: 'Save as prepared',
  exportPackTitle: (title: string) => `Save ${title} with what is prepared of it`,
  exportHint:
    'Saved as prepared (.offgrid), the file spares another device the preparing. Open it there under Models; it is checked when it is opened.',
  elsewhere: ' (on another device)',
  unfinished: 'Not finished',
  unfinishedTitle: (title: string) => `Unfinished download of ${title}`,
  partHere: (share: string) => `${share} are here, checked and kept.`,
  resume: 'Continue',
  resumeTitle: (title: string) => `Continue the download of ${title}`,
  discardTitle: (title: string) => `Delete what came of ${title}`,
  address: 'Add another model',
  addressExample: 'Qwen/Qwen2.5-0.5B-Instruct-GGUF/….gguf',
  addressHint:
    'A file on Hugging Face as owner/repository/file.gguf, or its address. Where the host tells its SHA-256, the file is checked against it; else the hash is recorded here.',
  getAddress: 'Get the model at this address',
  addressFaults: {
    'no-address': 'Type owner/repository/file.gguf, or an address that begins with https://.',
    'no-file': 'That is a repository. Add the name of the file in it that ends in .gguf.',
    'not-gguf': 'That is no file that ends in .gguf.',
    'out-of-reach':
      'This page lets itself fetch models from Hugging Face, hf-mirror.com, ModelScope and this site only. Download the file by hand, and open it below.',
  } satisfies Record<AddressFault, string>,
  mustPrepare: 'will be prepared again',
  remove: 'Delete',
  removeTitle: (title: string) => `Delete ${title}`,
  forms: {
    'webgpu-f16': 'the GPU in 16 bits',
    'webgpu-f32': 'the GPU in 32 bits',
    'simd-int8': 'the CPU',
    'wasm-int8': 'the CPU with ONNX Runtime',
  } satisfies Record<Target, string>,
  preparedFor: (place: string, size: string) => `Prepared for ${place}: ${size}`,
  free: 'Free',
  freeForm: (place: string, title: string) => `Free what is prepared of ${title} for ${place}`,
  removeQuestion: (size: string) => `Delete ${size}?`,
  keep: 'Keep',
  ready: (title: string) => `${title} is ready on this device.`,
  guideReady: 'The guide is ready: a small model that comes with this page.',
  guideComing: 'The guide is on its way: a small model that comes with this page.',
  comesWithPage: (size: string) => `${size} · comes with this page`,
  withSize: (title: string, size: string) => `${title} · ${size}`,
  offerLabel: 'A larger model to get',
  brings:
    'It writes, explains, translates and codes; the guide knows only this page and its subject.',
  room: 'Room on this device',
  used: (used: string) => `This page takes ${used} here.`,
  left: (left: string) => `The browser would give this page ${left} more.`,
  kept: 'Kept until you delete it.',
  notKept: 'The browser may clear it when space runs out.',
  notGguf: 'Only files that end in .gguf or .offgrid can be opened here.',
} as const;

/** Whether a model fits this device, and why. The parts join to one sentence. */
export const fits = {
  verdicts: {
    fits: 'Fits',
    tight: 'Tight',
    no: 'Will not fit',
  } satisfies Record<Verdict, string>,
  and: ', and ',
  room: (needed: string) => `it takes ${needed} of room on this device`,
  roomOf: (needed: string, left: string) =>
    `it takes ${needed} of room on this device, and the browser would give this page ${left}`,
  most: (needed: string, isEstimate: boolean) =>
    isEstimate ? `an estimated ${needed} of memory` : `${needed} of memory`,
  memory: (most: string) => `at most ${most} while it loads`,
  memoryOf: (most: string, device: string) =>
    `it takes up to ${most} while it loads, of about ${device} in this device; close other tabs first`,
  memoryBeyond: (most: string, device: string) =>
    `it takes up to ${most} while it loads, and of about ${device} in this device a page gets half at best`,
  memoryOfPage: (most: string) =>
    `it takes up to ${most} while it loads, and a page gets 4.29 GB at best`,
} as const;

/** How a download comes along. */
export const transfers = {
  speed: (rate: string) => `${rate}/s`,
  from: (host: string) => `from ${host}`,
  connections: (count: number) => `in ${count} ranges at once`,
  waits: {
    offline: 'Waits for the network',
    'asked-to': 'The host asks for patience',
    trouble: 'The connection broke',
    'other-download': 'Another tab downloads another model',
  } satisfies Record<DownloadWait['reason'], string>,
  again: (reason: string, wait: string) => `${reason}; tries again in ${wait}`,
} as const;

/** Work on a model that lies here. */
export const upkeep = {
  running: {
    check: 'Comparing every byte with its SHA-256',
    repair: 'Repairing',
    export: 'Making the file',
  } satisfies Record<UpkeepWork, string>,
  sound: (day: string) => `Sound: every byte is as it should be (${day}).`,
  damaged: 'This file is damaged.',
  damagedBytes: (size: string) => `This file is damaged; a repair fetches ${size} again.`,
  save: (name: string, size: string) => `Save ${name}, ${size}`,
  repair: 'Repair',
  again: 'Try again',
} as const;

export const phases = {
  names: {
    download: 'Download',
    wait: 'Wait for another tab',
    read: 'Read the file',
    check: 'Check',
    compile: 'Prepare for this device',
    measure: 'Compute what must come out',
    load: 'Load',
  } satisfies Record<PhaseProgress['phase'], string>,
  coming: (title: string) => `Getting ${title} ready`,
  loading: (title: string) => `Loading ${title}`,
  waiting: 'waits',
  soFar: (elapsed: string) => `${elapsed} so far`,
  left: (left: string) => `${left} left`,
  doneIn: (size: string, elapsed: string) => `${size} in ${elapsed}`,
  percent: (fraction: number) => `${Math.floor(fraction * 100)} %`,
  pause: 'Pause',
  cancel: 'Cancel',
  cancelQuestion: (size: string) => `Cancel, delete ${size}`,
  goOn: 'Go on',
  stopping: 'Stopping',
  stillUsable: (title: string) => `${title} can be asked meanwhile.`,
} as const;

export const failures = {
  arrival: (title: string) => `${title} did not get ready`,
  load: (title: string) => `${title} did not load`,
  guide: 'The guide is not here',
  shelf: 'The models on this device cannot be listed',
  dismiss: 'Dismiss',
  remedies: {
    'try-again': 'Try again',
    'choose-another': 'Choose another',
    'reload-page': 'Reload the page',
    'reset-settings': 'Reset the settings',
  } satisfies Record<Remedy, string>,
  bug: 'Something went wrong that should not',
  copyReport: 'Copy a report',
  copied: 'Copied',
  reportHint: 'The report holds no questions and no answers.',
} as const;

/** Questions to tap before the first one. The guide knows this page; other models write, explain and translate. */
export const suggestions = {
  en: {
    title: 'To begin with',
    forGuide: [
      'Is anything I type sent to a server?',
      'What can you do?',
      'Does this page work offline?',
    ],
    forOthers: [
      'Explain prefill and decode in two sentences.',
      'Write a Python function that checks for balanced brackets.',
      'Translate into Chinese: the model runs on this device.',
    ],
  },
  zh: {
    title: '可以这样开始',
    forGuide: ['我输入的内容会发送到服务器吗？', '你能做什么？', '能离线使用吗？'],
    forOthers: [
      '用两句话解释 prefill 和 decode。',
      '写一个检查括号是否配对的 Python 函数。',
      '翻译成英文：模型在这台设备上运行。',
    ],
  },
} as const;

export const chat = {
  conversation: 'Conversation',
  you: 'You',
  field: 'Your question',
  placeholder: 'Ask a question',
  ask: 'Ask',
  stop: 'Stop',
  stopping: 'Stopping',
  keyboardHint: 'Enter asks, Shift and Enter begin a new line, Escape stops an answer.',
  needsModel: 'To answer, this page needs a model: get one, or open a file under Models.',
  comingModel: 'The first question can be asked when the model is here.',
  loadingModel: 'The model is loading. What you ask now is answered when it is ready.',
  newText: 'New text',
  waking: 'Loading the model',
  reading: 'Reading the prompt',
  readingTokens: (done: string, total: string) => `Reading the prompt: ${done} of ${total} tokens`,
  noText: 'No text came.',
  omitted: (count: number) =>
    count === 1
      ? '1 earlier message did not fit the context and was left out.'
      : `${count} earlier messages did not fit the context and were left out.`,
  goOn: 'Continue',
  retry: 'Try again',
  again: 'Answer again',
  edit: 'Edit the question',
  editField: 'The question, to be asked again',
  cancelEdit: 'Cancel',
  copy: 'Copy',
  copied: 'Copied',
  branches: 'Branches',
  previous: 'Branch before',
  next: 'Next branch',
  place: (at: number, of: number) => `${at} of ${of}`,
  temporary: 'This conversation is temporary: it is written nowhere and ends with this tab.',
  keepIt: 'Keep it',
  keepThisOne: 'Keep it after all',
} as const;

/** All conversations on this device. */
export const conversations = {
  title: 'Conversations',
  beginTemporary: 'New temporary conversation, not kept',
  search: 'Search conversations',
  none: 'What you ask is kept here, on this device only.',
  notFound: 'No conversation has these words.',
  pinned: 'Pinned:',
  more: (title: string) => `More for “${title}”`,
  name: 'Name of the conversation',
  rename: 'Rename',
  pin: 'Pin',
  unpin: 'Unpin',
  saveMarkdown: 'Save as Markdown',
  saveJson: 'Save as JSON',
  saveAll: 'Save all',
  allFileName: 'offgrid-conversations.json',
  open: 'Open saved ones',
  remove: 'Delete',
  removed: (title: string) => `“${title}” was deleted.`,
  undo: 'Undo',
} as const;

/** Around what a model wrote. */
export const markdown = {
  code: 'Code',
  table: 'Table',
  image: (title: string, address: string) => `[Image, not fetched: ${title} ${address}]`,
} as const;

/** An answer token by token. */
export const xray = {
  open: 'Look at the tokens',
  close: 'Back to the text',
  looking: 'Looking it up',
  none: 'How this answer came about was not kept.',
  hint: 'The stronger the colour, the less the model expected the token. Tap one, or use the arrow keys.',
  tokens: 'Tokens of the answer',
  detail: 'The chosen token',
  nth: (at: string, of: string) => `Token ${at} of ${of}`,
  before: 'Expected',
  after: 'Drawn with',
  entropy: 'Entropy',
  nats: (value: string) => `${value} nats`,
  time: 'Time',
  alternatives:
    'What might have stood here: what the model expected, and what the settings left of it',
  followedBy: 'then',
  chosen: 'chosen',
  goOn: 'Go on here',
  fork: (token: string) => `Go on here with ${token}`,
  prompt: (tokens: string) => `The prompt as the model read it: ${tokens} tokens`,
  promptLabel: 'Prompt',
  cached: (tokens: string) =>
    `The first ${tokens} tokens, on the tinted ground, came from the cache.`,
  timePerToken: (most: string) => `Time per token, up to ${most}`,
  tokenNumber: (at: string) => `token ${at}`,
  number: 'No.',
  token: 'Token',
  second: 'Next likely',
} as const;

export const answerLine = {
  rate: (rate: string) => `${rate} tok/s`,
  firstToken: (duration: string) => `first token ${duration}`,
  tokens: (count: string) => (count === '1' ? '1 token' : `${count} tokens`),
  ended: {
    stop: 'stopped by itself',
    'stop-string': 'ended at a stop string',
    length: 'reached the length limit',
    context: 'the context is full',
    cancelled: 'stopped by you',
  } satisfies Record<StopReason, string>,
  broken: 'broke off',
  continued: (count: string) => `continued after ${count}`,
} as const;

/** Name and definition of every number: the definition says between which moments, and divided by what. */
export const figures = {
  live: {
    name: 'Decoding now',
    unit: 'tok/s',
    definition:
      'Tokens of the last second, divided by the time they took, counted from the token before them.',
  },
  ttft: {
    name: 'Time to first token',
    definition:
      'From the moment the engine accepts the question until it has chosen the first token: template, tokenizer and prefill included.',
  },
  prefill: {
    name: 'Prefill',
    definition:
      'Prompt tokens that had to be run, divided by the time the model ran them. Tokens from the cache do not count.',
  },
  decode: {
    name: 'Decode',
    definition:
      'Tokens after the first, divided by the time from the first token to the last. The first one is paid for by prefill.',
  },
  tokensIn: {
    name: 'Tokens in',
    definition:
      'The whole prompt as the model read it: system prompt, conversation, question and the marks between them.',
  },
  reused: {
    name: 'of them from the cache',
    definition: 'Prompt tokens whose keys and values were still in memory and were not run again.',
  },
  tokensOut: {
    name: 'Tokens out',
    definition: 'Tokens the model chose and kept. The token that means “end” does not count.',
  },
  total: {
    name: 'Whole answer',
    definition: 'From the moment the engine accepts the question until the answer has ended.',
  },
  seed: {
    name: 'Seed',
    definition: 'The same seed, settings, prompt and model give the same text again.',
  },
  record: {
    name: 'Commands for a token',
    definition:
      'Median time in which the engine wrote the commands for one token, or played recorded ones, and handed them to the GPU.',
  },
  gpu: {
    name: 'GPU for a token',
    definition:
      'Median time from the GPU’s first to its last command for one token, by the GPU’s own clock. Pauses in which it waited for more commands count.',
  },
  wait: {
    name: 'Wait for a token',
    definition:
      'Median time from the last command handed over until the result was read back: what the GPU still had to do, and the way back.',
  },
  begun: {
    name: 'Continued after',
    definition:
      'Tokens that were written when the answer broke off. It went on with them as part of the prompt; the other figures tell of what came then.',
  },
  context: {
    name: 'Context used',
    definition:
      'Tokens in the model’s short-term memory after the last answer, of those it has room for. Set the room in Settings.',
  },
  loadTotal: {
    name: 'Load',
    definition: 'All load phases together, from prepared files on this device to ready.',
  },
  threads: {
    name: 'Threads',
    definition: 'Processor threads the engine computes on; at most four.',
  },
  page: {
    name: 'Page memory',
    definition:
      'What the browser itself counts for this page and its workers (measureUserAgentSpecificMemory): weights, cache and working space included. It takes up to a minute after a load or an answer; some browsers do not tell.',
  },
} as const;

export const statistics = {
  title: 'Statistics',
  now: 'Now',
  lastAnswer: 'Last answer',
  memory: 'Context and memory',
  engine: 'Model and engine',
  noModel: 'No model is loaded.',
  measuring: 'measuring',
  perSecond: 'tok/s',
  overLastSecond: 'tok/s over the last second',
  traceLabel: 'Tokens per second, last 30 seconds',
  ago: '30 s earlier',
  latest: 'latest',
  asTable: 'The same as a table',
  secondsAgo: 'Seconds ago',
  tokensPerSecond: 'Tokens per second',
  contextOf: (used: string, total: string) => `${used} of ${total} tokens`,
  model: 'Model',
  runtime: 'Runtime',
  target: 'Prepared as',
  compiler: (target: string, version: number) => `${target}, compiler ${version}`,
  tokenizer: 'Tokenizer',
  pageVersion: 'Page',
  singleThread:
    'This page was served without cross-origin isolation, so browsers allow it one thread only. It works, but slower.',
  loadPhases: {
    runtime: 'Start the runtime',
    weights: 'Read the weights',
    tokenizer: 'Build the tokenizer',
    shaders: 'Compile for the GPU',
    'self-test': 'Check the numbers',
    'warm-up': 'First run',
  } satisfies Record<LoadSummary['phases'][number]['name'], string>,
  tokens: (count: string) => `${count} tok`,
} as const;

export const settings = {
  title: 'Settings',
  intro:
    'They count from the next answer on, for this conversation, and are kept with it. New ones begin with what was set last.',
  systemPrompt: 'System prompt',
  systemPromptHint: 'Said to the model before the conversation. Empty says nothing.',
  stopStrings: 'Stop strings',
  stopStringsHint: 'One a line. The answer ends before the first of them. \\n is a line break.',
  numbers: {
    temperature: {
      name: 'Temperature',
      hint: '0 always takes the most likely token; higher is more varied.',
    },
    topK: { name: 'Top-k', hint: 'Keep the k most likely tokens; 0 keeps all.' },
    topP: {
      name: 'Top-p',
      hint: 'Keep the fewest tokens whose probabilities sum to p; 1 keeps all.',
    },
    minP: {
      name: 'Min-p',
      hint: 'Drop tokens less likely than this share of the most likely one; 0 keeps all.',
    },
    repetitionPenalty: {
      name: 'Repetition penalty',
      hint: 'Above 1, tokens seen before become less likely; 1 changes nothing.',
    },
    seed: { name: 'Seed', hint: 'Empty: another one each time, shown with the answer.' },
    maxNewTokens: { name: 'Longest answer, tokens', hint: 'The answer is cut there.' },
    contextTokens: {
      name: 'Context, tokens',
      hint: 'Prompt plus answer. It costs memory, and the model is loaded again for it.',
    },
  } satisfies Record<NumberSetting, { name: string; hint: string }>,
  outOfRange: (least: string, most: string) => `From ${least} to ${most}.`,
  wholeOutOfRange: (least: string, most: string) => `A whole number from ${least} to ${most}.`,
  sampling: 'How tokens are chosen',
  limits: 'Limits',
  reload: 'Load the model again',
  reloadNeeded: (loaded: string) => `The model is loaded with ${loaded} tokens.`,
  reset: 'Reset to what suits the model',
} as const;

export const announcements = {
  phase: (title: string, phase: string) => `${title}: ${phase}`,
  ready: (title: string) => `${title} is ready. Ask a question.`,
  answer: (text: string) => `Answer: ${text}`,
  stopped: 'The answer was stopped.',
} as const;

/** Where a model runs. A rung is named as a choice, and as a place in a sentence. */
export const rungs = {
  title: 'Engine',
  names: {
    'webgpu-f16': 'GPU, 16 bits',
    'webgpu-f16-fp32': 'GPU, 16 bits, sums in 32',
    'webgpu-f32': 'GPU, 32 bits',
    'simd-int8': 'CPU',
    'wasm-int8': 'CPU, ONNX Runtime',
  } satisfies Record<Rung, string>,
  places: {
    'webgpu-f16': 'the GPU in 16 bits',
    'webgpu-f16-fp32': 'the GPU in 16 bits with sums in 32',
    'webgpu-f32': 'the GPU in 32 bits',
    'simd-int8': 'the CPU',
    'wasm-int8': 'the CPU with ONNX Runtime',
  } satisfies Record<Rung, string>,
  hints: {
    'webgpu-f16': 'The fastest, for graphics processors that compute in 16 bits.',
    'webgpu-f16-fp32': 'A little slower, for those whose sums in 16 bits are not exact enough.',
    'webgpu-f32': 'For any graphics processor with WebGPU. The context takes twice the memory.',
    'simd-int8': 'Our own kernels, on every processor and straight from the model file.',
    'wasm-int8': 'Slower, and takes more memory. Runs on every device.',
  } satisfies Record<Rung, string>,
  automatic: 'Automatic',
  automaticHint:
    'The fastest that gives right numbers on this device. Where one fails, the next takes over.',
  intro: 'Where the model runs, from the next time it is loaded.',
  runsNow: 'The model runs here now.',
  obstacles: {
    'no-webgpu': 'This browser has no WebGPU.',
    'no-adapter': 'The browser gives this page no graphics processor.',
    'no-f16': 'This graphics processor does not compute in 16 bits.',
    software: 'A program on the CPU stands in for the graphics processor here. The CPU is faster.',
    small: 'The guide is so small that it answers sooner on the CPU.',
  } satisfies Record<Exclude<Obstacle['type'], 'failed'>, string>,
  failed: (day: string, reason: string) => `Not used since ${day}: ${reason}.`,
  reason: (code: ErrorCode) => REASONS[code] ?? REASONS.internal,
  gpu: 'the GPU',
  tryGpuAgain: 'Try the GPU again',
  tryEngineAgain: 'Try it again',
  tryAllAgain: 'Try every one again',
  loadedElsewhere: (place: string) => `The model is loaded on ${place}.`,
  gaveUp: (from: string, reason: string, to: string) =>
    `${capitalised(from)} was given up: ${reason}. The model now runs on ${to}.`,
  gaveUpInAnswer: (from: string, reason: string, to: string) =>
    `${capitalised(from)} was given up in the middle of an answer: ${reason}. What was written is kept, and the model now runs on ${to}.`,
  notPrepared: (from: string, reason: string, to: string) =>
    `The model could not be prepared for ${from}: ${reason}. It now runs on ${to}.`,
  diedLastTime: (from: string, to: string) =>
    `Last time, the browser ended this page while it got the model ready for ${from}. This time the model runs on ${to}.`,
} as const;

/** Why a rung was given up, as the end of a sentence. */
const REASONS: Partial<Record<ErrorCode, string>> & { readonly internal: string } = {
  'webgpu-unavailable': 'it could not be started',
  'webgpu-lost': 'the graphics processor was reset, or taken away by the system',
  'self-test-failed': 'it gave wrong numbers in a test whose results are known',
  'out-of-memory': 'there was not enough memory',
  'storage-full': 'there was not enough room on this device',
  'runtime-failed': 'it stopped with an error',
  'worker-died': 'it stopped with an error',
  'worker-silent': 'it did not answer for a long time',
  'page-died': 'the browser ended this page during it',
  internal: 'it stopped with an error',
};

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a model runs on, for those who want to know exactly. */
/** How our own kernels run a model on the CPU. */
export const kernelFacts = {
  builds: {
    relaxed: 'own kernels, relaxed SIMD',
    plain: 'own kernels, plain SIMD',
  } satisfies Record<KernelSummary['build'], string>,
  form: 'Activations',
  forms: { words: 'words', halves: 'halves' } satisfies Record<
    KernelSummary['forms']['decode'],
    string
  >,
  inForms: (decode: string, prompt: string) =>
    decode === prompt ? `14 bits, as ${decode}` : `14 bits, as ${decode}, of prompts as ${prompt}`,
  memory: {
    name: 'Engine memory',
    definition:
      'The one memory that all threads share: weights in 8 bits, keys and values for the whole context in 16, and working space.',
  },
  selfTest: {
    name: 'Self-test',
    definition:
      'How far the kernels’ log-probabilities are, at worst, from those of plain arithmetic on the same file, for a few tokens through a few layers. Beyond the limit this engine is not used.',
  },
} as const;

export const engineFacts = {
  runsOn: 'Runs on',
  build: 'Runtime build',
  builds: { jspi: 'WebGPU, JSPI', asyncify: 'WebGPU, Asyncify' },
  adapter: 'Adapter',
  unnamed: 'not named by the browser',
  bits: 'Weights by kind',
  kinds: {
    qkv: 'attention in',
    output: 'attention out',
    gate_up: 'feed-forward in',
    down: 'feed-forward out',
    head: 'head',
    embedding: 'embedding',
  } satisfies Record<MatrixKind, string>,
  stored: (bits: number, blockSize: number, size: string) =>
    `${bits} bits, blocks of ${blockSize}, ${size}`,
  memory: {
    name: 'GPU memory',
    definition:
      'Weights, keys and values for the whole context, and working buffers, as computed from their sizes. What a run needs for a moment is not counted; browsers do not tell what a GPU really gave.',
  },
  weights: 'Weights',
  cache: (buffers: string) => `Cache, in ${buffers} buffers`,
  other: 'Working buffers',
  replay: 'Decoding',
  replays: 'plays recorded commands',
  records: 'records its commands anew',
  shaders: {
    name: 'Shaders compiled',
    definition: 'Programs for the GPU that were compiled while the model was loaded.',
  },
  selfTest: {
    name: 'Self-test',
    definition:
      'How far the GPU’s log-probabilities are from those of the CPU on the same weights, at worst, over a fixed prompt and its answer. Beyond the limit the GPU is not used.',
  },
  ofLimit: (error: string, limit: string) => `${error} of ${limit} nats`,
  sameTokens: (same: string, all: string) => `${same} of ${all} tokens alike`,
  features: 'Adapter features',
  usedFeatures: 'Features in use',
  none: 'none',
  limits: 'Adapter limits',
} as const;
