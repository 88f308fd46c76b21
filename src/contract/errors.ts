/**
 * Failures we can name. What a person reads when one happens (what happened, what is kept, what to do) is made of code and detail in
 * their language: ui/words/.
 */
import { readDetail, type FailureDetail } from './failure-cases.ts';

export const ERROR_CODES = [
  'not-gguf',
  'html-not-model',
  'gguf-truncated',
  'gguf-malformed',
  'gguf-version',
  'unsupported-architecture',
  'unsupported-tensor-type',
  'missing-tensor',
  'vocabulary-mismatch',
  'pack-damaged',
  'file-unreadable',
  'checksum-mismatch',
  'source-damaged',
  'download-failed',
  'length-mismatch',
  'storage-full',
  'storage-unavailable',
  'model-in-use',
  'model-missing',
  'model-changed',
  'model-too-large',
  'compiled-damaged',
  'out-of-memory',
  'runtime-failed',
  'webgpu-unavailable',
  'webgpu-lost',
  'self-test-failed',
  'page-died',
  'answer-interrupted',
  'conversations-unavailable',
  'conversations-full',
  'import-failed',
  'withheld',
  'policy-unavailable',
  'prompt-empty',
  'prompt-too-long',
  'invalid-request',
  'busy',
  'not-loaded',
  'worker-died',
  'worker-silent',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Whether this version of the page knows it. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return ERROR_CODES.some((known) => known === code);
}

/** Code, words for the log, and what else is known: `detail` is one of the code's cases, `cause` what was caught. */
type Failing =
  | {
      [Code in ErrorCode]: [
        code: Code,
        message: string,
        also?: { readonly detail?: FailureDetail<Code> | null; readonly cause?: unknown },
      ];
    }[ErrorCode]
  | [code: ErrorCode, message: string, also?: { readonly cause?: unknown }];

/** A failure we can name. `message` is for the log; code and detail say what a person reads. None of them holds prompt or reply. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  /** Null where the code says all that is known. */
  readonly detail: FailureDetail | null;

  constructor(...[code, message, also = {}]: Failing) {
    super(message, also.cause === undefined ? undefined : { cause: also.cause });
    this.code = code;
    this.detail = 'detail' in also ? (also.detail ?? null) : null;
  }
}

/** An error as it crosses a thread: everything that structured clone or Comlink would drop. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail: FailureDetail | null;
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
    detail: error.detail,
    // Of what was thrown: where it was converted tells nobody anything.
    stack: (thrown instanceof Error ? thrown : error).stack ?? null,
    causes,
  };
}

/** Of a code or a detail that nobody here knows, what can be said of it is kept. */
export function fromWire(wire: WireError): AppError {
  const code = isErrorCode(wire.code) ? wire.code : 'internal';
  const cause = wire.causes.reduceRight<Error | undefined>(
    (inner, message) => new Error(message, inner === undefined ? undefined : { cause: inner }),
    undefined,
  );
  const told = [code, wire.message, { detail: readDetail(code, wire.detail), cause }] as Failing;
  const error = new AppError(...told);
  if (wire.stack !== null) error.stack = wire.stack;
  return error;
}

/** WASM builds throw bare numbers (C++ exception pointers); cut because ORT prints its whole source. */
function describe(thrown: unknown): string {
  if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`.slice(0, 500);
  if (typeof thrown === 'number') return `native exception ${thrown}`;
  return String(thrown).slice(0, 500);
}
