/**
 * Failures we can name, and what a person reads when one happens: what happened, what is kept, what to do.
 * Sentences live here so that a reviewer sees code and words together.
 */

const SENTENCES = {
  'not-gguf':
    'This file is not a GGUF model: it does not begin like one. Choose a file that ends in .gguf.',
  'html-not-model':
    'What arrived is a web page, not a model: the address is wrong, or a sign-in page answered. Check the address, or download the file by hand and open it here.',
  'gguf-truncated':
    'This file is shorter than its own contents list says: it was cut off while it was copied or downloaded. Get it again.',
  'gguf-malformed':
    'This file is damaged: its contents list does not make sense. Get it again from the place it was published.',
  'gguf-version':
    'This GGUF is of a version that this page cannot read. Get a current one (version 2 or 3).',
  'unsupported-architecture':
    'This model is not of the Qwen2 family, which is all that this page runs. Choose a Qwen2 or Qwen2.5 model in GGUF form.',
  'unsupported-tensor-type':
    'This model is stored in a number format that this page cannot read. Choose another quantisation of it, such as Q4_K_M or Q8_0.',
  'missing-tensor':
    'This model lacks a part that it needs to run. Get the file again from the place it was published.',
  'vocabulary-mismatch':
    'The vocabulary and the weights of this file do not belong together. Get the file again from the place it was published.',
  'pack-damaged':
    'This file of an exported model is damaged or was cut off, so nothing of it was taken. Copy it again, or export it again.',
  'file-unreadable':
    'The browser could not read this file: it was moved or changed, or its drive is gone. Choose it again.',
  'checksum-mismatch':
    'What was downloaded is not the file that was published, so it was deleted. Try again; if it happens twice, the host or the network changes the file.',
  'source-damaged':
    'The model file on this device is damaged. Repair it, or delete it and get it again.',
  'download-failed':
    'The download did not finish. What came is checked and kept. Check the connection, and continue.',
  'length-mismatch':
    'The file at this address does not have the length that it should have. Try again in a moment, or get it elsewhere and open it here.',
  'storage-full':
    'There is not enough room on this device for this model. Free some space, or remove another model here, and try again.',
  'storage-unavailable':
    'This browser does not let the page keep files (a private window does this). Open the page in a normal window.',
  'model-in-use': 'This model is open in another tab of this page. Close that tab and try again.',
  'model-missing':
    'This model is no longer on this device: the browser or somebody cleared it. Get it again.',
  'model-changed':
    'The model file on this device was changed or cut off after it was checked, so it is not run. Repair it: what is damaged is fetched again, and nothing else.',
  'model-too-large':
    'This model needs more memory than a browser gives a page (4.29 GB). Choose a smaller model.',
  'compiled-damaged':
    'The prepared form of this model is damaged or incomplete. It will be prepared again from the model file; no download is needed.',
  'out-of-memory':
    'This device did not give the page enough memory for this model. Close other tabs and try again, or choose a smaller model.',
  'runtime-failed':
    'The inference runtime could not start this model. Reload the page and try again.',
  'webgpu-unavailable':
    'The graphics processor (GPU) of this device could not be started for this model. Nothing is lost: the model runs without it too. Load it again.',
  'webgpu-lost':
    'The graphics processor (GPU) stopped working for this page: it was reset, or the system took it away. What was written is kept, and the model can go on without it.',
  'self-test-failed':
    'The graphics processor (GPU) gave wrong numbers in a test whose results are known. Nothing is lost: the model runs without it too. Load it again.',
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
  withheld:
    'The policy of the site that serves this page withholds this. Nothing of it was sent anywhere. Ask in other words.',
  'prompt-empty': 'There is nothing to answer yet. Type a question first.',
  'prompt-too-long':
    'The message is longer than the model can read at once. Shorten it and send it again.',
  'invalid-request':
    'One of the settings is outside the range that it allows. Reset the settings and try again.',
  busy: 'The model is still busy with the request before. Wait for it to finish, or stop it.',
  'not-loaded': 'No model is loaded. Choose one first.',
  'worker-died':
    'The part of the page that runs the model stopped. What was written is kept. Ask again to restart it.',
  'worker-silent':
    'The model has not answered for a long time, so it was stopped. What was written is kept. Ask again to restart it.',
  internal:
    'Something went wrong inside the page. What was written is kept. Reload the page and try again.',
} as const;

export type ErrorCode = keyof typeof SENTENCES;

/** Whether this version of the page knows it. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(SENTENCES, code);
}
export const ERROR_CODES = Object.keys(SENTENCES) as readonly ErrorCode[];

/** A failure we can name. `message` is for the log; `userMessage` says what to do next. Neither holds prompt or reply. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly userMessage: string;

  /** @param also `userMessage` replaces the sentence of the code where numbers help; `cause` is what was caught. */
  constructor(
    code: ErrorCode,
    message: string,
    also: { readonly userMessage?: string; readonly cause?: unknown } = {},
  ) {
    super(message, also.cause === undefined ? undefined : { cause: also.cause });
    this.code = code;
    this.userMessage = also.userMessage ?? SENTENCES[code];
  }
}

/** An error as it crosses a thread: everything that structured clone or Comlink would drop. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly userMessage: string;
  readonly stack: string | null;
  /** Messages of the causes, outermost first. */
  readonly causes: readonly string[];
}

/** Anything that was thrown; what is not an `AppError` becomes `internal`. */
export function toWire(thrown: unknown): WireError {
  const error =
    thrown instanceof AppError
      ? thrown
      : new AppError('internal', describe(thrown), { cause: thrown });
  const causes: string[] = [];
  for (let cause = error.cause; cause !== undefined && causes.length < 8;) {
    causes.push(describe(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return {
    code: error.code,
    message: error.message,
    userMessage: error.userMessage,
    // Of what was thrown: where it was converted tells nobody anything.
    stack: (thrown instanceof Error ? thrown : error).stack ?? null,
    causes,
  };
}

export function fromWire(wire: WireError): AppError {
  const cause = wire.causes.reduceRight<Error | undefined>(
    (inner, message) => new Error(message, inner === undefined ? undefined : { cause: inner }),
    undefined,
  );
  const error = new AppError(wire.code, wire.message, { userMessage: wire.userMessage, cause });
  if (wire.stack !== null) error.stack = wire.stack;
  return error;
}

/** WASM builds throw bare numbers (C++ exception pointers); cut because ORT prints its whole source. */
function describe(thrown: unknown): string {
  if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`.slice(0, 500);
  if (typeof thrown === 'number') return `native exception ${thrown}`;
  return String(thrown).slice(0, 500);
}
