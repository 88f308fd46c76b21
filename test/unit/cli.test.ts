/** The command line as a person uses it: a process of its own, its output through pipes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test, vi } from 'vitest';
import { goldenPath } from '../support/golden.ts';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'models/cli/main.ts');
const TINY = goldenPath('tiny-qwen2.gguf');
const TINY_Q4_0 = goldenPath('tiny-qwen2-q4_0.gguf');
/** Of `TINY`, all of whose matrices are more than four bits. */
const WEBGPU_MATRICES = ['qkv', 'output', 'gate_up', 'down', 'head'].map((kind) => ({
  kind,
  bits: 8,
  blockSize: 32,
}));
const COMMANDS = ['inspect', 'compile', 'ask', 'quality'];
const SENTENCE = /^[^ ].{14,}[."]$/;

// Each process takes one or two seconds, many times more where much else runs on the machine.
vi.setConfig({ testTimeout: 240_000 });

let folder = '';
let cache = '';
const inFolder = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offgrid-cli-'));
  cache = inFolder('cache');
  const tiny = await readFile(TINY);
  await writeFile(inFolder('cut.gguf'), tiny.subarray(0, tiny.length - 4096));
  await writeFile(inFolder('page.gguf'), '<!doctype html>\n<title>Sign in</title>\n');
  // Its report is longer than a pipe holds.
  await writeFile(inFolder('long.gguf'), lengthenTemplate(tiny, 1_000_000));
  const lines = 'The capital of France is Paris. 你好，世界。\n';
  await writeFile(inFolder('long.txt'), lines.repeat(8));
  await writeFile(inFolder('short.txt'), lines);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs `npm run -s model -- …` without npm, which takes longer than the rest. */
async function model(...args: readonly string[]): Promise<Outcome> {
  return outcomeOf(start(args));
}

function start(args: readonly string[]) {
  return spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { cwd: ROOT });
}

