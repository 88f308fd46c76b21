/**
 * `npm test`: everything, in the order of what it costs, until a step fails; what stands together runs at once. What a step
 * prints is shown only when it fails. The last line counts the tests of all steps.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bin } from './support/bin.ts';

interface Step {
  readonly name: string;
  readonly commands: readonly (readonly string[])[];
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part of Vitest's JSON report that is read here. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
  readonly testResults: readonly { readonly status: string; readonly name: string }[];
}

const typescript = (project: string) => ['tsc', '-p', project];

const QUICK: readonly (readonly Step[])[] = [
  [
    { name: 'format', commands: [['prettier', '--check', '--log-level', 'warn', '.']] },
    { name: 'lint', commands: [['oxlint', '--type-aware']] },
    {
      name: 'types',
      commands: ['src/tsconfig.core.json', 'src/tsconfig.page.json', 'test/tsconfig.json'].map(
        typescript,
      ),
    },
    { name: 'kernels', commands: [['tsx', 'src/kernels/build-kernels.ts']] },
  ],
  [{ name: 'unit', commands: [['vitest', 'run', '--project', 'unit']] }],
];

const SLOW: readonly (readonly Step[])[] = [
  [{ name: 'build', commands: [['vite', 'build', '--logLevel', 'warn']] }],
  [{ name: 'built', commands: [['vitest', 'run', '--project', 'built']] }],
  [
    {
      name: 'gpu',
      commands: ['gpu', 'download'].map((project) => ['vitest', 'run', '--project', project]),
    },
    { name: 'browser', commands: [['vitest', 'run', '--project', 'browser']] },
  ],
];

/** Of a failing step, from its end: where runners say what failed. */
const LONGEST_OUTPUT_LINES = 400;

const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;

async function main(args: readonly string[]): Promise<boolean> {
  if (args.some((arg) => arg !== '--quick')) {
    process.stderr.write('usage: npm test, or npm run check for the quick half\n');
    return false;
  }
  const reports = await mkdtemp(join(tmpdir(), 'offgrid-tests-'));
  let isGreen = true;
  for (const steps of args.includes('--quick') ? QUICK : [...QUICK, ...SLOW]) {
    const taken = await Promise.all(
      steps.map(async (step) => ({
        name: step.name,
        isGreen: await take(step, join(reports, `${step.name}.json`)),
      })),
    );
    const failed = taken.filter((step) => !step.isGreen);
    if (failed.length > 0) {
      isGreen = false;
      say(`failed: ${failed.map(({ name }) => name).join(', ')}; what comes after it did not run`);
      break;
    }
  }
  await rm(reports, { recursive: true, force: true });
  say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return isGreen;
}

/** Runs one step; false when it failed, which it has said by then. */
async function take({ name, commands }: Step, reportPath: string): Promise<boolean> {
  const startedMs = performance.now();
  let output = '';
  let isGreen = true;
  for (const command of commands) {
    const isVitest = command[0] === 'vitest';
    const extra = isVitest
      ? ['--reporter=default', '--reporter=json', `--outputFile=${reportPath}`]
      : [];
    const result = await run([...command, ...extra]);
    output += result.output;
    const report = isVitest ? await count(reportPath) : null;
    isGreen &&= result.code === 0 && (!isVitest || report !== null);
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(6);
  say(`${isGreen ? 'ok  ' : 'FAIL'} ${name.padEnd(8)}${seconds} s`);
  if (!isGreen) say(output.split('\n').slice(-LONGEST_OUTPUT_LINES).join('\n'));
  else for (const line of notesIn(output)) say(`     ${line}`);
  return isGreen;
}

/** Adds a report to the counts; null when the runner died before it wrote one. */
async function count(reportPath: string): Promise<Report | null> {
  const text = await readFile(reportPath, 'utf8').catch(() => null);
  if (text === null) return null;
  const report = JSON.parse(text) as Report;
  counts.passed += report.numPassedTests;
  // A file that does not load, or whose set-up fails, has no failed test to count.
  const brokenFiles = report.testResults.filter(({ status }) => status === 'failed').length;
  counts.failed += Math.max(report.numFailedTests, brokenFiles);
  counts.skipped += report.numPendingTests + report.numTodoTests;
  return report;
}

/** What a passing step has to say: lines that begin with `note: `. */
function notesIn(output: string): readonly string[] {
  return [...output.matchAll(/^note: (.*)$/gm)].map(([, note = '']) => note);
}

function run([command = '', ...args]: readonly string[]): Promise<{
  code: number;
  output: string;
}> {
  return new Promise((resolve, reject) => {
    const child = spawn(bin(command), args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, OFFGRID_BUILT: '1', NO_COLOR: '1' },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => (output += text));
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
