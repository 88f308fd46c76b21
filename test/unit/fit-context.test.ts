import { describe, expect, test } from 'vitest';
import type { ChatMessage } from '../../src/contract/engine.ts';
import { fitContext, replyRoomTokens } from '../../src/engine/fit-context.ts';
import { loadChatTemplate } from '../../src/engine/text/chat-template.ts';
import { failureOf } from '../support/failure-of.ts';
import { fakeCodec, textOf } from '../support/fake-text.ts';

const template = loadChatTemplate(fakeCodec, { chat_template: '' });
const fit = (messages: ChatMessage[], contextTokens: number) =>
  fitContext(messages, template, fakeCodec, contextTokens);
/** The smallest context that a prompt of `tokens` fits. */
const contextFor = (tokens: number) => Math.ceil((tokens * 8 - 7) / 7);
const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });

/** System message and five turns of two messages, then the question. */
const LONG: ChatMessage[] = [
  { role: 'system', content: 'Be brief.' },
  ...[1, 2, 3, 4, 5].flatMap((turn) => [user(`question ${turn}`), assistant(`answer ${turn}`)]),
  user('last'),
];

describe('fitContext', () => {
  test('keeps everything that leaves room for a reply, to the token', () => {
    const promptTokens = template.encode(LONG).length;
    const justEnough = Math.ceil((promptTokens * 8) / 7);

    expect(fit(LONG, justEnough)).toEqual({ tokens: template.encode(LONG), omittedMessages: 0 });
    expect(fit(LONG, justEnough - 2).omittedMessages).toBe(2);
  });

  test('leaves out the fewest of the oldest turns, whole, and says how many messages that is', () => {
    for (let contextTokens = 120; contextTokens < 400; contextTokens += 7) {
      const { tokens, omittedMessages } = fit(LONG, contextTokens);

      const limit = contextTokens - replyRoomTokens(contextTokens);
      expect(omittedMessages % 2).toBe(0);
      expect(tokens).toEqual(
        template.encode([...LONG.slice(0, 1), ...LONG.slice(1 + omittedMessages)]),
      );
      expect(tokens.length).toBeLessThanOrEqual(limit);
      if (omittedMessages > 0) {
        const oneTurnMore = [...LONG.slice(0, 1), ...LONG.slice(1 + omittedMessages - 2)];
        expect(template.encode(oneTurnMore).length).toBeGreaterThan(limit);
      }
    }
  });

  test('always keeps the system message and the last message of the person', () => {
    const shown = textOf(fit(LONG, 75).tokens);

    expect(shown).toContain('Be brief.');
    expect(shown).toContain('last');
    expect(shown).not.toContain('question');
  });

  test('two questions in a row are two turns; replies before the first question are one', () => {
    const messages = [assistant('Welcome'), user('a'.repeat(30)), user('b'), user('c')];
    const omitted = [0, 1, 2, 3].map((count) => template.encode(messages.slice(count)).length);

    expect(omitted.map((tokens) => fit(messages, contextFor(tokens)).omittedMessages)).toEqual([
      0, 1, 2, 3,
    ]);
  });

  test('a message that does not fit alone is refused with both numbers', async () => {
    const act = () => fit([...LONG, assistant('ok'), user('x'.repeat(500))], 200);

    const around = template.encode([...LONG.slice(0, 1), user('')]).length;
    expect(await failureOf(act)).toMatchObject({
      code: 'prompt-too-long',
      sentence: expect.stringMatching(new RegExp(`\\b500 tokens.*\\b${175 - around} at once`)),
    });
  });

  test('a system prompt that leaves no room is named as the reason', async () => {
    const messages: ChatMessage[] = [{ role: 'system', content: 'x'.repeat(500) }, user('Hi')];

    expect(await failureOf(() => fit(messages, 200))).toMatchObject({
      code: 'prompt-too-long',
      sentence: expect.stringContaining('The system prompt leaves no room'),
    });
  });

  test('what is begun of the reply takes of its room, and more only where it has more', () => {
    const promptTokens = template.encode(LONG).length;
    const contextTokens = Math.ceil((promptTokens * 8) / 7);
    const fitBegun = (begunTokens: number) =>
      fitContext(LONG, template, fakeCodec, contextTokens, begunTokens).omittedMessages;
    const roomTokens = contextTokens - promptTokens;

    expect([0, 5, roomTokens - 1].map(fitBegun)).toEqual([0, 0, 0]);
    expect(fitBegun(roomTokens)).toBe(2);
  });

  test('the reply gets an eighth of the context, 256 tokens at most', () => {
    expect([64, 1000, 2048, 32_768].map(replyRoomTokens)).toEqual([8, 125, 256, 256]);
  });
});
