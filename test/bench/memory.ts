/**
 * What a browser's renderer processes occupy, as the Linux kernel counts it. A page and its workers are one
 * renderer process; a WASM heap, shared or not, is part of it.
 */
import { readdir, readFile } from 'node:fs/promises';

export interface RendererMemory {
  /**
   * Proportional set size: pages of its own, and its share of pages that several processes have mapped
   * (the browser's code). Megabytes, 10⁶ bytes.
   */
  readonly pssMb: number;
  /** Resident set size: all its resident pages, shared ones in full. Megabytes, 10⁶ bytes. */
  readonly rssMb: number;
}

/** Starts to look. `stop` ends it and says what the most was; null when there was no renderer to look at. */
export interface PeakMeter {
  stop(): Promise<RendererMemory | null>;
}

/**
 * Samples the largest renderer process below this process (a browser launched by it) until stopped.
 *
 * @throws Error where the kernel offers no `/proc/PID/smaps_rollup` (anything but Linux 4.14 and later)
 */
export async function watchRendererPeak(intervalMs = 100): Promise<PeakMeter> {
  let most = await largestRenderer(process.pid);
  const stopped = new AbortController();
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
      most = larger(most, await largestRenderer(process.pid));
    }
  })();
  watching.catch(() => {}); // told to whoever stops it
  return {
    stop: async () => {
      stopped.abort();
      await watching;
      return most;
    },
  };
}

/** Field by field: the two peaks need not be at one moment. */
function larger(a: RendererMemory | null, b: RendererMemory | null): RendererMemory | null {
  if (a === null || b === null) return a ?? b;
  return { pssMb: Math.max(a.pssMb, b.pssMb), rssMb: Math.max(a.rssMb, b.rssMb) };
}

async function largestRenderer(ancestorPid: number): Promise<RendererMemory | null> {
  let most: RendererMemory | null = null;
  for (const pid of await renderersBelow(ancestorPid)) {
    const rollup = await readProc(pid, 'smaps_rollup');
    if (rollup !== null) most = larger(most, parseRollup(rollup));
  }
  return most;
}

/** Null for a process that has no memory any more. */
export function parseRollup(text: string): RendererMemory | null {
  const megabytes = (field: string) => {
    const kibibytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
    return kibibytes === undefined ? null : (Number(kibibytes) * 1024) / 1e6;
  };
  const pssMb = megabytes('Pss');
  const rssMb = megabytes('Rss');
  return pssMb === null || rssMb === null ? null : { pssMb, rssMb };
}

interface Process {
  readonly pid: number;
  readonly parentPid: number;
  readonly isRenderer: boolean;
}

async function renderersBelow(ancestorPid: number): Promise<readonly number[]> {
  if (process.platform !== 'linux') {
    throw new Error('memory of processes is read from /proc, which only Linux has');
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = (await Promise.all(pids.map(describeProcess))).filter((found) => found !== null);
  const below = new Set([ancestorPid]);
  // Parents have not always lower ids than their children: go round until nobody is found any more.
  for (let before = 0; before < below.size;) {
    before = below.size;
    for (const { pid, parentPid } of all) if (below.has(parentPid)) below.add(pid);
  }
  return all.filter(({ pid, isRenderer }) => isRenderer && below.has(pid)).map(({ pid }) => pid);
}

async function describeProcess(pid: number): Promise<Process | null> {
  const stat = await readProc(pid, 'stat');
  const commandLine = await readProc(pid, 'cmdline');
  // The second field is the name in brackets and may hold anything, brackets and blanks too.
  const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  if (parent === undefined || commandLine === null) return null;
  return {
    pid,
    parentPid: Number(parent),
    // Chromium rewrites the line of a process forked from its zygote with blanks between the arguments.
    isRenderer: /[\0 ]--type=renderer([\0 ]|$)/.test(commandLine),
  };
}

/** Null when the process has ended meanwhile. */
async function readProc(pid: number, file: string): Promise<string | null> {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => null);
}
