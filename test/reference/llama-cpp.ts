/**
 * llama.cpp's half of `compare.py --llama-cpp`: wllama (llama.cpp in WASM) in a real browser answers each chat from the GGUF
 * itself, greedily, with its own reading of the template. What it says is comparable as long as it says the same:
 * up to its first other choice, that one included, or to the end of its reply.
 *
 * usage: tsx test/reference/llama-cpp.ts MODEL.gguf < cases.json
 * in:  { NAME: { "messages": [{ "role", "content" }], "promptIds", "ids": [the tokens to judge] } }
 * out: as logprobs.ts. Where nothing is comparable, and for a token that is not among its likeliest five, a
 *      log-probability is null; "top" is empty for the former. "promptIds" is null when it read another number.
 */
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ChatCompletionResponse, Wllama } from '@wllama/wllama/esm/index.js';
import { chromium, type Page } from 'playwright-core';
import { serve } from '../bench/serve.ts';
import type { ChatMessage } from '../../src/contract/engine.ts';
import { findChromium } from '../support/find-chromium.ts';

interface Case {
  readonly messages: readonly ChatMessage[];
  readonly promptIds: readonly number[];
  readonly ids: readonly number[];
}

const TOP = 5;

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

async function main(file: string): Promise<object> {
  const cases = (await json(process.stdin)) as Record<string, Case>;
  const server = await serve({
    '/index.html': pathOf('./llama-cpp.html'),
    '/wllama/': pathOf('../../node_modules/@wllama/wllama/esm/'),
    '/model.gguf': file,
  });
  const browser = await chromium.launch({
    executablePath: findChromium(),
    // Chromium refuses its sandbox to root, which is who runs in most containers.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(300_000);
    await page.goto(`${server.origin}/index.html`);
    await page.waitForFunction(() => window.wllama !== undefined);
    const judged: Record<string, object> = {};
    for (const [name, wanted] of Object.entries(cases)) judged[name] = await judge(page, wanted);
    return judged;
  } finally {
    await browser.close();
    await server.close();
  }
}

async function judge(page: Page, { messages, promptIds, ids }: Case): Promise<object> {
  const request = { messages, tokens: ids.length, top: TOP };
  const { promptTokens, steps } = await page.evaluate(answer, request);
  const otherChoice = steps.findIndex(({ id }, step) => id !== ids[step]);
  const comparable = otherChoice < 0 ? steps : steps.slice(0, otherChoice + 1);
  return {
    promptIds: promptTokens === promptIds.length ? promptIds : null,
    ids,
    logprobs: ids.map((chosen, step) => {
      const candidates = comparable[step]?.top_logprobs ?? [];
      return candidates.find(({ id }) => id === chosen)?.logprob ?? null;
    }),
    top: ids.map((_, step) =>
      (comparable[step]?.top_logprobs ?? []).map(({ id, logprob }) => [id, logprob] as const),
    ),
  };
}

interface Step {
  readonly id: number;
  readonly top_logprobs: readonly { readonly id: number; readonly logprob: number }[];
}

/** Runs in the page. The log-probabilities are those before the sampling chain: of the raw logits. */
async function answer(request: {
  readonly messages: readonly ChatMessage[];
  readonly tokens: number;
  readonly top: number;
}) {
  if (window.wllama === undefined) throw new Error('no engine');
  const response: ChatCompletionResponse = await window.wllama.createChatCompletion({
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    max_tokens: request.tokens,
    temperature: 0,
    logprobs: true,
    top_logprobs: request.top,
  });
  return {
    promptTokens: response.usage.prompt_tokens,
    // llama.cpp gives ids, too, which wllama's types leave out.
    steps: (response.choices[0]?.logprobs?.content ?? []) as unknown as readonly Step[],
  };
}

declare global {
  interface Window {
    wllama?: Wllama;
  }
}

const [file, ...more] = process.argv.slice(2);
if (file === undefined || more.length > 0) {
  process.stderr.write('usage: tsx test/reference/llama-cpp.ts MODEL.gguf < cases.json\n');
  process.exit(2);
}
process.stdout.write(`${JSON.stringify(await main(file))}\n`);
