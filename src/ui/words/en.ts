/**
 * Everything the page says, in English. Short, plain, exact; claims carry their limits. Every other language has the same
 * keys, by type. `first` is what the page needs before it is painted, `later` what belongs to views that are fetched when they
 * are opened.
 */
import type { DownloadWait } from '../../contract/download.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import type { StopReason } from '../../contract/events.ts';
import type { MatrixKind, StoredModel, Target } from '../../contract/model.ts';
import type { Rung } from '../../contract/rungs.ts';
import type { KernelSummary, LoadSummary } from '../../contract/stats.ts';
import { countedIn } from '../../lib/counted.ts';
import type { NumberWords } from '../../lib/format.ts';
import type { Extent } from '../../state/benchmark/plan.ts';
import type { Heat, Kind } from '../../state/benchmark/result.ts';
import type { Verdict } from '../../state/fit.ts';
import type { Obstacle } from '../../state/ladder.ts';
import type { AddressFault } from '../../state/model-address.ts';
import type { PhaseProgress } from '../../state/prepare-progress.ts';
import type { Remedy } from '../../state/remedies.ts';
import type { NumberSetting } from '../../state/settings.ts';
import type { FaultCode, Rule, Side } from '../../state/policy/read-policy.ts';
import type { WritingTool } from '../../state/writing-prompts.ts';
import type { KeyAction } from '../keys/key-actions.ts';
import type { UpkeepWork } from '../../state/upkeep.ts';
import type { FailureSentences } from './shape/failure-sentences.ts';

const counted = countedIn('en');

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

