import { FORMAT, type BenchmarkResult } from '../../src/state/benchmark/result.ts';

/** What a full run gives; `part` says what is special about it. */
export function benchmarkResult(part: Partial<BenchmarkResult> = {}): BenchmarkResult {
  return {
    format: FORMAT,
    version: 1,
    date: '2026-11-25T12:00:00.000Z',
    model: {
      title: 'Qwen2.5 0.5B Instruct',
      fileName: 'qwen2.5-0.5b-instruct-q4_k_m.gguf',
      sha256: '0a'.repeat(32),
      totalBytes: 491_400_032,
      bitsPerWeight: 7.958,
    },
    engine: { rung: 'simd-int8', threads: 2, contextTokens: 4096 },
    versions: { page: '0.1.0', runtime: '1.31.0-dev.20260914-8d85527a0', compiler: 5 },
    device: {
      browser: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156',
      cores: 2,
      memoryBytes: 8e9,
      gpu: null,
    },
    series: (['cold', 'warm'] as const).flatMap((heat) => [
      { kind: 'prefill' as const, tokens: 128, heat, perSecond: [146.8, 145.5, 153.6] },
      { kind: 'decode' as const, tokens: 64, heat, perSecond: [33.6, 32, 34.4] },
      { kind: 'decode' as const, tokens: 256, heat, perSecond: [31.6, 31, 30.9] },
      { kind: 'prefill' as const, tokens: 512, heat, perSecond: [142, 137.5, 146.8] },
      { kind: 'prefill' as const, tokens: 2048, heat, perSecond: [112, 107.5, 116.8] },
    ]),
    loadMs: [2280, 2250, 2284],
    drift: [
      { atMs: 10_000, perSecond: 33.5 },
      { atMs: 20_000, perSecond: 33.1 },
      { atMs: 180_000, perSecond: 26.8 },
    ],
    wasHidden: false,
    ...part,
  };
}
