import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { targetSizes, type TargetSizes } from '../../../src/compile/target-sizes.ts';
import { headTensors } from '../../../src/compile/tied.ts';
import { WeightReader } from '../../../src/compile/weight-reader.ts';
import type { Target } from '../../../src/contract/model.ts';
import { loadTokenizer } from '../../../src/engine/text/tokenizer.ts';
import { describeQwen2 } from '../../../src/gguf/qwen2.ts';
import { readGguf } from '../../../src/gguf/read-gguf.ts';
import { tokenizerJson } from '../../../src/gguf/tokenizer-json.ts';
import { oneFile, parse, progressLine, type Command } from '../command.ts';
import { toTarget } from '../compile.ts';
import { openFile } from '../node-source.ts';
import { CommandFailure } from '../command-failure.ts';
import { withScratchFolder } from '../scratch-folder.ts';
import { divergence, summarise, type Divergence, type TextQuality } from './divergence.ts';
import { referenceLogits } from './reference-run.ts';
import { openScorer, type Scorer } from './scorer.ts';

const MOST_TOKENS = 384;
const LEAST_TOKENS = 72;

export const quality: Command = {
  help: `
usage: npm run -s model -- quality FILE.gguf [--target simd-int8|wasm-int8|webgpu-f16|webgpu-f32] [--text FILE]… [--json]

Runs the compiled model and an fp32 run of the same weights (layer by layer) over texts and compares their
next-token distributions at every position: most of the text in one prefill, its end one by one. A WebGPU target's
graph runs on the CPU, in the target's own number format.
Without --text: the English, Chinese and code samples that come with the project. At most ${MOST_TOKENS} tokens a text.

  klMean, klP99        Kullback-Leibler divergence from the fp32 run, nats: mean, 99th percentile
  top1Agreement        share of positions with the same most likely token
  perplexity…          of the text itself, under each
  bytesPerToken        weights that one decoded token reads`,
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
    process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : report(result));
  },
};

const sampleText = (name: string) =>
  fileURLToPath(new URL(`../texts/${name}.txt`, import.meta.url));

interface Quality extends Pick<TargetSizes, 'bytesPerToken' | 'matrices'> {
  readonly target: Target;
  readonly texts: readonly TextQuality[];
}

async function measureQuality(
  file: string,
  target: Target,
  texts: readonly string[],
  scratch: string,
): Promise<Quality> {
  const contents = await Promise.all(texts.map(readText));
  const source = await openFile(file);
  try {
    const gguf = await readGguf(source);
    const { shape } = describeQwen2(gguf);
    const tokenizer = tokenizerJson(gguf);
    const codec = loadTokenizer(tokenizer.tokenizerJson, tokenizer.tokenizerConfig);
    const tokens = contents.map((text) => codec.encode(text).slice(0, MOST_TOKENS));
    for (const [index, { length }] of tokens.entries()) {
      if (length < LEAST_TOKENS) {
        throw new CommandFailure('invalid-request', `${length} tokens`, {
          sentence: `${texts[index]} has ${length} tokens; at least ${LEAST_TOKENS} are needed.`,
        });
      }
    }
    const compiled = join(scratch, 'compiled');
    const onCompiled = progressLine('compiling');
    const scorer = await openScorer(file, target, compiled, MOST_TOKENS, onCompiled);
    const reader = new WeightReader(source, gguf, async () => {});
    const reference = await referenceLogits(shape, reader, tokens, progressLine('fp32 run'));

    const results: TextQuality[] = [];
    for (const [index, ids] of tokens.entries()) {
      scorer.reset();
      const name = basename(texts[index] ?? '', extname(texts[index] ?? ''));
      const positions = await compare(scorer, ids, reference[index] ?? new Float32Array(0));
      results.push(summarise(name, positions));
    }
    await scorer.dispose();
    const tensors = await headTensors(reader, shape);
    const typeOf = (tensor: string) => reader.type(tensor);
    const { bytesPerToken, matrices } = targetSizes(shape, tensors, typeOf, target);
    return { target, bytesPerToken, matrices, texts: results };
  } finally {
    await source.close();
  }
}

/** Every position of `ids`: one prefill, then the last ones decoded with the text's own tokens. */
async function compare(
  scorer: Scorer,
  ids: readonly number[],
  reference: Float32Array,
): Promise<readonly Divergence[]> {
  const { vocabulary, decodedTokens } = scorer;
  const positions: Divergence[] = [];
  const add = (logits: Float32Array) => {
    const at = positions.length;
    const expected = reference.subarray(at * vocabulary, (at + 1) * vocabulary);
    positions.push(divergence(expected, logits, ids[at + 1] ?? null));
  };
  const prompt = ids.slice(0, -decodedTokens);
  const prefilled = await scorer.score(prompt, prompt.length);
  for (let t = 0; t < prompt.length; t++) {
    add(prefilled.subarray(t * vocabulary, (t + 1) * vocabulary));
  }
  for (const id of ids.slice(-decodedTokens)) add(await scorer.score([id], 1));
  return positions;
}

async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    const sentence = `There is no readable text at ${path}.`;
    throw new CommandFailure('invalid-request', `cannot read ${path}`, { cause, sentence });
  }
}

function report({ target, bytesPerToken, texts }: Quality): string {
  const head = 'text       tokens  KL mean  KL p99   top-1   perplexity fp32 / compiled\n';
  const lines = texts.map((row) =>
    [
      row.name.padEnd(10),
      String(row.tokens).padStart(6),
      row.klMean.toFixed(4).padStart(9),
      row.klP99.toFixed(4).padStart(8),
      `${(row.top1Agreement * 100).toFixed(1)} %`.padStart(9),
      `${row.perplexityReference.toFixed(3)} / ${row.perplexityCompiled.toFixed(3)}`.padStart(20),
    ].join(' '),
  );
  const size = `${target}: ${(bytesPerToken / 1e6).toFixed(1)} MB of weights read per decoded token`;
  return `${head}${lines.join('\n')}\n${size}\n`;
}
