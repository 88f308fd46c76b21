import type { GenerateRequest } from '../../src/contract/engine.ts';
import { AppError } from '../../src/contract/errors.ts';
import { openAnswerer, type Reply } from './answerer.ts';
import { compiledFolder, DEFAULT_CACHE } from './compile-to-folder.ts';
import { parse, progressLine, UsageError, wholeNumber, type Command } from './command.ts';

/** As in the page (state/settings.ts). */
export const DEFAULT_SYSTEM = 'You are a helpful assistant.';

export const ask: Command = {
  help: `
usage: npm run -s model -- ask FILE.gguf "PROMPT" [--system TEXT] [--greedy] [--seed N] [--max-new-tokens N]
       [--context-tokens N] [--cache DIR] [--json]

Compiles the file once (kept in DIR, by default models/compiled/), then streams the answer. Without --greedy it
samples as the page does: temperature 0.7, top-p 0.8, top-k 20, repetition penalty 1.1. --greedy takes the most
likely token each time and applies no penalty. --seed makes sampling repeatable. --max-new-tokens: 512 if not given;
--context-tokens, for prompt and answer together: 4096, or what the model was trained for if that is less.

--json: {text, tokenIds, stopReason, promptTokens, ttftMs, prefillTokensPerSecond, decodeTokensPerSecond}`,
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: {
        system: { type: 'string', default: DEFAULT_SYSTEM },
        greedy: { type: 'boolean', default: false },
        seed: { type: 'string' },
        'max-new-tokens': { type: 'string' },
        'context-tokens': { type: 'string' },
        cache: { type: 'string', default: DEFAULT_CACHE },
        json: { type: 'boolean', default: false },
      },
    });
    const [file, prompt, ...more] = positionals;
    if (file === undefined || prompt === undefined || more.length > 0) {
      throw new UsageError('Give FILE.gguf and one "PROMPT".');
    }
    // The engine says so too, but after the file was compiled.
    if (prompt.trim() === '') throw new AppError('prompt-empty', 'the prompt is blank');
    const request: GenerateRequest = {
      messages: [
        { role: 'system', content: values.system },
        { role: 'user', content: prompt },
      ],
      sampling: {
        temperature: values.greedy ? 0 : 0.7,
        topK: 20,
        topP: 0.8,
        minP: 0,
        repetitionPenalty: values.greedy ? 1 : 1.1,
        seed: wholeNumber('seed', values.seed, Date.now() % 2 ** 32, [0, 2 ** 32 - 1]),
      },
      maxNewTokens: wholeNumber('max-new-tokens', values['max-new-tokens'], 512, [1, 32_768]),
      stopStrings: [],
    };
    const contextTokens = wholeNumber(
      'context-tokens',
      values['context-tokens'],
      4096,
      [64, 32_768],
    );

    const onProgress = progressLine('compiling');
    const folder = await compiledFolder(file, 'wasm-int8', values.cache, onProgress);
    const answerer = await openAnswerer(folder, contextTokens);
    const reply = await answerer.answer(request, (text) => {
      if (!values.json) process.stdout.write(text);
    });
    await answerer.close();
    process.stdout.write(values.json ? `${JSON.stringify(toJson(reply))}\n` : `\n`);
    if (!values.json) process.stderr.write(`${oneLine(reply)}\n`);
  },
};

function toJson({ text, tokenIds, reason, summary }: Reply): object {
  const { promptTokens, ttftMs, prefillTokensPerSecond, decodeTokensPerSecond } = summary;
  return {
    text,
    tokenIds,
    stopReason: reason,
    promptTokens,
    ttftMs,
    prefillTokensPerSecond,
    decodeTokensPerSecond,
  };
}

function oneLine({ reason, summary }: Reply): string {
  const rate = (value: number | null) => (value === null ? '–' : value.toFixed(1));
  const { promptTokens, newTokens, ttftMs } = summary;
  return [
    `${promptTokens} tokens in at ${rate(summary.prefillTokensPerSecond)} tok/s`,
    `${newTokens} out at ${rate(summary.decodeTokensPerSecond)} tok/s`,
    `first token ${ttftMs === null ? '–' : `${(ttftMs / 1000).toFixed(2)} s`}`,
    `ended by: ${reason}`,
  ].join(' · ');
}
