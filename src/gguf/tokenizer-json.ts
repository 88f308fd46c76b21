/**
 * The tokenizer inside a Qwen2 GGUF, as the two files that Hugging Face libraries read. Pure data: no library of
 * theirs is needed to write them.
 *
 * Form and constants: `tokenizer.json` and `tokenizer_config.json` of Qwen/Qwen2.5-0.5B-Instruct.
 */
import { BYTE_LETTERS } from './byte-letters.ts';
import { AppError } from '../contract/errors.ts';
import type { GgufFile } from './read-gguf.ts';

export interface TokenizerFiles {
  /** Contents of `tokenizer.json`. */
  readonly tokenizerJson: object;
  /** Contents of `tokenizer_config.json`, chat template included. */
  readonly tokenizerConfig: object;
  /** Ids that end a reply, ascending: the file's end-of-sequence token, `<|im_end|>` and `<|endoftext|>`. */
  readonly stopTokens: readonly number[];
  /** Jinja. ChatML without a system prompt of its own where the file has no template. */
  readonly chatTemplate: string;
}

/** `LLAMA_TOKEN_TYPE_*` of llama.h. */
const CONTROL = 3;
const USER_DEFINED = 4;
const UNUSED = 5;

/** Qwen2's way of cutting text into words before merging. */
const WORDS =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

const ENDS = ['<|im_end|>', '<|endoftext|>'];

/**
 * @throws AppError `unsupported-architecture` for a tokenizer of another kind; `vocabulary-mismatch` where tokens,
 *   types, merges and ids do not fit each other
 */
export function tokenizerJson(file: GgufFile): TokenizerFiles {
  requireQwen2Tokenizer(file);
  const tokens = readTokens(file);
  const types = readTypes(file, tokens.length);
  const { ids, added, ordinary } = sortTokens(tokens, types);
  requireBytes(ordinary);
  const merges = readMerges(file, ordinary);
  const special = {
    bos: readId(file, 'bos_token_id', tokens.length),
    eos: readId(file, 'eos_token_id', tokens.length),
    padding: readId(file, 'padding_token_id', tokens.length),
  };
  const template = file.metadata.get('tokenizer.chat_template');
  const chatTemplate = typeof template === 'string' && template.trim() !== '' ? template : CHATML;
  return {
    tokenizerJson: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: added.map(addedToken),
      normalizer: { type: 'NFC' },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: WORDS }, behavior: 'Isolated', invert: false },
          BYTE_LEVEL,
        ],
      },
      post_processor: BYTE_LEVEL,
      decoder: BYTE_LEVEL,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: '',
        end_of_word_suffix: '',
        fuse_unk: false,
        byte_fallback: false,
        vocab: withoutPrototype(ordinary),
        merges,
      },
    },
    tokenizerConfig: {
      tokenizer_class: 'Qwen2Tokenizer',
      add_prefix_space: false,
      // Their default of true would join "n ' t" and eat spaces before punctuation in the reply.
      clean_up_tokenization_spaces: false,
      bos_token: tokenAt(tokens, special.bos),
      eos_token: tokenAt(tokens, special.eos),
      pad_token: tokenAt(tokens, special.padding),
      unk_token: null,
      model_max_length: file.metadata.get('qwen2.context_length') ?? null,
      chat_template: chatTemplate,
    },
    stopTokens: stopTokens(special.eos, ids),
    chatTemplate,
  };
}

const BYTE_LEVEL = {
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: false,
  use_regex: false,
};

function requireQwen2Tokenizer(file: GgufFile): void {
  const model = file.metadata.get('tokenizer.ggml.model');
  const words = file.metadata.get('tokenizer.ggml.pre') ?? 'qwen2';
  if (model === 'gpt2' && words === 'qwen2') return;
  throw new AppError(
    'unsupported-architecture',
    `tokenizer ${JSON.stringify(String(model).slice(0, 40))} with words ${JSON.stringify(String(words).slice(0, 40))}`,
    { detail: { type: 'other-tokenizer' } },
  );
}

function readTokens(file: GgufFile): readonly string[] {
  const tokens = file.metadata.get('tokenizer.ggml.tokens');
  if (!isStrings(tokens) || tokens.length === 0) throw mismatch('the file has no tokens');
  return tokens;
}