async function outcomeOf(child: ReturnType<typeof start>): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Exactly one JSON object on one line. */
function object(stdout: string): Record<string, unknown> {
  if (stdout.indexOf('\n') !== stdout.length - 1) throw new Error(`not one line: ${stdout}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** The GGUF with comments added to its chat template. */
function lengthenTemplate(gguf: Buffer, byBytes: number): Buffer {
  const key = 'tokenizer.chat_template';
  const at = gguf.indexOf(key) + key.length + 4;
  const size = Number(gguf.readBigUInt64LE(at));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(size + byBytes));
  const comment = Buffer.alloc(byBytes, '{##}');
  return Buffer.concat([
    gguf.subarray(0, at),
    length,
    comment,
    gguf.subarray(at + 8, at + 8 + size),
    gguf.subarray(at + 8 + size),
  ]);
}

describe.concurrent('help', () => {
  test('without a command: what there is, and a code that is not 0', async ({ expect }) => {
    const { code, stdout, stderr } = await model();

    expect(code).toBe(2);
    expect(stdout).toBe('');
    for (const command of COMMANDS) expect(stderr).toContain(`\n  ${command} `);
  });

  test('of the whole names every command', async ({ expect }) => {
    const { code, stdout, stderr } = await model('--help');

    expect([code, stderr]).toEqual([0, '']);
    for (const command of COMMANDS) expect(stdout).toContain(`\n  ${command} `);
  });

  test.for(COMMANDS)('of %s prints its usage', async (command, { expect }) => {
    const { code, stdout, stderr } = await model(command, '--help');

    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`usage: npm run -s model -- ${command} FILE.gguf`);
    expect(stdout).toContain('[--json]');
  });
});

describe.concurrent('inspect', () => {
  test('--json prints one object', async ({ expect }) => {
    const { code, stdout, stderr } = await model('inspect', TINY, '--json');

    expect([code, stderr]).toEqual([0, '']);
    expect(object(stdout)).toMatchObject({
      architecture: 'qwen2',
      title: 'Tiny random Qwen2',
      shape: { layers: 2, width: 64, vocabulary: 480 },
      isTied: true,
      types: { Q5_0: { tensors: 6 } },
      targets: [
        { target: 'simd-int8', matrices: null },
        { target: 'wasm-int8', matrices: null },
        { target: 'webgpu-f16', matrices: WEBGPU_MATRICES },
        { target: 'webgpu-f32', matrices: WEBGPU_MATRICES },
      ],
    });
  });

  test('a report longer than a pipe arrives whole, however late it is read', async ({ expect }) => {
    const child = start(['inspect', inFolder('long.gguf'), '--json']);
    await once(child.stdout, 'readable');
    await sleep(300);

    const { code, stdout } = await outcomeOf(child);

    expect(code).toBe(0);
    expect(String(object(stdout)['chatTemplate']).length).toBeGreaterThan(1_000_000);
  });

  test('a reader who stops early is no bug to report', async ({ expect }) => {
    const child = start(['inspect', inFolder('long.gguf'), '--json']);
    child.stdout.once('data', () => child.stdout.destroy());

    const { code, stderr } = await outcomeOf(child);

    expect([code, stderr]).toEqual([141, '']);
  });
});

describe.concurrent('compile', () => {
  test('--json prints one object and leaves the whole model, nothing beside it', async ({
    expect,
  }) => {
    const out = inFolder('out/compiled');
    const compile = () => model('compile', TINY, '--out', out, '--json');

    const { code, stdout, stderr } = await compile();
    const again = await compile();

    expect([code, stderr]).toEqual([0, '']);
    const { files, ...report } = object(stdout) as {
      files: readonly { name: string; totalBytes: number }[];
    };
    expect(report).toEqual({ folder: out, target: 'wasm-int8', elapsedMs: expect.any(Number) });
    expect(await readdir(out)).toEqual(files.map(({ name }) => name).toSorted());
    expect(files.every(({ totalBytes }) => totalBytes > 0)).toBe(true);
    expect(await readdir(inFolder('out'))).toEqual(['compiled']);
    expect(again.code).toBe(0);
    expect(object(again.stdout)['files']).toEqual(files);
  });

  test('what a GPU has to answer is written into its model', async ({ expect }) => {
    const out = inFolder('out-gpu');

    const { code, stderr } = await model('compile', TINY, '--out', out, '--target', 'webgpu-f16');

    expect([code, stderr]).toEqual([0, '']);
    const manifest: unknown = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({
      target: 'webgpu-f16',
      selfTest: { greedyTokens: expect.any(Array) },
    });
  });

  test('leaves nothing half-written when the process is ended midway', async ({ expect }) => {
    const half = inFolder('half');
    const script = `
      import { mkdirSync } from 'node:fs';
      import { withScratchFolder } from './models/cli/scratch-folder.ts';
      await withScratchFolder(${JSON.stringify(half)}, async () => {
        mkdirSync(${JSON.stringify(half)});
        process.exit(3);
      });`;
    const argv = ['--import', 'tsx', '--input-type', 'module', '--eval', script];

    const { code, stderr } = await outcomeOf(spawn(process.execPath, argv, { cwd: ROOT }));

    expect([code, stderr]).toEqual([3, '']);
    await expect(readdir(half)).rejects.toThrow('ENOENT');
  });

  test('does not replace a folder that holds something else as well', async ({ expect }) => {
    const project = inFolder('project');
    await mkdir(project);
    await writeFile(join(project, 'manifest.json'), '{}');
    await writeFile(join(project, 'thesis.txt'), 'years of work');

    const { code, stderr } = await model('compile', TINY, '--out', project);

    expect(code).toBe(1);
    expect(stderr).toContain('holds other files. Choose a new or empty folder.');
    expect(await readdir(project)).toEqual(['manifest.json', 'thesis.txt']);
  });
});

describe.concurrent('ask', () => {
  test('--json prints one object; the same seed says the same, --greedy needs none', async ({
    expect,
  }) => {
    const ask = (...more: readonly string[]) =>
      model(
        'ask',
        TINY,
        'What is the weather?',
        '--cache',
        cache,
        '--max-new-tokens',
        '9',
        ...more,
      );

    const greedy = await ask('--greedy', '--json', '--seed', '1');
    const [greedyText, sampled, sampledAgain] = await Promise.all([
      ask('--greedy', '--seed', '2'),
      ask('--seed', '7', '--json'),
      ask('--seed', '7', '--json'),
    ]);

    expect([greedy.code, greedy.stderr]).toEqual([0, '']);
    const reply = object(greedy.stdout);
    expect(reply).toEqual({
      text: expect.any(String),
      tokenIds: expect.any(Array),
      stopReason: 'length',
      promptTokens: expect.any(Number),
      ttftMs: expect.any(Number),
      prefillTokensPerSecond: expect.any(Number),
      decodeTokensPerSecond: expect.any(Number),
    });
    expect(reply['tokenIds']).toHaveLength(9);
    expect(greedyText.stdout).toBe(`${String(reply['text'])}\n`);
    expect(greedyText.stderr).toMatch(/tokens in at .* tok\/s .* ended by: length\n$/);
    expect(object(sampled.stdout)['tokenIds']).not.toEqual(reply['tokenIds']);
    expect(object(sampledAgain.stdout)['tokenIds']).toEqual(object(sampled.stdout)['tokenIds']);
    expect(await readdir(cache)).toEqual([expect.stringMatching(/^[0-9a-f]{16}-wasm-int8-v\d+$/)]);
  });

  test('an empty prompt is refused before anything is compiled', async ({ expect }) => {
    const empty = inFolder('empty-cache');
    const { code, stdout, stderr } = await model('ask', TINY, ' \n', '--cache', empty);

    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Type a question first.');
    await expect(readdir(empty)).rejects.toThrow('ENOENT');
  });

  test('a prompt longer than the context is refused with both numbers', async ({ expect }) => {
    const prompt = 'What is the weather like? '.repeat(200);
    const small = ['--context-tokens', '256', '--cache', inFolder('small'), '--json'];
    const { code, stdout, stderr } = await model('ask', TINY, prompt, ...small);

    expect(code).toBe(1);
    expect(object(stdout)).toMatchObject({ error: { code: 'prompt-too-long' } });
    expect(stderr).toMatch(
      /^The message has 2,000 tokens .* can take \d+ at once .* send it again\./,
    );
  });
});

describe.concurrent('quality', () => {
  test('--json prints one object with the figures of each text', async ({ expect }) => {
    const text = inFolder('long.txt');
    const { code, stdout, stderr } = await model('quality', TINY, '--text', text, '--json');

    expect([code, stderr]).toEqual([0, '']);
    const { texts } = object(stdout) as { texts: readonly Record<string, unknown>[] };
    expect(texts).toEqual([
      {
        name: 'long',
        tokens: expect.any(Number),
        klMean: expect.any(Number),
        klP99: expect.any(Number),
        top1Agreement: expect.any(Number),
        perplexityReference: expect.any(Number),
        perplexityCompiled: expect.any(Number),
      },
    ]);
    expect(texts[0]?.['klMean']).toBeGreaterThan(0);
    expect(texts[0]?.['klMean']).toBeLessThan(0.03);
    expect(texts[0]?.['top1Agreement']).toBeGreaterThan(0.9);
  });

  test('a Q4_0 file loses nothing on the way to a GPU', async ({ expect }) => {
    const args = ['--target', 'webgpu-f32', '--text', inFolder('long.txt'), '--json'];
    const { code, stdout, stderr } = await model('quality', TINY_Q4_0, ...args);

    expect([code, stderr]).toEqual([0, '']);
    const report = object(stdout) as { texts: readonly Record<string, unknown>[] };
    expect(report).toMatchObject({
      target: 'webgpu-f32',
      bytesPerToken: expect.any(Number),
      matrices: WEBGPU_MATRICES.map((stored) => ({ ...stored, bits: 4 })),
    });
    expect(report.texts[0]?.['klMean']).toBeLessThan(1e-6);
    expect(report.texts[0]?.['top1Agreement']).toBe(1);
  });

  test('a text too short to judge by is refused', async ({ expect }) => {
    const text = inFolder('short.txt');
    const { code, stderr } = await model('quality', TINY, '--text', text, '--text', text);

    expect(code).toBe(1);
    expect(stderr).toMatch(/short\.txt has \d+ tokens; at least 72 are needed\.\n/);
  });
});

describe.concurrent('what cannot be done', () => {
  test.for<readonly [what: string, code: string, exitCode: number, ...args: string[]]>([
    ['a missing file', 'model-missing', 1, 'inspect', '@nowhere.gguf'],
    ['a folder for a file', 'model-missing', 1, 'inspect', '@'],
    ['a web page', 'html-not-model', 1, 'compile', '@page.gguf', '--out', '@new'],
    ['a cut file', 'gguf-truncated', 1, 'compile', '@cut.gguf', '--out', '@new'],
    ['a cut file', 'gguf-truncated', 1, 'ask', '@cut.gguf', 'Hi', '--cache', '@new'],
    ['a cut file', 'gguf-truncated', 1, 'quality', '@cut.gguf'],
    ['a flag that there is not', 'invalid-request', 2, 'inspect', '@cut.gguf', '--jsn'],
    ['half a token', 'invalid-request', 2, 'ask', '@cut.gguf', 'Hi', '--max-new-tokens', '1.5'],
    ['a file as folder', 'storage-unavailable', 1, 'compile', TINY, '--out', '@cut.gguf'],
    ['no such command', 'invalid-request', 2, 'explain', '@cut.gguf'],
  ])('%s: %s, a sentence, no trace', async ([, code, exitCode, ...args], { expect }) => {
    const paths = args.map((arg) => (arg.startsWith('@') ? inFolder(arg.slice(1)) : arg));
    const outcome = await model(...paths, '--json');

    expect(outcome.code).toBe(exitCode);
    const { error } = object(outcome.stdout) as { error: { code: string; userMessage: string } };
    expect(error.code).toBe(code);
    expect(error.userMessage).toMatch(SENTENCE);
    expect(outcome.stderr).toContain(error.userMessage);
    const left = await readdir(folder);
    expect(left.filter((name) => name === 'new' || name.endsWith('.part'))).toEqual([]);
  });
});
