/** On what machine and with what the numbers were measured: as much as a reader needs to measure them again. */
import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { DEFINITIONS } from './report.ts';

const PACKAGES = [
  'onnxruntime-web',
  '@wllama/wllama',
  '@huggingface/transformers',
  '@mlc-ai/web-llm',
] as const;

export interface Environment {
  readonly date: string;
  readonly machine: {
    readonly cpu: string;
    readonly logicalCores: number;
    readonly memoryGb: number;
    readonly system: string;
    /** Processes that were running or waiting to, on average over the minute before the bench began. */
    readonly loadAverageBefore: number;
  };
  readonly node: string;
  readonly packages: Readonly<Record<string, string>>;
  readonly definitions: typeof DEFINITIONS;
}

export async function describeEnvironment(): Promise<Environment> {
  const processors = cpus();
  const versions = await Promise.all(
    PACKAGES.map(async (name) => [name, await installedVersion(name)] as const),
  );
  return {
    date: new Date().toISOString(),
    machine: {
      cpu: processors[0]?.model.trim() ?? 'unknown',
      logicalCores: processors.length,
      memoryGb: Math.round(totalmem() / 1e8) / 10,
      system: `${process.platform} ${release()} ${process.arch}`,
      loadAverageBefore: loadavg()[0] ?? 0,
    },
    node: process.version,
    packages: Object.fromEntries(versions),
    definitions: DEFINITIONS,
  };
}

async function installedVersion(name: string): Promise<string> {
  const url = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  const { version } = JSON.parse(await readFile(url, 'utf8')) as { readonly version: string };
  return version;
}
