import { AppError } from '../contract/errors.ts';
import type { ChatMessage } from '../contract/engine.ts';
import type { ChatTemplate } from './text/chat-template.ts';
import type { TextCodec } from './text/tokenizer.ts';

/** A prompt that fits, and what had to be left out for it. */
export interface FittedPrompt {
  readonly tokens: readonly number[];
  /** Earlier messages that are not in `tokens`; the page says so. */
  readonly omittedMessages: number;
}

/**
 * The policy for conversations longer than the context; nothing is ever cut in the middle.
 *
 * 1. The prompt must leave room for a reply: 256 tokens, or an eighth of the context where that is less.
 * 2. While it does not, the oldest turn is left out as a whole: a message of the person with the replies to it. The system
 *    message and the last message of the person always stay.
 * 3. If these two alone do not fit, nothing is run.
 *
 * What is begun of the reply lies in the room for it, and may take more than that: a prompt that its beginning was
 * generated from fits again.
 *
 * @param messages maybe one system message first; the last is the person's
 * @param begunTokens of the reply, which follow the prompt
 * @throws AppError `prompt-too-long`, with the numbers in its detail
 */
export function fitContext(
  messages: readonly ChatMessage[],
  template: ChatTemplate,
  codec: Pick<TextCodec, 'encode'>,
  contextTokens: number,
  begunTokens = 0,
): FittedPrompt {
  const limit = contextTokens - Math.max(replyRoomTokens(contextTokens), begunTokens + 1);
  const system = messages.filter(({ role }) => role === 'system');
  const turns = groupByTurn(messages.filter(({ role }) => role !== 'system'));

  function omit(count: number): FittedPrompt {
    const kept = turns.slice(count).flat();
    return {
      tokens: template.encode([...system, ...kept]),
      omittedMessages: messages.length - system.length - kept.length,
    };
  }

  // Fewer turns never make a longer prompt, so the least omission is found by halving.
  let fitting = omit(0);
  if (fitting.tokens.length <= limit) return fitting;
  let tooFew = 0;
  let enough = turns.length - 1;
  fitting = omit(enough);
  if (fitting.tokens.length > limit) {
    throw tooLong(fitting.tokens.length, lastContent(messages), codec, limit);
  }
  while (enough - tooFew > 1) {
    const middle = (tooFew + enough) >> 1;
    const tried = omit(middle);
    if (tried.tokens.length <= limit) {
      enough = middle;
      fitting = tried;
    } else {
      tooFew = middle;
    }
  }
  return fitting;
}

/** Tokens that the prompt must leave free for the reply. */
export function replyRoomTokens(contextTokens: number): number {
  return Math.min(256, Math.floor(contextTokens / 8));
}

/** A turn begins with each message of the person; replies before the first one are a turn of their own. */
function groupByTurn(messages: readonly ChatMessage[]): ChatMessage[][] {
  const turns: ChatMessage[][] = [];
  for (const message of messages) {
    const turn = turns.at(-1);
    if (turn === undefined || message.role === 'user') turns.push([message]);
    else turn.push(message);
  }
  return turns;
}

function lastContent(messages: readonly ChatMessage[]): string {
  return messages.at(-1)?.content ?? '';
}

function tooLong(
  promptTokens: number,
  message: string,
  codec: Pick<TextCodec, 'encode'>,
  limit: number,
): AppError {
  const messageTokens = codec.encode(message).length;
  const aroundTokens = promptTokens - messageTokens;
  const available = limit - aroundTokens;
  return new AppError('prompt-too-long', `prompt of ${promptTokens} tokens, ${limit} fit`, {
    detail:
      available > 0
        ? { type: 'long-message', messageTokens, availableTokens: available }
        : {
            type: 'long-system-prompt',
            systemTokens: aroundTokens,
            limitTokens: limit,
            messageTokens,
          },
  });
}
