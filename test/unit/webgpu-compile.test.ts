import { describe, expect, test } from 'vitest';
import { rowsPerPart, toIntegers } from '../../src/compile/linear/blocks.ts';
import { WeightFile } from '../../src/compile/weight-file.ts';
import { compileForWebGpu } from '../../src/compile/webgpu-dialect.ts';
import type { DecoderShape, WebGpuTarget } from '../../src/contract/model.ts';
import { halfToFloat } from '../../src/gguf/dequantize/half.ts';
import { compileForWebGpuInMemory, tinyBytes, type TinyName } from '../support/compiled-tiny.ts';
import { failureOf } from '../support/failure-of.ts';
import { dequantizedProduct, graphForWebGpu, initializerOf } from '../support/webgpu-graph.ts';

const TARGETS: readonly WebGpuTarget[] = ['webgpu-f32', 'webgpu-f16'];

/** Tensors of the GGUF behind a product, in the order of its outputs. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  qkv: ['attn_q', 'attn_k', 'attn_v'],
  output: ['attn_output'],
  gate_up: ['ffn_gate', 'ffn_up'],
  down: ['ffn_down'],
};

/** The first few places where two lists are not the same. */
function differing(actual: readonly number[], expected: readonly number[]): number[] {
  const places = Array.from({ length: Math.max(actual.length, expected.length) }, (_, i) => i);
  return places.filter((i) => actual[i] !== expected[i]).slice(0, 5);
}

describe.each(TARGETS)('a Q4_0 source compiled for %s', (target) => {
  test('keeps four bits and every weight as it was', async () => {
    const compiled = await graphForWebGpu(await tinyBytes('tiny-qwen2-q4_0'), target);
    const products = Object.entries(SOURCES).map(([product, tensors]) => ({
      product: `l0.${product}`,
      tensors: tensors.map((tensor) => `blk.0.${tensor}.weight`),
    }));

    for (const { product, tensors } of [
      ...products,
      { product: 'head', tensors: ['token_embd.weight'] },
    ]) {
      const { bits, values } = dequantizedProduct(compiled, product);

      const expected: number[] = [];
      for (const tensor of tensors) {
        for await (const rows of compiled.reader.rows(tensor)) expected.push(...rows.values);
      }
      expect(bits, product).toEqual([4]);
      expect(differing(values, expected), product).toEqual([]);
    }
  });
});

describe.each(TARGETS)('other sources compiled for %s', (target) => {
  test.each([
    ['l0.output', 'blk.0.attn_output.weight', 'Q5_0'],
    ['head', 'token_embd.weight', 'Q8_0'],
  ])('%s keeps every weight of %s (%s) in eight bits', async (product, tensor, type) => {
    const compiled = await graphForWebGpu(await tinyBytes('tiny-qwen2'), target);

    const { bits, values } = dequantizedProduct(compiled, product);

    const expected: number[] = [];
    for await (const rows of compiled.reader.rows(tensor)) expected.push(...rows.values);
    expect(compiled.reader.type(tensor)).toBe(type);
    expect(bits).toEqual([8]);
    expect(differing(values, expected)).toEqual([]);
  });

  test('weights that are no integers come back within half a step', async () => {
    const compiled = await graphForWebGpu(await tinyBytes('tiny-qwen2-untied'), target);

    const { bits, values } = dequantizedProduct(compiled, 'l0.down');

    const expected: number[] = [];
    for await (const rows of compiled.reader.rows('blk.0.ffn_down.weight')) {
      expected.push(...rows.values);
    }
    let worst = 0;
    for (let i = 0; i < expected.length; i += 32) {
      const block = expected.slice(i, i + 32);
      const step = Math.max(...block.map(Math.abs)) / 127;
      const errors = block.map((value, j) => Math.abs((values[i + j] ?? NaN) - value));
      worst = Math.max(worst, Math.max(...errors) / step);
    }
    expect(bits).toEqual([8]);
    expect(worst).toBeLessThanOrEqual(0.51);
  });
});

