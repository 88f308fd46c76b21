import { basename } from 'node:path';
import { linearWeights, targetSizes, type TargetSizes } from '../../src/compile/target-sizes.ts';
import { TARGETS } from '../../src/compile/targets.ts';
import { headTensors } from '../../src/compile/tied.ts';
import { WeightReader } from '../../src/compile/weight-reader.ts';
import type { DecoderShape } from '../../src/contract/model.ts';
import { describeQwen2 } from '../../src/gguf/qwen2.ts';
import { readGguf, type GgufFile } from '../../src/gguf/read-gguf.ts';
import { tokenizerJson } from '../../src/gguf/tokenizer-json.ts';
import { oneFile, parse, type Command } from './command.ts';
import { openFile } from './node-source.ts';

export const inspect: Command = {
  help: `
usage: npm run -s model -- inspect FILE.gguf [--json]

Architecture, shape, tensor types, tokenizer, chat template, and per target the size of its compiled form.`,
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    const file = oneFile(positionals);
    const report = await inspectFile(file);
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : text(report));
  },
};

export interface Inspection {
  readonly file: string;
  readonly totalBytes: number;
  readonly ggufVersion: number;
  readonly architecture: string;
  readonly title: string;
  readonly shape: DecoderShape;
  readonly weights: number;
  readonly isTied: boolean;
  readonly types: Readonly<Record<string, { readonly tensors: number; readonly bytes: number }>>;
  readonly tensors: readonly {
    readonly name: string;
    readonly type: string;
    readonly dims: readonly number[];
    readonly bytes: number;
  }[];
  readonly tokenizer: {
    readonly tokens: number;
    readonly merges: number;
    readonly stopTokens: readonly number[];
  };
  readonly chatTemplate: string;
  readonly targets: readonly ({
    readonly target: string;
    readonly summary: string;
  } & TargetSizes)[];
}

async function inspectFile(path: string): Promise<Inspection> {
  const source = await openFile(path);
  try {
    const gguf = await readGguf(source);
    const { shape, title } = describeQwen2(gguf);
    const { tokenizerJson: json, stopTokens, chatTemplate } = tokenizerJson(gguf);
    const { vocab, merges } = (json as { model: { vocab: object; merges: readonly unknown[] } })
      .model;
    const reader = new WeightReader(source, gguf, async () => {});
    const tensors = await headTensors(reader, shape);
    const isTied = tensors.embedding === null;
    const rows = shape.vocabulary * shape.width;
    return {
      file: basename(path),
      totalBytes: source.totalBytes,
      ggufVersion: gguf.version,
      architecture: String(gguf.metadata.get('general.architecture')),
      title,
      shape,
      weights: linearWeights(shape) + rows * (isTied ? 1 : 2),
      isTied,
      types: typesOf(gguf),
      tensors: [...gguf.tensors.values()].map(({ name, type, dims, byteLength }) => ({
        name,
        type,
        dims,
        bytes: byteLength,
      })),
      tokenizer: { tokens: Object.keys(vocab).length, merges: merges.length, stopTokens },
      chatTemplate,
      targets: Object.values(TARGETS).map(({ target, summary }) => ({
        target,
        summary,
        ...targetSizes(shape, tensors, (tensor) => reader.type(tensor), target),
      })),
    };
  } finally {
    await source.close();
  }
}

function typesOf(gguf: GgufFile): Inspection['types'] {
  const types: Record<string, { tensors: number; bytes: number }> = {};
  for (const { type, byteLength } of gguf.tensors.values()) {
    const sum = (types[type] ??= { tensors: 0, bytes: 0 });
    sum.tensors += 1;
    sum.bytes += byteLength;
  }
  return types;
}

function text(r: Inspection): string {
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e6 ? 3 : 1)} MB`;
  const s = r.shape;
  const lines = [
    `${r.title} (${r.file}, ${mb(r.totalBytes)}, GGUF v${r.ggufVersion}, ${r.architecture})`,
    `${s.layers} layers, width ${s.width}, ${s.queryHeads} query and ${s.keyValueHeads} key/value heads of ${s.headSize}, feed-forward ${s.feedForwardWidth}, vocabulary ${s.vocabulary}`,
    `rope base ${s.ropeBase}, RMS epsilon ${s.rmsEpsilon}, trained for ${s.trainedContextTokens} tokens, ${(r.weights / 1e6).toFixed(1)} M weights, ${r.isTied ? 'embedding and head are one matrix' : 'embedding and head differ'}`,
    '',
    'tensor types',
    ...Object.entries(r.types).map(
      ([type, { tensors, bytes }]) =>
        `  ${type.padEnd(6)}${String(tensors).padStart(5)}  ${mb(bytes)}`,
    ),
    '',
    'tensors',
    ...r.tensors.map(
      ({ name, type, dims, bytes }) =>
        `  ${name.padEnd(28)}${type.padEnd(6)}${dims.join(' × ').padStart(16)}  ${mb(bytes)}`,
    ),
    '',
    `tokenizer: ${r.tokenizer.tokens} tokens, ${r.tokenizer.merges} merges, stops on ${r.tokenizer.stopTokens.join(', ')}`,
    `chat template: ${r.chatTemplate.length} characters`,
    '',
    'targets',
    ...r.targets.flatMap((t) => [
      `  ${t.target}: ${t.summary}`,
      `    ${mb(t.bytes)} on disk, ${mb(t.bytesPerToken)} read per decoded token, ${t.kvBytesPerToken} B of KV cache per token`,
      ...(t.matrices ?? []).map(
        ({ kind, bits, blockSize, matrices, totalBytes }) =>
          `    ${kind.padEnd(10)}${bits} bits, a scale per ${blockSize} ${String(matrices).padStart(5)}  ${mb(totalBytes)}`,
      ),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}
