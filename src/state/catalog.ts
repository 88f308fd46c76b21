import { toModelId } from '../contract/model.ts';
import type { CatalogEntry } from '../contract/store.ts';

/**
 * Models that one press of a button fetches. Revision, size and hash were compared in three public
 * sources on 2026-11-22; the hash makes the host irrelevant.
 */
export const CATALOG: readonly CatalogEntry[] = [
  {
    key: 'qwen2.5-0.5b-instruct-q4_k_m',
    title: 'Qwen2.5 0.5B Instruct',
    fileName: 'qwen2.5-0.5b-instruct-q4_k_m.gguf',
    url: 'https://huggingface.co/Qwen/Qwen2.5-0.5B-Instruct-GGUF/resolve/9217f5db79a29953eb74d5343926648285ec7e67/qwen2.5-0.5b-instruct-q4_k_m.gguf',
    totalBytes: 491_400_032,
    sha256: toModelId('74a4da8c9fdbcd15bd1f6d01d621410d31c6fc00986f5eb687824e7b93d7a9db'),
    licence: 'Apache-2.0',
  },
];
