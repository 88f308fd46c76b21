import { SOFTWARE_GPU } from '../support/browser.ts';
import type { SpeedPlan } from './arguments.ts';
import { GPU_ENGINES } from './protocol.ts';

/** Without a window, Chromium on Linux gives out a GPU only by Vulkan; elsewhere it needs no word. */
const ON_LINUX = [
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-angle=vulkan',
  '--disable-vulkan-surface',
];

/** How Chromium has to be started for the engines of a plan: none of it where no engine asks for a GPU. */
export function gpuArguments({
  engine,
  against,
  gpu,
}: Pick<SpeedPlan, 'engine' | 'against' | 'gpu'>): readonly string[] {
  if (![engine, ...against].some((name) => GPU_ENGINES.has(name))) return [];
  if (gpu === 'software') return SOFTWARE_GPU;
  return process.platform === 'linux' ? ON_LINUX : [];
}