export const first = {
  numbers: {
    locale: 'en',
    percent: (figure) => `${figure} %`,
    of: (done, total) => `${done} of ${total}`,
    milliseconds: (figure) => `${figure} ms`,
    seconds: (figure) => `${figure} s`,
    minutes: (minutes, seconds) => `${minutes} min ${seconds} s`,
    hours: (hours, minutes) => `${hours} h ${minutes} min`,
  } as NumberWords,

  /** How sentences and names are put together. */
  joints: {
    /** Between two sentences. */
    gap: ' ',
    list: ', ',
    labelled: (name: string, value: string) => `${name}: ${value}`,
  },

  page: {
    title: 'Offgrid: ask Qwen2.5 on your own device',
    description:
      'A page that runs Qwen2.5 on your own phone or laptop, in the browser, and shows its work. Nothing you type leaves this page.',
    line: 'Ask Qwen2.5 on your own device. Nothing you type leaves this page.',
    skip: 'Skip to the question field',
    noModel: 'No model yet',
    chooseModel: (title: string) => `Model: ${title}. Change`,
    seal: 'On this device',
    offlineSeal: 'Ready for offline',
    models: 'Models',
    statistics: 'Statistics',
    settings: 'Settings',
    benchmark: 'Benchmark',
    writing: 'Tools for writing',
    keys: 'Keyboard',
    conversations: 'Conversations',
    privacy: 'On this device',
    newConversation: 'New conversation',
    close: 'Close',
    update: 'A newer version of this page is here. Conversations stay when it takes over.',
    applyUpdate: 'Reload with it',
    dropHere: 'Drop the .gguf file to open it',
  },

  models: {
    looking: 'Looking for models on this device',
    offer: (size: string) => `${size} once, then offline`,
    offerSentence: (size: string) => `${size} once, then offline.`,
    get: 'Get',
    getTitle: (title: string) => `Get ${title}`,
    open: 'Open',
    openTitle: (title: string) => `Open ${title}`,
    others: 'Other models',
    /** What the small model is called that comes with the page. */
    guide: 'Guide',
    inUse: 'In use',
    resume: 'Continue',
    resumeTitle: (title: string) => `Continue the download of ${title}`,
    unfinishedTitle: (title: string) => `Unfinished download of ${title}`,
    discardTitle: (title: string) => `Delete what came of ${title}`,
    partHere: (share: string) => `${share} are here, checked and kept.`,
    remove: 'Delete',
    removeQuestion: (size: string) => `Delete ${size}?`,
    keep: 'Keep',
    ready: (title: string) => `${title} is ready on this device.`,
    guideReady: 'The guide is ready: a small model that comes with this page.',
    guideComing: 'The guide is on its way: a small model that comes with this page.',
    withSize: (title: string, size: string) => `${title} · ${size}`,
    offerLabel: 'A larger model to get',
    brings:
      'It writes, explains, translates and codes; the guide knows only this page and its subject.',
  },

  /** Whether a model fits this device, and why. The parts join to one sentence. */
  fits: {
    verdicts: {
      fits: 'Fits',
      tight: 'Tight',
      no: 'Will not fit',
    } satisfies Record<Verdict, string>,
    sentence: (verdict: string, reasons: readonly string[]) =>
      `${verdict}: ${reasons.join(', and ')}.`,
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
  },

  /** How a download comes along. */
  transfers: {
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
  },

  phases: {
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
    pause: 'Pause',
    cancel: 'Cancel',
    cancelQuestion: (size: string) => `Cancel, delete ${size}`,
    goOn: 'Go on',
    stopping: 'Stopping',
    stillUsable: (title: string) => `${title} can be asked meanwhile.`,
  },

  failures: {
    arrival: (title: string) => `${title} did not get ready`,
    load: (title: string) => `${title} did not load`,
    guide: 'The guide is not here',
    shelf: 'The models on this device cannot be listed',
    dismiss: 'Dismiss',
    remedies: {
      'try-again': 'Try again',
      repair: 'Repair',
      'choose-another': 'Choose another',
      'reload-page': 'Reload the page',
      'reset-settings': 'Reset the settings',
    } satisfies Record<Remedy, string>,
    bug: 'Something went wrong that should not',
    copyReport: 'Copy a report',
    copied: 'Copied',
    reportHint: 'The report holds no questions and no answers.',
    /** Of a failure that comes before the rest of the words, as one at the start does. */
    short: {
      'download-failed': 'The download did not finish. What came is kept.',
      'storage-full': 'There is not enough room on this device.',
      'storage-unavailable': 'This browser does not let the page keep files.',
      'model-changed': 'The model file on this device was changed.',
      'out-of-memory': 'There was not enough memory for this model.',
      'answer-interrupted': 'The page was closed while this answer was written.',
      'conversations-unavailable': 'This browser does not let the page keep conversations.',
      'worker-died': 'The part of the page that runs the model stopped.',
      internal: 'Something went wrong inside the page.',
      other: 'That did not work.',
    } satisfies Partial<Record<ErrorCode | 'other', string>>,
  },

  /** Questions to tap before the first one. The guide knows this page; other models write, explain and translate. */
  suggestions: {
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

  chat: {
    lookInside: 'Look at the tokens',
    lookOutside: 'Back to the text',
    looking: 'Looking it up',
    conversation: 'Conversation',
    you: 'You',
    field: 'Your question',
    placeholder: 'Ask a question',
    ask: 'Ask',
    stop: 'Stop',
    stopping: 'Stopping',
    keyboardHint:
      'Enter asks, Shift and Enter begin a new line, Escape stops an answer, Control and slash list all keys.',
    needsModel: 'To answer, this page needs a model: get one, or open a file under Models.',
    comingModel: 'The first question can be asked when the model is here.',
    loadingModel: 'The model is loading. What you ask now is answered when it is ready.',
    newText: 'New text',
    checking: 'Waiting for the rules of this site',
    waking: 'Loading the model',
    reading: 'Reading the prompt',
    readingTokens: (done: string, total: string) =>
      `Reading the prompt: ${done} of ${total} tokens`,
    noText: 'No text came.',
    omitted: (count: number) =>
      counted(count, {
        one: '# earlier message did not fit the context and was left out.',
        other: '# earlier messages did not fit the context and were left out.',
      }),
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
  },

  /** Around what a model wrote. */
  markdown: {
    code: 'Code',
    table: 'Table',
    image: (title: string, address: string) => `[Image, not fetched: ${title} ${address}]`,
  },

  answerLine: {
    rate: (rate: string) => `${rate} tok/s`,
    firstToken: (duration: string) => `first token ${duration}`,
    tokens: (count: number) => counted(count, { one: '# token', other: '# tokens' }),
    ended: {
      stop: 'stopped by itself',
      'stop-string': 'ended at a stop string',
      length: 'reached the length limit',
      context: 'the context is full',
      cancelled: 'stopped by you',
    } satisfies Record<StopReason, string>,
    broken: 'broke off',
    continued: (count: string) => `continued after ${count}`,
  },

  /** Name and definition of every number: the definition says between which moments, and divided by what. */
  figures: {
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
      definition:
        'Prompt tokens whose keys and values were still in memory and were not run again.',
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
  },

  units: {
    perSecond: 'tok/s',
    tokens: (count: string) => `${count} tok`,
  },

  /** Where a model runs. A rung is named as a choice, and as a place in a sentence. */
  rungs: {
    places: {
      'webgpu-f16': 'the GPU in 16 bits',
      'webgpu-f16-fp32': 'the GPU in 16 bits with sums in 32',
      'webgpu-f32': 'the GPU in 32 bits',
      'simd-int8': 'the CPU',
      'wasm-int8': 'the CPU with ONNX Runtime',
    } satisfies Record<Rung, string>,
    reason: (code: ErrorCode) => REASONS[code] ?? REASONS.internal,
    gpu: 'the GPU',
    tryGpuAgain: 'Try the GPU again',
    tryEngineAgain: 'Try it again',
    gaveUp: (from: string, reason: string, to: string) =>
      `${capitalised(from)} was given up: ${reason}. The model now runs on ${to}.`,
    gaveUpInAnswer: (from: string, reason: string, to: string) =>
      `${capitalised(from)} was given up in the middle of an answer: ${reason}. What was written is kept, and the model now runs on ${to}.`,
    notPrepared: (from: string, reason: string, to: string) =>
      `The model could not be prepared for ${from}: ${reason}. It now runs on ${to}.`,
    diedLastTime: (from: string, to: string) =>
      `Last time, the browser ended this page while it got the model ready for ${from}. This time the model runs on ${to}.`,
  },

  announcements: {
    phase: (title: string, phase: string) => `${title}: ${phase}`,
    ready: (title: string) => `${title} is ready. Ask a question.`,
  },
};

/** What a host means by the status with which it refuses a download. */
function refusal(httpStatus: number): string {
  if (httpStatus === 401 || httpStatus === 403) {
    return `The host does not give this file to everybody (HTTP ${httpStatus}). Download it by hand, signed in there, and open it here.`;
  }
  if (httpStatus === 404 || httpStatus === 410) {
    return `The host does not have this file any more (HTTP ${httpStatus}). Check the address, or get the file elsewhere and open it here.`;
  }
  if (httpStatus === 429) {
    return `The host asks for patience: too many downloads at once (HTTP ${httpStatus}). What came is kept. Continue in a few minutes.`;
  }
  if (httpStatus >= 500) {
    return `The host has a problem of its own (HTTP ${httpStatus}). What came is kept. Continue in a few minutes.`;
  }
  return `The host refused the download (HTTP ${httpStatus}). Try again, or download the file by hand and open it here.`;
}

const otherFamily = (architecture: string) =>
  `This model is not of the Qwen2 family, which is all that this page runs (its architecture: ${architecture}). Choose a Qwen2 or Qwen2.5 model in GGUF form.`;

const otherScaling = (scaling: string) =>
  `This model stretches its context in a way that this page does not run (RoPE scaling: ${scaling}). Choose the ordinary Qwen2.5 of this size.`;

const notForGpu = (why: string) =>
  `This model does not suit the graphics processor (GPU): ${why}. Nothing is lost: it runs without the GPU too.`;

const GUIDE_CHANGED =
  'What arrived is not the small model that belongs to this page, so it was deleted. The page works without it: get a model, or reload the page and try again.';

/** What happened, what is kept, what to do; with the numbers of the case. */
const FAILURES: FailureSentences = {
  'not-gguf': {
    plain:
      'This file is not a GGUF model: it does not begin like one. Choose a file that ends in .gguf.',
    'lfs-pointer':
      'This file only points to the model (a Git LFS pointer, as a plain clone leaves it). Download the model file itself.',
  },
  'html-not-model': {
    plain:
      'What arrived is a web page, not a model: the address is wrong, or a sign-in page answered. Check the address, or download the file by hand and open it here.',
    'saved-page':
      'This file is a web page, not a model: the page about the model was saved in its place. Download the model itself, a file that ends in .gguf, and choose that.',
    'guide-changed': GUIDE_CHANGED,
  },
  'gguf-truncated': {
    plain:
      'This file is shorter than its own contents list says: it was cut off while it was copied or downloaded. Get it again.',
    empty: 'This file is empty: nothing was written into it. Get it again.',
  },
  'gguf-malformed':
    'This file is damaged: its contents list does not make sense. Get it again from the place it was published.',
  'gguf-version': {
    plain:
      'This GGUF is of a version that this page cannot read. Get a current one (version 2 or 3).',
    'big-endian':
      'This GGUF was made for computers of the other byte order (big-endian). Get the ordinary, little-endian one.',
  },
  'unsupported-architecture': {
    plain:
      'This model is not of the Qwen2 family, which is all that this page runs. Choose a Qwen2 or Qwen2.5 model in GGUF form.',
    'other-family': ({ architecture }) => otherFamily(architecture),
    'unstated-family': otherFamily('not stated'),
    'rope-scaling': ({ scaling }) => otherScaling(scaling),
    'unstated-rope-scaling': otherScaling('unknown'),
    'other-tokenizer':
      'This model cuts text into tokens in another way than Qwen2 models do, so this page cannot run it. Choose a Qwen2 or Qwen2.5 model in GGUF form.',
  },
  'unsupported-tensor-type': {
    plain:
      'This model is stored in a number format that this page cannot read. Choose another quantisation of it, such as Q4_K_M or Q8_0.',
    'named-type': ({ tensorType }) =>
      `This model is stored in a number format that this page cannot read (type ${tensorType}). Choose another quantisation of it, such as Q4_K_M or Q8_0.`,
  },
  'missing-tensor': {
    plain:
      'This model lacks a part that it needs to run. Get the file again from the place it was published.',
    'named-tensor': ({ tensor }) =>
      `This model lacks a part that it needs to run (${tensor}). Get the file again from the place it was published.`,
  },
  'vocabulary-mismatch':
    'The vocabulary and the weights of this file do not belong together. Get the file again from the place it was published.',
  'pack-damaged':
    'This file of an exported model is damaged or was cut off, so nothing of it was taken. Copy it again, or export it again.',
  'file-unreadable':
    'The browser could not read this file: it was moved or changed, or its drive is gone. Choose it again.',
  'checksum-mismatch': {
    plain:
      'What was downloaded is not the file that was published, so it was deleted. Try again; if it happens twice, the host or the network changes the file.',
    'guide-changed': GUIDE_CHANGED,
  },
  'source-damaged': {
    plain: 'The model file on this device is damaged. Repair it, or delete it and get it again.',
    'no-other-copy':
      'The model file on this device is damaged, and this page does not know where else the same file is. Open your copy of it here once more, or delete it.',
  },
  'download-failed': {
    plain:
      'The download did not finish. What came is checked and kept. Check the connection, and continue.',
    refused: ({ httpStatus }) => refusal(httpStatus),
    stalled: 'The host stopped sending. What came is kept. Continue in a few minutes.',
    'out-of-reach':
      'This page lets itself fetch models from Hugging Face, hf-mirror.com, ModelScope and this site only. Download the file by hand, and open it here.',
    'guide-missing':
      'The small model that comes with this page did not arrive. The page works without it: get a model, or check the connection and try again.',
    'no-repository':
      'Hugging Face has no such repository, or does not show it to everybody. Check its name.',
    'repository-untold':
      'Hugging Face did not tell which files it has. Check the connection and try again, or add the name of the file.',
  },
  'length-mismatch': {
    plain:
      'The file at this address does not have the length that it should have. Try again in a moment, or get it elsewhere and open it here.',
    'guide-changed': GUIDE_CHANGED,
  },
  'storage-full': {
    plain:
      'There is not enough room on this device for this model. Free some space, or remove another model here, and try again.',
    'too-little-room': ({ neededBytes, leftBytes }, { megabytes }) =>
      `This model needs about ${megabytes(neededBytes)} of room, and the browser has ${megabytes(leftBytes)} left for this page. Free some space, or remove another model here, and try again.`,
    'ran-out': ({ neededBytes }, { megabytes }) =>
      `There was no room left while this model was written; it needs about ${megabytes(neededBytes)}. Free some space, or remove another model here, and try again.`,
  },
  'storage-unavailable':
    'This browser does not let the page keep files (a private window does this). Open the page in a normal window.',
  'model-in-use': 'This model is open in another tab of this page. Close that tab and try again.',
  'model-missing':
    'This model is no longer on this device: the browser or somebody cleared it. Get it again.',
  'model-changed':
    'The model file on this device was changed or cut off after it was checked, so it is not run. Repair it: what is damaged is fetched again, and nothing else.',
  'model-too-large': {
    plain:
      'This model needs more memory than a browser gives a page (4.29 GB). Choose a smaller model.',
    'beyond-page-memory': ({ neededBytes, mostBytes }, { bytes }) =>
      `This model needs ${bytes(neededBytes)} of memory to run on the processor, and a browser gives a page ${bytes(mostBytes)} at most. Choose a smaller model.`,
  },
  'compiled-damaged':
    'The prepared form of this model is damaged or incomplete. It will be prepared again from the model file; no download is needed.',
  'out-of-memory':
    'This device did not give the page enough memory for this model. Close other tabs and try again, or choose a smaller model.',
  'runtime-failed':
    'The inference runtime could not start this model. Reload the page and try again.',
  'webgpu-unavailable': {
    plain:
      'The graphics processor (GPU) of this device could not be started for this model. Nothing is lost: the model runs without it too. Load it again.',
    'uneven-heads': ({ headSize, multiple }, { count }) =>
      notForGpu(`its attention heads of ${count(headSize)} are no multiple of ${count(multiple)}`),
    'uneven-rows': ({ rowWeights, blockWeights }, { count }) =>
      notForGpu(
        `its rows of ${count(rowWeights)} weights do not fill blocks of ${count(blockWeights)}`,
      ),
    'long-rows': ({ rowWeights, mostBytes }, { count }) =>
      notForGpu(`its rows of ${count(rowWeights)} weights pass ${count(mostBytes)} bytes at once`),
  },
  'webgpu-lost':
    'The graphics processor (GPU) stopped working for this page: it was reset, or the system took it away. What was written is kept, and the model can go on without it.',
  'self-test-failed': {
    plain:
      'The graphics processor (GPU) gave wrong numbers in a test whose results are known. Nothing is lost: the model runs without it too. Load it again.',
    'on-cpu':
      'The fast engine for the processor gave wrong numbers in a test whose results are known. Nothing is lost: the model runs without it too. Load it again.',
  },
  'page-died':
    'The browser ended this page while it was getting this model ready, most likely for lack of memory. What was downloaded is kept. Close other tabs and try again, or choose a smaller model.',
  'answer-interrupted':
    'The page was closed while this answer was written. What was written is kept.',
  'conversations-unavailable':
    'This browser does not let the page keep conversations (a private window may do this). What is said here lasts as long as this tab.',
  'conversations-full':
    'There is no room left on this device to keep what is said here. Delete other conversations or a model; then it is kept again.',
  'import-failed':
    'This file holds no conversations that this page can read. Choose a file that was saved here as JSON.',
  'policy-unavailable':
    'The site that serves this page has not told whether it has rules for what is said here, and nothing is answered before it has. Your question is kept. Try again.',
  withheld:
    'The policy of the site that serves this page withholds this. Nothing of it was sent anywhere. Ask in other words.',
  'prompt-empty': 'There is nothing to answer yet. Type a question first.',
  'prompt-too-long': {
    plain: 'The message is longer than the model can read at once. Shorten it and send it again.',
    'long-message': ({ messageTokens, availableTokens }, { count }) =>
      `The message has ${count(messageTokens)} tokens (parts of words), and the model can take ${count(availableTokens)} at once beside the system prompt and its reply. Shorten it and send it again.`,
    'long-system-prompt': ({ systemTokens, limitTokens, messageTokens }, { count }) =>
      `The system prompt leaves no room for a message: it takes about ${count(systemTokens)} tokens (parts of words), and ${count(limitTokens)} fit. Shorten it and send the message of ${count(messageTokens)} tokens again.`,
  },
  'invalid-request':
    'One of the settings is outside the range that it allows. Reset the settings and try again.',
  busy: {
    plain: 'The model is still busy with the request before. Wait for it to finish, or stop it.',
    'still-preparing':
      'Another model is still being prepared. Wait for it to finish, or cancel it.',
    'other-tab':
      'Another tab of this page is preparing a model. Wait for it to finish, or close that tab.',
  },
  'not-loaded': 'No model is loaded. Choose one first.',
  'worker-died':
    'The part of the page that runs the model stopped. What was written is kept. Ask again to restart it.',
  'worker-silent': {
    plain:
      'The model has not answered for a long time, so it was stopped. What was written is kept. Ask again to restart it.',
    'no-progress':
      'Nothing has moved for a long time, so it was stopped. A model file that was checked already is kept. Try again.',
  },
  internal:
    'Something went wrong inside the page. What was written is kept. Reload the page and try again.',
};

export const later = {
  /** By code, and by case where more is known. */
  errors: { sentences: FAILURES },

  /** What a screen reader says of an answer, beside its sentences. */
  speech: {
    title: 'What is read out',
    code: (language: string, lines: number) =>
      `${language === '' ? 'Code' : `Code in ${language}`}, ${counted(lines, { one: '# line', other: '# lines' })}.`,
    table: (rows: number, columns: readonly string[]) =>
      `Table, ${counted(rows, { one: '# row', other: '# rows' })}: ${columns.join(', ')}.`,
    image: (title: string) => `Image, not fetched: ${title}`,
  },

  /** What can be done by keyboard. */
  keys: {
    intro: 'While this list is open, a letter does what stands beside it. So do Tab and Enter.',
    everywhere: 'At any time',
    direct: {
      ask: 'Ask, in the question field',
      newLine: 'New line in the field',
      stop: 'Stop the answer; close what is open',
      list: 'This list',
      turns: 'Answer before, answer after',
      conversations: 'Conversation before, conversation after',
      controls: 'From one control to the next; with Shift, back',
    },
    actions: {
      new: 'New conversation',
      find: 'Search conversations',
      list: 'Conversations',
      xray: 'Tokens of the last answer',
      copy: 'Copy the last answer',
      models: 'Models',
      settings: 'Settings',
      statistics: 'Statistics',
      benchmark: 'Benchmark',
      privacy: 'On this device',
    } satisfies Record<KeyAction, string>,
    single: 'The ? key opens this list',
    singleHint:
      'Outside of fields only. Switch it off if you speak to your device instead of typing; Ctrl and / open the list all the same.',
    show: 'Show the keys',
    inConversation: (title: string) => `Conversation: ${title}`,
  },

  /** All conversations on this device. */
  conversations: {
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
    fileName: 'conversation',
    open: 'Open saved ones',
    remove: 'Delete',
    removed: (title: string) => `“${title}” was deleted.`,
    undo: 'Undo',
  },

  /** Models on this device, and every way to more of them. */
  shelf: {
    provenance: (host: string, licence: string) =>
      `From ${host}, checked against its published SHA-256. Licence ${licence}.`,
    openFile: 'Open a model file',
    openFileHint:
      'Any Qwen2 or Qwen2.5 model in GGUF form, or a model saved here as .offgrid on another device.',
    dropHint: 'You can also drop it on this page.',
    stored: 'Already on this device',
    served: 'In the models folder of this site',
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
    hash: 'SHA-256',
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
    address: 'Add another model',
    addressExample: 'Qwen/Qwen2.5-0.5B-Instruct-GGUF/….gguf',
    addressHint:
      'A repository on Hugging Face as owner/repository, a file in it as owner/repository/file.gguf, or its address. Where the host tells its SHA-256, the file is checked against it; else the hash is recorded here.',
    getAddress: 'Get the model at this address',
    addressFaults: {
      'no-address':
        'Type owner/repository, owner/repository/file.gguf, or an address that begins with https://.',
      'not-gguf': 'That is no file that ends in .gguf.',
      'out-of-reach':
        'This page lets itself fetch models from Hugging Face, hf-mirror.com, ModelScope and this site only. Download the file by hand, and open it below.',
    } satisfies Record<AddressFault, string>,
    repositoryLooking: (repo: string) => `Asking Hugging Face what lies in ${repo}.`,
    repositoryTitle: (repo: string) => `Models in ${repo}`,
    repositoryCount: (files: number, repo: string) =>
      `${counted(files, { one: '# file', other: '# files' })} in ${repo}. This page runs Qwen2 and Qwen2.5.`,
    repositoryEmpty: (repo: string) =>
      `In ${repo} lies no file that ends in .gguf and is a model by itself.`,
    repositoryGet: (path: string) => `Get ${path}`,
    mustPrepare: 'will be prepared again',
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
    comesWithPage: (size: string) => `${size} · comes with this page`,
    room: 'Room on this device',
    used: (used: string) => `This page takes ${used} here.`,
    left: (left: string) => `The browser would give this page ${left} more.`,
    kept: 'Kept until you delete it.',
    notKept: 'The browser may clear it when space runs out.',
    notGguf: 'Only files that end in .gguf or .offgrid can be opened here.',
  },

  /** Work on a model that lies here. */
  upkeep: {
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
  },

  /** An answer token by token. */
  xray: {
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
    rows: (from: string, until: string) => `Tokens ${from} to ${until}`,
    number: 'No.',
    token: 'Token',
    second: 'Next likely',
  },

  statistics: {
    now: 'Now',
    lastAnswer: 'Last answer',
    memory: 'Context and memory',
    engine: 'Model and engine',
    noModel: 'No model is loaded.',
    measuring: 'measuring',
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
  },

  /** How our own kernels run a model on the CPU. */
  kernelFacts: {
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
      decode === prompt
        ? `14 bits, as ${decode}`
        : `14 bits, as ${decode}, of prompts as ${prompt}`,
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
  },

  engineFacts: {
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
  },

  /** Which language the page speaks. Each is named in itself. */
  language: {
    title: 'Language',
    automatic: (name: string) => `Automatic: ${name}`,
    hint: 'Of the whole page, at once. Automatic follows the browser.',
    failed:
      'The words of that language did not come, so nothing was changed. Check the connection.',
  },

  settings: {
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
  },

  /** Where a model runs, as a choice. */
  engines: {
    title: 'Engine',
    names: {
      'webgpu-f16': 'GPU, 16 bits',
      'webgpu-f16-fp32': 'GPU, 16 bits, sums in 32',
      'webgpu-f32': 'GPU, 32 bits',
      'simd-int8': 'CPU',
      'wasm-int8': 'CPU, ONNX Runtime',
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
      software:
        'A program on the CPU stands in for the graphics processor here. The CPU is faster.',
      small: 'The guide is so small that it answers sooner on the CPU.',
    } satisfies Record<Exclude<Obstacle['type'], 'failed'>, string>,
    failed: (day: string, reason: string) => `Not used since ${day}: ${reason}.`,
    tryAllAgain: 'Try every one again',
    loadedElsewhere: (place: string) => `The model is loaded on ${place}.`,
  },

  privacy: {
    limitsTitle: 'What this page cannot see',
    limits: [
      'Browser extensions: they may read and send what is in any page, and are in no list of the page’s.',
      'The browser itself, the system and the keyboard app: spelling aids, translation and sync have their own ways.',
      'WebSockets and connections between browsers are in no such list; the policy forbids the first, and nothing here opens the second.',
      'Whoever serves this page could serve another one next time. What is kept here is compared with its hashes; a new version asks you first.',
    ],
    paragraphs: [
      'The model runs inside this page, on the processor of this device. Your questions, the files you open and the answers stay here: there is no server that they could be sent to.',
      'Two things come over the network: the page itself, and a model when you press Get. Once they are here, both work offline.',
    ],
  },

  /** Whether the page works without a network, and what that takes. */
  offline: {
    title: 'Without a network',
    checking: 'Looking at the files on this device',
    ready: (count: number, size: string) =>
      `${counted(count, { one: '# file', other: '# files' })} of this page lie here, ${size}, each just compared with its SHA-256.`,
    model: (title: string, size: string) => `${title} lies here with the form it runs in: ${size}.`,
    notReady: 'Not ready for offline',
    lacks: {
      'no-service-worker':
        'This browser does not keep the page: a private window, an address without https, or a certificate that it does not know. The models are kept all the same.',
      'not-serving': 'The page is kept, and answers without a network once it was loaded again.',
      files: (count: number) =>
        counted(count, {
          one: '# file of the page is missing or is not as it was built.',
          other: '# files of the page are missing or are not as they were built.',
        }),
      'no-model': 'No model is loaded.',
      model: (title: string) => `${title} does not lie on this device in full.`,
    },
    again: 'Look again',
    files: 'The files',
    states: { kept: 'as built', missing: 'missing', damaged: 'not as built; fetched again' },
    install: 'Install as an app',
    installHint: 'Its own icon and window; the same page, the same rules.',
  },

  ledger: {
    title: 'Requests since the page opened',
    total: (requests: number, size: string) =>
      `${counted(requests, { one: '# request', other: '# requests' })}, ${size} over the network.`,
    elsewhere: (count: number) =>
      counted(count, { other: '# of them to other hosts than this page’s.' }),
    nowhere: 'None of them to another host than this page’s.',
    each: 'Each address',
    makers: {
      page: 'Page',
      inference: 'Model worker',
      store: 'Storage worker',
      download: 'Download worker',
      'service-worker': 'Service worker, for all tabs',
    },
    purposes: {
      page: 'the page',
      look: 'how it looks',
      script: 'a script',
      worker: 'a script of a worker',
      runtime: 'the program that runs models',
      guide: 'the guide, a model that comes with the page',
      offline: 'what keeps the page for offline use',
      'model-list': 'which models this host offers',
      'host-policy': 'whether this host has rules for what is said',
      model: 'a model that you asked for',
      drill: 'a try to get out, see above; not counted',
      unknown: 'for nothing that this page does by itself',
    },
    answers: {
      network: 'network',
      'service-worker': 'service worker',
      'browser-cache': 'browser’s cache',
      untold: 'not told by the browser',
    },
    times: (count: number) => counted(count, { one: 'once', other: '# times' }),
    hint: 'From the browser’s own list, of the page and of each worker; the download worker counts bytes itself. What the service worker answers from this device counts no bytes. Threads of a worker tell nothing themselves: they load their script, which the worker’s list has.',
  },

  policy: {
    title: 'The policy in force',
    hint: 'Asked for again just now, as the browser got it. The browser refuses everything that it does not allow.',
    reading: 'Reading it',
    none: 'none',
    bound: {
      page: 'Page',
      inference: 'Model worker',
      store: 'Storage worker',
      download: 'Download worker, which alone may reach hosts of models',
    },
    sources: { header: 'by response header', element: 'by an element in the page' },
  },

  drill: {
    title: 'Try it',
    hint: 'Tries to send the word “canary” to canary.invalid, a name that belongs to nobody: from the page, and from the worker that reads your questions.',
    run: 'Try to get out',
    running: 'Trying',
    allRefused: 'The browser refused every try, by the policy.',
    notRefused:
      'Not every try was refused by the policy. On this address the page cannot promise that nothing leaves.',
    ways: {
      fetch: 'fetch',
      websocket: 'WebSocket',
      script: 'a script of another host',
      beacon: 'sendBeacon',
      image: 'an image',
    },
    outcomes: {
      refused: (directive: string) => `refused by ${directive}`,
      failed: 'not refused; it failed on the way',
      sent: 'not refused; it left',
    },
  },

  receipts: {
    save: 'Save a receipt',
    hint: 'All of this as a file, with the time and the versions. No question and no answer is in it.',
    fileName: (date: string) => `offgrid-receipt-${date.slice(0, 10)}.json`,
  },

  benchmark: {
    intro:
      'Measures how fast this device reads and writes with the model in use, by the way that your questions take, and by the same clock and definitions as the statistics under an answer.',
    extents: {
      quick: 'Quick',
      full: 'Full',
    } satisfies Record<Extent, string>,
    extentTitle: 'How much',
    extentHints: {
      quick: 'A prompt of 128 tokens and a reply of 64. About a minute on a slow phone.',
      full: 'Prompts of 128, 512 and 2,048 tokens, replies of 64 and 256. Some minutes.',
    } satisfies Record<Extent, string>,
    rounds: 'Rounds',
    roundsHint: (most: string) =>
      `From 1 to ${most}. A quick run begins no new round after half a minute.`,
    drift: 'Heat: decode for three minutes more',
    driftHint: 'Shows how much speed is lost as the device grows warm.',
    start: 'Start',
    stop: 'Stop',
    stopping: 'Stopping',
    needsModel: 'No model is ready. Choose one under Models first.',
    needsRest: 'An answer is being written. Stop it, or wait for its end.',
    leftOut: (lengths: string, context: string) =>
      `Left out, because the model’s context holds ${context} tokens: ${lengths}.`,
    loading: 'Loading the model anew',
    round: (round: number, of: number) => `Round ${round} of ${of}`,
    heating: (elapsed: string, all: string) => `Decoding, ${elapsed} of ${all}`,
    progress: 'Progress of the benchmark',
    keepOpen:
      'Leave this page open and in sight. Closing this sheet stops the run; what was measured stays.',
    failed: 'The run ended before its time.',
    none: 'Nothing was measured on this device yet.',
    kinds: { prefill: 'Prefill', decode: 'Decode' } satisfies Record<Kind, string>,
    heats: { cold: 'cold', warm: 'warm' } satisfies Record<Heat, string>,
    length: (kind: string, tokens: string) => `${kind} ${tokens}`,
    here: 'This device',
    other: 'The other one',
    result: 'Result',
    rate: 'Tokens per second: the median, with the quartiles below it.',
    measurement: 'Measurement',
    ratio: 'Here ÷ other',
    quartiles: (low: string, high: string, samples: number) =>
      low === high && samples === 1 ? 'once' : `${low}–${high}, ${samples} times`,
    hidden: 'The page was out of sight meanwhile. Browsers slow such pages down: run it again.',
    otherHint: 'As its link or file says; nobody vouches for it.',
    otherModel: 'The two ran different models, so compare with care.',
    load: 'Load',
    driftTitle: 'Heat',
    driftKept: (share: string, minutes: string) =>
      `After ${minutes}, decoding runs at ${share} of the speed of the first ten seconds.`,
    driftLabel: 'Decoding speed over time',
    seconds: 'Seconds',
    facts: 'Device and versions',
    names: {
      date: 'Measured',
      model: 'Model',
      file: 'File',
      sha256: 'SHA-256',
      bits: 'Bits per weight, in the file',
      size: 'Size',
      rung: 'Runs on',
      threads: 'Threads',
      context: 'Context',
      browser: 'Browser',
      cores: 'Processor cores',
      memory: 'Memory, as the browser rounds it',
      gpu: 'GPU',
      runtime: 'ONNX Runtime Web',
      compiler: 'Compiler of models',
      page: 'Page',
    },
    share: 'Keep and share',
    saveJson: 'Save as JSON',
    savePicture: 'Save as a picture',
    copyLink: 'Copy link',
    copied: 'Copied',
    link: 'Link to this result',
    linkHint:
      'The result stands behind the # of the link, the part of an address that browsers send to no server. Who opens the link sees it beside their own.',
    openFile: 'Open a result to compare',
    putAway: 'Put the other one away',
    unreadable:
      'This holds no benchmark result that this page can read. Take a link or a file that was made here.',
    pictureHint: 'Tokens per second: bars end at the median, boxes span the quartiles.',
    pictureTitle: (title: string) => `Offgrid benchmark: ${title}`,
    fileName: (date: string, kind: 'json' | 'png') =>
      `offgrid-benchmark-${date.slice(0, 10)}.${kind}`,
    howTitle: 'What exactly is measured',
    how: [
      'Prefill: prompt tokens divided by the time inside the runs that read them. Decode: the tokens of the reply but the first, divided by the time from the first to the last.',
      'Cold is the first request after the model was loaded anew; warm is the same request once more. Nothing is taken from the cache in either, and no token is guessed ahead.',
      'A prompt is the chat template and random tokens, the same in every run; replies are greedy and have exactly the length named. Decoding follows a prompt of 128 tokens.',
      'Quartiles are interpolated between neighbours, as R and NumPy do.',
    ],
  },

  writing: {
    title: 'What to do with this text',
    tools: {
      summarise: 'Summarise',
      shorter: 'Shorter',
      friendlier: 'Friendlier',
      formal: 'Formal',
      'to-english': 'To English',
      'to-chinese': 'To Chinese',
      'explain-code': 'Explain code',
    } satisfies Record<WritingTool, string>,
    edit: 'Change the prompts',
    editHint: (place: string) =>
      `What is said to the model. ${place} stands for your text; without it, the text follows at the end. Changes are kept on this device.`,
    reset: 'Back to the original',
    resetTitle: (tool: string) => `${tool}: back to the original`,
    notForGuide:
      'The guide knows this page and its subject only. For these, get Qwen2.5 under Models.',
  },

  hostPolicy: {
    title: 'Policy of this site',
    notice: 'The site that serves this page has rules for what is asked and answered here.',
    refused: (line: string, reason: string) =>
      `This site’s policy.json is not in force: line ${line}, ${reason}. Nothing is withheld or flagged until whoever serves the page mends it.`,
    /** Why, as the end of a sentence. */
    faults: {
      'no-json': () => 'something that is no JSON',
      levels: () => 'too many levels',
      'no-name': () => 'a name in quotation marks is missing',
      twice: (name) => `“${name}” stands twice`,
      'no-colon': () => 'a colon is missing',
      'no-comma': () => 'a comma is missing',
      'no-value': () => 'a value is missing',
      'no-end': () => 'something follows the end',
      'too-large': (most) => `the file is larger than ${most} bytes`,
      version: () => '“version” has to be 1',
      'is-on': () => '“isOn” has to be true or false',
      'no-language': (tag) => `“${tag}” is no language`,
      'no-list': (name) => `“${name}” has to be a list`,
      patterns: (most) => `more than ${most} patterns`,
      stars: (most) => `more than ${most} stars in a pattern`,
      short: () => 'a pattern of fewer than 2 characters',
      'no-text': () => 'a text is missing',
      long: (most) => `a text of more than ${most} characters`,
      'no-object': () => 'an object is missing',
      unknown: (name) => `“${name}” is not known`,
    } satisfies Record<FaultCode, (detail: string) => string> as Record<
      FaultCode,
      (detail: string) => string
    >,
    decisions: (count: number) => counted(count, { one: '# decision', other: '# decisions' }),
    decision: (side: string, action: string, pattern: string) => `${side} ${action}: ${pattern}`,
    sides: { prompt: 'Question', reply: 'Answer' } satisfies Record<Side, string>,
    actions: { block: 'withheld', flag: 'flagged' } satisfies Record<Rule['action'], string>,
    stays:
      'Decided on this device. This list stays in this page and ends with it; nothing of it is sent.',
  },
};
