import { AppError } from '../../contract/errors.ts';
import type { ChatMessage } from '../../contract/engine.ts';
import type { TextCodec } from './tokenizer.ts';

/** Qwen2.5's is 2.5 kB. What is much longer is not a chat template, or means harm. */
const MAX_TEMPLATE_CHARACTERS = 64 * 1024;
/** Rendered without the messages' contents, so only what the template itself says per message. */
const MAX_RENDERED_CHARACTERS = 1024 * 1024;

/** Turns a conversation into the tokens that the model was trained to read one in. */
export interface ChatTemplate {
  /**
   * The whole prompt, ending where the reply begins.
   *
   * - Control tokens come from the template alone; contents are plain text whatever they say.
   * - An assistant message with `tokenIds` contributes exactly these, whatever its `content`.
   * - The system message is always explicit: without one, an empty one is put first, so that the default that many
   *   templates insert ("You are Qwen, created by …") never is. Empty means empty.
   *
   * @throws AppError `gguf-malformed` when the template fails, or drops, repeats or reorders messages
   */
  encode(messages: readonly ChatMessage[]): number[];
}

/**
 * @param tokenizerConfig parsed `tokenizer_config.json`, which holds the template
 * @throws AppError `gguf-malformed` when it has none, or a conversation with each role cannot be rendered with it
 */
export function loadChatTemplate(codec: TextCodec, tokenizerConfig: object): ChatTemplate {
  const { chat_template: source } = tokenizerConfig as { chat_template?: unknown };
  if (typeof source !== 'string') throw new AppError('gguf-malformed', 'no chat template');
  const template: string = source;
  if (template.length > MAX_TEMPLATE_CHARACTERS) {
    throw new AppError('gguf-malformed', `chat template of ${template.length} characters`);
  }
  const controlToken = matchAny([...codec.controlTokens.keys()]);

  function encode(messages: readonly ChatMessage[]): number[] {
    const explicit: readonly ChatMessage[] =
      messages[0]?.role === 'system' ? messages : [{ role: 'system', content: '' }, ...messages];
    const tokens: number[] = [];
    // Template text and contents around it are encoded together, as one text: tokens may span their border.
    let plain = '';
    const put = (ids: readonly number[]) => {
      for (const id of codec.encode(plain)) tokens.push(id);
      plain = '';
      for (const id of ids) tokens.push(id);
    };
    renderAround(codec, template, explicit).forEach((literal, index) => {
      for (const part of controlToken === null ? [literal] : literal.split(controlToken)) {
        const id = codec.controlTokens.get(part);
        if (id === undefined) plain += part;
        else put([id]);
      }
      const message = explicit[index];
      if (message?.role === 'assistant' && message.tokenIds !== undefined) put(message.tokenIds);
      else plain += message?.content ?? '';
    });
    put([]);
    return tokens;
  }

  encode([
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
    { role: 'user', content: 'c' },
  ]);
  return { encode };
}

/**
 * What the template writes around the contents: one text before each message's content and one after the last.
 * The template sees a marker in place of each content, so nothing in a content can reach it.
 */
function renderAround(
  codec: TextCodec,
  template: string,
  messages: readonly ChatMessage[],
): string[] {
  const rendered = renderSafely(
    codec,
    template,
    messages.map(({ role }, index) => ({ role, content: marker(index) })),
  );
  const around = rendered.split(MARKER);
  // `split` puts the captured index between the texts.
  const order = around.filter((_, at) => at % 2 === 1);
  if (order.length !== messages.length || order.some((index, at) => Number(index) !== at)) {
    throw new AppError(
      'gguf-malformed',
      `the chat template puts contents ${order.join(', ') || 'nowhere'} for ${messages.length} messages`,
    );
  }
  return around.filter((_, at) => at % 2 === 0);
}

function renderSafely(codec: TextCodec, ...request: Parameters<TextCodec['render']>): string {
  let rendered: string;
  try {
    rendered = codec.render(...request);
  } catch (cause) {
    throw new AppError('gguf-malformed', 'the chat template cannot be rendered', { cause });
  }
  if (rendered.length > MAX_RENDERED_CHARACTERS) {
    throw new AppError('gguf-malformed', `the chat template renders ${rendered.length} characters`);
  }
  return rendered;
}

/** Survives trimming and has no letters, so changing case leaves it alone too. */
function marker(index: number): string {
  return `\u{E000}${index}\u{E001}`;
}
const MARKER = /\u{E000}(\d+)\u{E001}/u;

/** Splits a text at any of `words`, which stay in the result; null when there are none. */
function matchAny(words: readonly string[]): RegExp | null {
  if (words.length === 0) return null;
  const longestFirst = [...words].sort((a, b) => b.length - a.length);
  const escaped = longestFirst.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`(${escaped.join('|')})`, 'u');
}
