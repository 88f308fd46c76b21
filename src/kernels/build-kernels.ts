/**
 * `npm run kernels`: both builds of the kernels, from assembly/ into build/, unless they are newer than what they are made of.
 * A Node program; the page and the tests know only the files it writes.
 */
import { mkdir, readdir, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

const SOURCES = join(import.meta.dirname, 'assembly');
const OUTPUTS = join(import.meta.dirname, 'build');
const COMPILER = join(import.meta.dirname, '../../node_modules/assemblyscript/package.json');

/** One source; `ASC_FEATURE_RELAXED_SIMD` tells it which build it is in. */
const FEATURES = {
  plain: 'simd,threads',
  relaxed: 'simd,threads,relaxed-simd',
} as const;

const FLAGS = [
  '-O3',
  '--noAssert',
  '--runtime=stub', // nothing is allocated
  '--importMemory',
  '--sharedMemory',
  '--initialMemory=1', // of 64 KiB: the least a memory must have that a module is given
  '--maximumMemory=65536', // the most it may
  '--memoryBase=64', // of its constants
  '--disableWarning=112', // v128 in exports: only between our own files
];

/** The files of both builds, made if need be. Each is as old as the newest file it is made of. */
export async function buildKernels(): Promise<void> {
  const changedMs = Math.max(...(await Promise.all((await sourceFiles()).map(modifiedMs))));
  await mkdir(OUTPUTS, { recursive: true });
  for (const [name, features] of Object.entries(FEATURES)) {
    const output = join(OUTPUTS, `${name}.wasm`);
    if ((await modifiedMs(output)) === changedMs) continue;
    // Under another name until it is whole: several processes may build at a time.
    const unfinished = `${output}.${process.pid}`;
    await compile(features, unfinished);
    await utimes(unfinished, changedMs / 1000, changedMs / 1000);
    await rename(unfinished, output);
  }
}

/** One build with the names of its functions, for a profiler; otherwise as the page has it. */
export async function compileNamedKernels(
  build: keyof typeof FEATURES,
  output: string,
): Promise<void> {
  await compile(FEATURES[build], output, ['--debug']);
}

async function sourceFiles(): Promise<readonly string[]> {
  const names = await readdir(SOURCES, { recursive: true });
  const sources = names.filter((name) => name.endsWith('.ts')).map((name) => join(SOURCES, name));
  return [...sources, import.meta.filename, COMPILER];
}

/** 0 for a file that is not there. */
async function modifiedMs(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  return found === null ? 0 : Math.floor(found.mtimeMs);
}

/** @throws Error with the compiler's messages; warnings count as errors */
async function compile(
  features: string,
  output: string,
  also: readonly string[] = [],
): Promise<void> {
  const { default: asc } = await import('assemblyscript/asc');
  let messages = '';
  const stderr = { write: (chunk: string | Uint8Array) => (messages += Buffer.from(chunk)) };
  const args = [
    join(SOURCES, 'index.ts'),
    ...FLAGS,
    `--enable=${features}`,
    `--outFile=${output}`,
    ...also,
  ];
  const { error } = await asc.main(args, { stderr });
  if (error !== null || messages !== '') {
    throw new Error(`the kernels do not compile\n${messages}`, { cause: error });
  }
}

if (process.argv[1] === import.meta.filename) await buildKernels();