describe('rounding to integers', () => {
  test("a half scale is not less than the block's largest weight needs", () => {
    const values = Float32Array.from({ length: 32 * 64 }, (_, i) => Math.sin(i) * 10 ** -(i >> 7));
    const integers = new Int8Array(values.length);
    const scales = new Float32Array(64);

    toIntegers({ values, scales: null }, true, integers, scales);

    const halves = new Set(halfToFloat());
    for (const [block, scale] of scales.entries()) {
      const most = Math.max(...values.subarray(block * 32, block * 32 + 32).map(Math.abs));
      expect(halves.has(scale)).toBe(true);
      expect(scale * 127).toBeGreaterThanOrEqual(most);
    }
  });

  test('a block of zeros stays zeros', () => {
    const integers = new Int8Array(32).fill(9);
    const scales = new Float32Array(1).fill(9);

    toIntegers({ values: new Float32Array(32), scales: null }, false, integers, scales);

    expect([...integers, ...scales]).toEqual(Array.from({ length: 33 }, () => 0));
  });
});

describe('the graph', () => {
  test('a layer has at most twelve nodes', async () => {
    const { graph } = await graphForWebGpu(await tinyBytes('tiny-qwen2'), 'webgpu-f16');

    const ofLayer = (layer: string) =>
      graph.nodes.filter(({ outputs }) => outputs[0]?.startsWith(layer)).map(({ op }) => op);

    expect(ofLayer('l1.')).toEqual(ofLayer('l0.'));
    expect(ofLayer('l1.').length).toBeLessThanOrEqual(12);
  });

  test('embedding and head read the same blocks', async () => {
    const { graph } = await graphForWebGpu(await tinyBytes('tiny-qwen2'), 'webgpu-f32');

    const lookUp = graph.nodes.find(({ op }) => op === 'GatherBlockQuantized');
    const head = graph.nodes.find(({ outputs }) => outputs[0] === 'head');

    expect(lookUp?.inputs[0]).toBe(head?.inputs[1]);
  });

  test('an untied embedding has blocks of its own', async () => {
    const { graph, matrices } = await graphForWebGpu(
      await tinyBytes('tiny-qwen2-untied'),
      'webgpu-f32',
    );

    const lookUp = graph.nodes.find(({ op }) => op === 'GatherBlockQuantized');
    const head = graph.nodes.find(({ outputs }) => outputs[0] === 'head');

    expect(lookUp?.inputs[0]).not.toBe(head?.inputs[1]);
    expect(matrices.map(({ kind }) => kind)).toContain('embedding');
  });

  test('no initializer is without a reader', async () => {
    for (const name of ['tiny-qwen2', 'tiny-qwen2-untied'] satisfies TinyName[]) {
      const { graph } = await graphForWebGpu(await tinyBytes(name), 'webgpu-f32');
      const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));

      const idle = graph.initializers.filter(({ name }) => !read.has(name));

      expect(idle.map(({ name }) => name)).toEqual([]);
    }
  });

  test.each([4096, 10_000, 65_536])(
    'no tensor of weights is larger than %d bytes',
    async (most) => {
      const options = { maxTensorBytes: most };
      const { graph, maxTensorBytes } = await graphForWebGpu(
        await tinyBytes('tiny-qwen2-untied'),
        'webgpu-f32',
        options,
      );

      const sizes = graph.initializers.map(({ data }) =>
        data instanceof Uint8Array ? data.byteLength : data.bytes,
      );

      expect(Math.max(...sizes)).toBeLessThanOrEqual(most);
      expect(maxTensorBytes).toBe(most);
    },
  );

  test('parts lie one behind the other and make the whole', async () => {
    const compiled = await graphForWebGpu(await tinyBytes('tiny-qwen2-q4_0'), 'webgpu-f32', {
      maxTensorBytes: 1024,
    });
    const whole = await graphForWebGpu(await tinyBytes('tiny-qwen2-q4_0'), 'webgpu-f32');

    const cut = dequantizedProduct(compiled, 'l0.gate_up');

    expect(cut.bits.length).toBeGreaterThan(1);
    expect(differing(cut.values, dequantizedProduct(whole, 'l0.gate_up').values)).toEqual([]);
  });

  test("the real head's 136 MB become two equal parts", () => {
    const rows = rowsPerPart(151_936, 896, 128 * 1024 * 1024);

    expect(rows).toBe(151_936 / 2);
  });
});

