import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompilerTarget } from '../../../src/compile/targets.ts';
import { WeightReader } from '../../../src/compile/weight-reader.ts';
import { AppError } from '../../../src/contract/errors.ts';
import { openModel } from '../../../src/engine/ort/open-model.ts';
import { describeQwen2 } from '../../../src/gguf/qwen2.ts';
import { readGguf } from '../../../src/gguf/read-gguf.ts';
import { oneFile, parse, progressLine, type Command } from '../command.ts';
import { compileToFolder } from '../compile-to-folder.ts';
import { toTarget } from '../compile.ts';
import { openFile } from '../node-source.ts';
import { nodeModelFolder } from '../open-compiled-folder.ts';
import { withScratchFolder } from '../scratch-folder.ts';
import { cpuThreads } from '../threads.ts';
import { divergence, summarise, type Divergence, type TextQuality } from './divergence.ts';
import { referenceLogits } from './reference-run.ts';

/** Tokens at the end of each text that are decoded one by one; the rest is one prefill. */
const DECODED_TOKENS = 64;
const MOST_TOKENS = 384;
const LEAST_TOKENS = DECODED_TOKENS + 8;

export const quality: Command = {
  summary: 'what compiling costs: divergence from an fp32 run of the same GGUF',
  help: `
usage: npm run -s model -- quality FILE.gguf [--target wasm-int8] [--text FILE]… [--json]

Runs the compiled model and an fp32 run of the same weights (layer by layer) over texts and compares their
next-token distributions at every position: the text but its last ${DECODED_TOKENS} tokens in one prefill, those one by one.
Without --text: the English, Chinese and code samples that come with the project. At most ${MOST_TOKENS} tokens a text.

  klMean, klP99        Kullback-Leibler divergence from the fp32 run, nats: mean, 99th percentile
  top1Agreement        share of positions with the same most likely token
  perplexity…          of the text itself, under each`,
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: {
        target: { type: 'string', default: 'wasm-int8' },
        text: { type: 'string', multiple: true },
        json: { type: 'boolean', default: false },
      },
    });
    const file = oneFile(positionals);
    const texts = values.text ?? ['english', 'chinese', 'code'].map(sampleText);
    const target = toTarget(values.target);
    const scratch = await mkdtemp(join(tmpdir(), 'offgrid-quality-'));
    const result = await withScratchFolder(scratch, () =>
      measureQuality(file, target, texts, scratch),
    );
    process.stdout.write(values.json ? `${JSON.stringify({ texts: result })}\n` : table(result));
  },
};

const sampleText = (name: string) =>
  fileURLToPath(new URL(`../texts/${name}.txt`, import.meta.url));

async function measureQuality(
  file: string,
  target: CompilerTarget,
  texts: readonly string[],
  scratch: string,
): Promise<readonly TextQuality[]> {
  const contents = await Promise.all(texts.map(readText));
  const source = await openFile(file);
  try {
    const compiled = join(scratch, 'compiled');
    await compileToFolder(file, target, compiled, progressLine('compiling'));
    const options = {
      contextTokens: MOST_TOKENS,
      threads: cpuThreads(),
      runtime: { folderUrl: null },
    };
    const opened = await openModel(nodeModelFolder(compiled), options, () => {});
    const tokens = contents.map((text) => opened.codec.encode(text).slice(0, MOST_TOKENS));
    for (const [index, { length }] of tokens.entries()) {
      if (length < LEAST_TOKENS) {
        throw new AppError('invalid-request', `${length} tokens`, {
          userMessage: `${texts[index]} has ${length} tokens; at least ${LEAST_TOKENS} are needed.`,
        });
      }
    }
    const gguf = await readGguf(source);
    const { shape } = describeQwen2(gguf);
    const reader = new WeightReader(source, gguf, async () => {});
    const reference = await referenceLogits(shape, reader, tokens, progressLine('fp32 run'));

    const results: TextQuality[] = [];
    for (const [index, ids] of tokens.entries()) {
      opened.model.truncate(0);
      const name = basename(texts[index] ?? '', extname(texts[index] ?? ''));
      const positions = await compare(opened.model, ids, reference[index] ?? new Float32Array(0));
      results.push(summarise(name, positions));
    }
    await opened.model.dispose();
    return results;
  } finally {
    await source.close();
  }
}

interface Scorer {
  readonly vocabulary: number;
  score(tokens: readonly number[], wanted: number): Promise<Float32Array>;
}

/** Every position of `ids`: one prefill, then the last ones decoded with the text's own tokens. */
async function compare(
  model: Scorer,
  ids: readonly number[],
  reference: Float32Array,
): Promise<readonly Divergence[]> {
  const { vocabulary } = model;
  const positions: Divergence[] = [];
  const add = (logits: Float32Array) => {
    const at = positions.length;
    const expected = reference.subarray(at * vocabulary, (at + 1) * vocabulary);
    positions.push(divergence(expected, logits, ids[at + 1] ?? null));
  };
  const prompt = ids.slice(0, -DECODED_TOKENS);
  const prefilled = await model.score(prompt, prompt.length);
  for (let t = 0; t < prompt.length; t++) {
    add(prefilled.subarray(t * vocabulary, (t + 1) * vocabulary));
  }
  for (const id of ids.slice(-DECODED_TOKENS)) add(await model.score([id], 1));
  return positions;
}

async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    const userMessage = `There is no readable text at ${path}.`;
    throw new AppError('invalid-request', `cannot read ${path}`, { cause, userMessage });
  }
}

function table(rows: readonly TextQuality[]): string {
  const head = 'text       tokens  KL mean  KL p99   top-1   perplexity fp32 / compiled\n';
  const lines = rows.map((row) =>
    [
      row.name.padEnd(10),
      String(row.tokens).padStart(6),
      row.klMean.toFixed(4).padStart(9),
      row.klP99.toFixed(4).padStart(8),
      `${(row.top1Agreement * 100).toFixed(1)} %`.padStart(9),
      `${row.perplexityReference.toFixed(3)} / ${row.perplexityCompiled.toFixed(3)}`.padStart(20),
    ].join(' '),
  );
  return `${head}${lines.join('\n')}\n`;
}
