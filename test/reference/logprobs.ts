/**
 * Our half of `compare.py`: log-probabilities that a compiled GGUF gives to tokens chosen by another program. Compiles
 * afresh into a folder that is removed after, and runs as a reply does: prompt in chunks, then token by token.
 *
 * usage: tsx test/reference/logprobs.ts MODEL.gguf < cases.json
 * in:  { NAME: { "messages": [{ "role", "content" }], "ids": [the tokens to judge] } }
 * out: { NAME: { "promptIds", "ids", "logprobs", "top": per token the five likeliest as [id, log-probability] } }
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { compileToFolder } from '../../models/cli/compile-to-folder.ts';
import { nodeModelFolder } from '../../models/cli/open-compiled-folder.ts';
import { cpuThreads } from '../../models/cli/threads.ts';
import type { ChatMessage } from '../../src/contract/engine.ts';
import {
  openModel,
  ORT_CHUNK_TOKENS,
  type OpenedOrtModel,
} from '../../src/engine/ort/open-model.ts';

interface Case {
  readonly messages: readonly ChatMessage[];
  readonly ids: readonly number[];
}

interface Judgement {
  readonly promptIds: readonly number[];
  readonly ids: readonly number[];
  readonly logprobs: readonly number[];
  readonly top: readonly (readonly (readonly [id: number, logprob: number])[])[];
}

const TOP = 5;

async function main(file: string): Promise<Record<string, Judgement>> {
  const cases = (await json(process.stdin)) as Record<string, Case>;
  const parent = await mkdtemp(join(tmpdir(), 'offgrid-reference-'));
  try {
    const folder = join(parent, 'compiled');
    await compileToFolder(file, 'wasm-int8', folder, () => {});
    const options = { contextTokens: 1024, threads: cpuThreads(), runtime: { folderUrl: null } };
    const opened = await openModel(nodeModelFolder(folder), options, () => {});
    const judged: Record<string, Judgement> = {};
    for (const [name, { messages, ids }] of Object.entries(cases)) {
      judged[name] = await judge(opened, messages, ids);
    }
    await opened.model.dispose();
    return judged;
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

async function judge(
  { model, template }: OpenedOrtModel,
  messages: readonly ChatMessage[],
  ids: readonly number[],
): Promise<Judgement> {
  const promptIds = template.encode(messages);
  model.truncate(0);
  let logits: Float32Array = new Float32Array(0);
  for (let at = 0; at < promptIds.length; at += ORT_CHUNK_TOKENS) {
    logits = await model.score(promptIds.slice(at, at + ORT_CHUNK_TOKENS), 1);
  }
  const logprobs: number[] = [];
  const top: (readonly [number, number])[][] = [];
  for (const id of ids) {
    const logNormaliser = logSumExp(logits);
    const logprobOf = (token: number) => (logits[token] ?? -Infinity) - logNormaliser;
    logprobs.push(logprobOf(id));
    top.push(likeliest(logits, TOP).map((token) => [token, logprobOf(token)] as const));
    logits = await model.score([id], 1);
  }
  return { promptIds, ids, logprobs, top };
}

/** log Σ exp(x) in double precision. */
function logSumExp(logits: Float32Array): number {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  return most + Math.log(logits.reduce((sum, x) => sum + Math.exp(x - most), 0));
}

/** Indices of the `count` largest, largest first; of equal ones the first. */
function likeliest(logits: Float32Array, count: number): readonly number[] {
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    let best = -1;
    for (const [token, logit] of logits.entries()) {
      if (found.includes(token)) continue;
      if (best < 0 || logit > (logits[best] ?? -Infinity)) best = token;
    }
    found.push(best);
  }
  return found;
}

const [file, ...more] = process.argv.slice(2);
if (file === undefined || more.length > 0) {
  process.stderr.write('usage: tsx test/reference/logprobs.ts MODEL.gguf < cases.json\n');
  process.exit(2);
}
const output = `${JSON.stringify(await main(file))}\n`;
// ORT's thread pool would keep the process alive; the pipe must be empty before it ends.
process.stdout.write(output, () => process.exit(0));
