/**
 * What is known of a failure beside its code: which of several cases it is, with its numbers and names, never words. One list says it
 * to the compiler and to what comes over a thread or out of a file.
 */
import type { ErrorCode } from './errors.ts';

/** A number is finite and not negative, in the unit of its name. A name is short and on one line; it may come from a file. */
type Kind = 'number' | 'name';

type Fields = Readonly<Record<string, Kind>>;

export const FAILURE_CASES = {
  'not-gguf': { 'lfs-pointer': {} },
  'html-not-model': { 'saved-page': {}, 'guide-changed': {} },
  'gguf-truncated': { empty: {} },
  'gguf-version': { 'big-endian': {} },
  'unsupported-architecture': {
    'other-family': { architecture: 'name' },
    'unstated-family': {},
    'rope-scaling': { scaling: 'name' },
    'unstated-rope-scaling': {},
    'other-tokenizer': {},
  },
  'unsupported-tensor-type': { 'named-type': { tensorType: 'name' } },
  'missing-tensor': { 'named-tensor': { tensor: 'name' } },
  'checksum-mismatch': { 'guide-changed': {} },
  'source-damaged': { 'no-other-copy': {} },
  'download-failed': {
    refused: { httpStatus: 'number' },
    stalled: {},
    'out-of-reach': {},
    'guide-missing': {},
    'no-repository': {},
    'repository-untold': {},
  },
  'length-mismatch': { 'guide-changed': {} },
  'storage-full': {
    'too-little-room': { neededBytes: 'number', leftBytes: 'number' },
    'ran-out': { neededBytes: 'number' },
  },
  'model-too-large': { 'beyond-page-memory': { neededBytes: 'number', mostBytes: 'number' } },
  'webgpu-unavailable': {
    'uneven-heads': { headSize: 'number', multiple: 'number' },
    'uneven-rows': { rowWeights: 'number', blockWeights: 'number' },
    'long-rows': { rowWeights: 'number', mostBytes: 'number' },
  },
  'self-test-failed': { 'on-cpu': {} },
  'prompt-too-long': {
    'long-message': { messageTokens: 'number', availableTokens: 'number' },
    'long-system-prompt': {
      systemTokens: 'number',
      limitTokens: 'number',
      messageTokens: 'number',
    },
  },
  busy: { 'still-preparing': {}, 'other-tab': {} },
  'worker-silent': { 'no-progress': {} },
} as const satisfies Partial<Record<ErrorCode, Readonly<Record<string, Fields>>>>;

export type FailureCases = typeof FAILURE_CASES;

export type FieldsOf<Listed> = {
  readonly [Name in keyof Listed]: Listed[Name] extends 'number' ? number : string;
};

/** Of failures with this code. Never for a code that says all there is. */
export type FailureDetail<Code extends ErrorCode = ErrorCode> = Code extends keyof FailureCases
  ? {
      [Type in keyof FailureCases[Code]]: { readonly type: Type } & FieldsOf<
        FailureCases[Code][Type]
      >;
    }[keyof FailureCases[Code]]
  : never;

const MOST_NAME_CHARACTERS = 100;

/** What another thread, another version or a file says of a failure; null for what its code has no case for. Never throws. */
export function readDetail(code: ErrorCode, told: unknown): FailureDetail | null {
  if (typeof told !== 'object' || told === null) return null;
  const { type, ...values }: Readonly<Record<string, unknown>> = { ...told };
  const cases: Readonly<Partial<Record<ErrorCode, Readonly<Record<string, Fields>>>>> =
    FAILURE_CASES;
  const ofCode = cases[code];
  if (ofCode === undefined || typeof type !== 'string' || !Object.hasOwn(ofCode, type)) return null;
  const known: Record<string, unknown> = { type };
  for (const [name, kind] of Object.entries(ofCode[type] ?? {})) {
    const value = values[name];
    if (!(kind === 'number' ? isAmount(value) : isName(value))) return null;
    known[name] = value;
  }
  return known as FailureDetail;
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** Control characters, and those that turn the direction of writing, could make another sentence of it. */
function isName(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    value.length <= MOST_NAME_CHARACTERS &&
    !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value)
  );
}
