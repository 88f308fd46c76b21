import { statSync } from 'node:fs';
import { join } from 'node:path';
import { TARGETS } from '../../src/compile/targets.ts';
import type { Target } from '../../src/contract/model.ts';
import { compileToFolder } from './compile-to-folder.ts';
import { oneFile, parse, progressLine, UsageError, type Command } from './command.ts';

export const compile: Command = {
  help: `
usage: npm run -s model -- compile FILE.gguf --out DIR [--target simd-int8|wasm-int8|webgpu-f16|webgpu-f32] [--json]

Writes model.onnx, weights.bin, the tokenizer and manifest.json; for simd-int8, which reads the GGUF itself, the last two alone. DIR appears whole or not at all.`,
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        target: { type: 'string', default: 'wasm-int8' },
        json: { type: 'boolean', default: false },
      },
    });
    const file = oneFile(positionals);
    if (values.out === undefined) throw new UsageError('Say where to write: --out DIR.');
    const folder = values.out;
    const target = toTarget(values.target);
    const began = performance.now();
    const manifest = await compileToFolder(file, target, folder, progressLine('compiling'));
    const elapsedMs = Math.round(performance.now() - began);
    const names = [...manifest.files.map(({ name }) => name), 'manifest.json'];
    const files = names.map((name) => ({ name, totalBytes: statSync(join(folder, name)).size }));
    if (values.json) {
      process.stdout.write(`${JSON.stringify({ folder, target, elapsedMs, files })}\n`);
      return;
    }
    for (const { name, totalBytes } of files) {
      process.stdout.write(`${String(totalBytes).padStart(12)}  ${name}\n`);
    }
    process.stdout.write(`${folder}: ${manifest.title} for ${target} in ${elapsedMs} ms\n`);
  },
};

export function toTarget(name: string): Target {
  if (!Object.hasOwn(TARGETS, name)) {
    throw new UsageError(`--target is one of: ${Object.keys(TARGETS).join(', ')}.`);
  }
  return name as Target;
}
