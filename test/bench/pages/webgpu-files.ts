import type { Target } from '../../../src/contract/model.ts';
import { isGpuRung, RUNGS, type GpuRung } from '../../../src/contract/rungs.ts';
import type { WorkerBench } from './worker-bench.ts';

export interface WebGpuWorkerBench extends WorkerBench {
  /** Before `load`. */
  useRung(rung: GpuRung): void;
}

export function gpuRung(name: string | undefined): GpuRung {
  const rung = RUNGS.find((rung) => rung === name);
  if (rung === undefined || !isGpuRung(rung)) throw new Error(`no rung on a GPU: ${name}`);
  return rung;
}

/** Beside files of the same names that are another engine's. */
export const webGpuFile = (target: Target, name: string) => `${target}-${name}`;
