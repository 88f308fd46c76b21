/** Names in the folder of the bench: the model as it is, and what was written when it was prepared. */
export const SOURCE_FILE = 'model.gguf';
export const SIMD_FILES = ['manifest.json', 'tokenizer.json', 'tokenizer_config.json'] as const;

/** Beside files of the same names that are another engine's. */
export const simdFile = (name: string) => `simd-${name}`;
