import type { ErrorCode } from '../contract/errors.ts';

/** What a person can press after a failure. The sentence says it too; the button does it. */
export type Remedy =
  | 'try-again'
  /** Trying again, where that begins with a look at every byte of the file. */
  | 'repair'
  | 'choose-another'
  | 'reload-page'
  | 'reset-settings';

const REMEDIES: Record<ErrorCode, readonly Remedy[]> = {
  'not-gguf': ['choose-another'],
  'file-unreadable': ['choose-another'],
  'html-not-model': ['try-again', 'choose-another'],
  'gguf-truncated': ['choose-another'],
  'gguf-malformed': ['choose-another'],
  'gguf-version': ['choose-another'],
  'unsupported-architecture': ['choose-another'],
  'unsupported-tensor-type': ['choose-another'],
  'missing-tensor': ['choose-another'],
  'vocabulary-mismatch': ['choose-another'],
  'pack-damaged': ['choose-another'],
  'checksum-mismatch': ['try-again'],
  'source-damaged': ['try-again', 'choose-another'],
  'download-failed': ['try-again'],
  'length-mismatch': ['try-again'],
  'storage-full': ['try-again', 'choose-another'],
  'storage-unavailable': ['reload-page'],
  'model-in-use': ['try-again'],
  'model-missing': ['choose-another'],
  'model-changed': ['repair', 'choose-another'],
  'model-too-large': ['choose-another'],
  'compiled-damaged': ['try-again'],
  'out-of-memory': ['try-again', 'choose-another'],
  'runtime-failed': ['reload-page'],
  'webgpu-unavailable': ['try-again'],
  'webgpu-lost': ['try-again'],
  'self-test-failed': ['try-again'],
  'page-died': ['try-again', 'choose-another'],
  'answer-interrupted': ['try-again'],
  'conversations-unavailable': ['reload-page'],
  'conversations-full': ['try-again'],
  'import-failed': ['try-again'],
  withheld: ['try-again'],
  'policy-unavailable': ['try-again', 'reload-page'],
  'prompt-empty': [],
  'prompt-too-long': [],
  'invalid-request': ['reset-settings'],
  busy: ['try-again'],
  'not-loaded': ['choose-another'],
  'worker-died': ['try-again'],
  'worker-silent': ['try-again'],
  internal: ['try-again', 'reload-page'],
};

/** The most helpful first; empty when only the person's own words can change something. */
export function remediesFor(code: ErrorCode): readonly Remedy[] {
  return REMEDIES[code];
}

/** After these the worker cannot be trusted any more: the next question loads the model into a new one. */
const ENDS_THE_ENGINE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'worker-died',
  'worker-silent',
  'runtime-failed',
  'webgpu-lost',
  'out-of-memory',
  'not-loaded',
  'internal',
]);

export function endsTheEngine(code: ErrorCode): boolean {
  return ENDS_THE_ENGINE.has(code);
}