describe('the manifest', () => {
  test.each(TARGETS)('counts the bytes of %s as they are in the graph', async (target) => {
    const { graph, matrices, weightBytes, bytesPerToken } = await graphForWebGpu(
      await tinyBytes('tiny-qwen2'),
      target,
    );
    const bytesOf = (name: string) => {
      const { data } = initializerOf(graph, name);
      return data instanceof Uint8Array ? data.byteLength : data.bytes;
    };

    const products = graph.nodes.filter(({ op }) => op === 'MatMulNBits');
    const read = products.reduce(
      (sum, { inputs: [, blocks = '', scales = ''] }) => sum + bytesOf(blocks) + bytesOf(scales),
      0,
    );

    expect(bytesPerToken).toBe(read);
    expect(matrices.reduce((sum, { totalBytes }) => sum + totalBytes, 0)).toBe(read);
    expect(weightBytes).toBe(graph.initializers.reduce((sum, { name }) => sum + bytesOf(name), 0));
  });

  test('says what the matrices of each kind are stored in', async () => {
    const { manifest } = await compileForWebGpuInMemory(
      await tinyBytes('tiny-qwen2-q4_0'),
      'webgpu-f16',
    );

    expect(
      manifest.matrices.map(({ kind, bits, blockSize, matrices }) => [
        kind,
        bits,
        blockSize,
        matrices,
      ]),
    ).toEqual([
      ['qkv', 4, 32, 1],
      ['output', 4, 32, 1],
      ['gate_up', 4, 32, 1],
      ['down', 4, 32, 1],
      ['head', 4, 32, 1],
    ]);
    expect(manifest.selfTest).toBeNull();
  });

  test('the same source gives the same bytes', async () => {
    const gguf = await tinyBytes();

    const first = await compileForWebGpuInMemory(gguf, 'webgpu-f16');
    const second = await compileForWebGpuInMemory(gguf, 'webgpu-f16');

    for (const [name, bytes] of first.files) {
      expect(Buffer.compare(bytes, second.files.get(name) ?? new Uint8Array(0)), name).toBe(0);
    }
  });
});

describe('a model that does not suit a GPU is refused', () => {
  const shape: DecoderShape = {
    layers: 1,
    width: 64,
    feedForwardWidth: 128,
    queryHeads: 4,
    keyValueHeads: 2,
    headSize: 16,
    vocabulary: 480,
    ropeBase: 1e6,
    rmsEpsilon: 1e-6,
    trainedContextTokens: 1024,
  };

  test.each<[string, Partial<DecoderShape>, number]>([
    ['a width that blocks do not fill', { width: 100, queryHeads: 4 }, 1e6],
    ['a feed-forward width that blocks do not fill', { feedForwardWidth: 100 }, 1e6],
    ['heads that no kernel rotates', { headSize: 8, queryHeads: 8 }, 1e6],
    ['rows larger than a binding', { feedForwardWidth: 2048 }, 1024],
  ])('%s', async (_, change, maxTensorBytes) => {
    const { reader } = await graphForWebGpu(await tinyBytes('tiny-qwen2-q4_0'), 'webgpu-f32');
    let written = 0;
    const sink = { write: async () => void written++ };

    const compiling = compileForWebGpu(
      { ...shape, ...change },
      'webgpu-f32',
      { head: 'token_embd.weight', embedding: null },
      reader,
      new WeightFile('weights.bin', sink),
      { maxTensorBytes },
    );

    expect(await failureOf(compiling)).toMatchObject({
      code: 'webgpu-unavailable',
      sentence: expect.stringContaining('Nothing is lost'),
    });
    expect(written).toBe(0);
  });
});