/** A type per token. Files without types have ordinary tokens only. */
function readTypes(file: GgufFile, count: number): ArrayLike<number> {
  const types = file.metadata.get('tokenizer.ggml.token_type');
  if (types === undefined) return new Uint8Array(count).fill(1);
  if (!(types instanceof Int32Array || types instanceof Uint32Array)) {
    throw mismatch('token types are not whole numbers');
  }
  if (types.length !== count) throw mismatch(`${count} tokens, ${types.length} types`);
  return types;
}

interface SortedTokens {
  /** All that stand for something; rows that only fill up the matrix are left out. */
  readonly ids: ReadonlyMap<string, number>;
  /** What merging can produce. */
  readonly ordinary: ReadonlyMap<string, number>;
  /** Found in the text before it is cut into words. */
  readonly added: readonly AddedToken[];
}

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

function sortTokens(tokens: readonly string[], types: ArrayLike<number>): SortedTokens {
  const ids = new Map<string, number>();
  const ordinary = new Map<string, number>();
  const added: AddedToken[] = [];
  for (const [id, content] of tokens.entries()) {
    const type = types[id];
    if (type === UNUSED) continue;
    if (content === '') throw mismatch(`token ${id} is empty`);
    if (ids.has(content)) throw mismatch(`token ${id} is the same as ${ids.get(content)}`);
    ids.set(content, id);
    if (type === CONTROL) added.push({ id, content, special: true });
    else if (type === USER_DEFINED) added.push({ id, content, special: false });
    else ordinary.set(content, id);
  }
  return { ids, ordinary, added };
}

const OF_LETTERS = new RegExp(`^[${BYTE_LETTERS.join('').replaceAll(/[\\\]^-]/g, '\\$&')}]+$`, 'u');

/** A token for each byte, or some texts would have no ids; and tokens of bytes only, or some ids would have no text. */
function requireBytes(ordinary: ReadonlyMap<string, number>): void {
  const byte = BYTE_LETTERS.findIndex((letter) => !ordinary.has(letter));
  if (byte >= 0) throw mismatch(`no token for byte ${byte}`);
  for (const [token, id] of ordinary) {
    if (!OF_LETTERS.test(token)) throw mismatch(`token ${id} is not of bytes`);
  }
}

function readMerges(file: GgufFile, ordinary: ReadonlyMap<string, number>): readonly string[] {
  const merges = file.metadata.get('tokenizer.ggml.merges');
  if (!isStrings(merges)) throw mismatch('the file has no merges');
  for (const [rank, merge] of merges.entries()) {
    const space = merge.indexOf(' ');
    const left = merge.slice(0, Math.max(space, 0));
    const right = merge.slice(space + 1);
    if (!ordinary.has(left) || !ordinary.has(right) || !ordinary.has(left + right)) {
      throw mismatch(`merge ${rank} is not of tokens`);
    }
  }
  return merges;
}

function addedToken({ id, content, special }: AddedToken): object {
  return {
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special,
  };
}

/** A plain object would lose a token called `__proto__`. */
function withoutPrototype(ids: ReadonlyMap<string, number>): Record<string, number> {
  const object = Object.create(null) as Record<string, number>;
  for (const [token, id] of ids) object[token] = id;
  return object;
}

/** `null` where the file names none. */
function readId(file: GgufFile, key: string, count: number): number | null {
  const id = file.metadata.get(`tokenizer.ggml.${key}`);
  if (id === undefined) return null;
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= count) {
    throw mismatch(`${key} is ${String(id)} of ${count} tokens`);
  }
  return id;
}

function tokenAt(tokens: readonly string[], id: number | null): string | null {
  return id === null ? null : (tokens[id] ?? null);
}

function stopTokens(eos: number | null, ids: ReadonlyMap<string, number>): readonly number[] {
  const stops = [eos, ...ENDS.map((token) => ids.get(token) ?? null)].filter((id) => id !== null);
  if (stops.length === 0) throw mismatch('no token ends a reply');
  return [...new Set(stops)].sort((a, b) => a - b);
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}

function mismatch(message: string): AppError {
  return new AppError('vocabulary-mismatch', message);
}
