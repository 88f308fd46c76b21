import { formatBytes, formatCount, formatDate, formatRate, UNKNOWN } from '../format.ts';
import type { BenchmarkResult } from '../../state/benchmark/result.ts';
import { benchmark, engines } from '../later-words.ts';

/** On what, and with what, a result was measured: name and value, in the order in which they are shown. */
export function describeFacts(
  result: BenchmarkResult,
): readonly (readonly [name: string, value: string])[] {
  const { model, engine, device, versions } = result;
  const { names } = benchmark;
  return [
    [names.date, formatDate(result.date)],
    [names.model, model.title],
    [names.file, model.fileName],
    [names.sha256, model.sha256],
    [names.bits, formatRate(model.bitsPerWeight)],
    [names.size, formatBytes(model.totalBytes)],
    [names.rung, engines.names[engine.rung]],
    [names.threads, formatCount(engine.threads)],
    [names.context, formatCount(engine.contextTokens)],
    [names.browser, device.browser],
    [names.cores, formatCount(device.cores)],
    [names.memory, formatBytes(device.memoryBytes)],
    [names.gpu, device.gpu ?? UNKNOWN],
    [names.runtime, versions.runtime],
    [names.compiler, String(versions.compiler)],
    [names.page, versions.page],
  ];
}
