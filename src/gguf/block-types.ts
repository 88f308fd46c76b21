/**
 * The ways GGML stores numbers that this program reads: ids and sizes.
 * Source: `enum ggml_type` and the block structs of llama.cpp's `ggml-common.h`; checked against the Python package
 * `gguf` 0.19.0 (`GGML_QUANT_SIZES`) by the golden tests.
 */

export interface BlockLayout {
  /** Id in the tensor table of a GGUF. */
  readonly ggmlId: number;
  readonly elementsPerBlock: number;
  readonly bytesPerBlock: number;
}

export const BLOCK_TYPES = {
  F32: { ggmlId: 0, elementsPerBlock: 1, bytesPerBlock: 4 },
  F16: { ggmlId: 1, elementsPerBlock: 1, bytesPerBlock: 2 },
  BF16: { ggmlId: 30, elementsPerBlock: 1, bytesPerBlock: 2 },
  Q4_0: { ggmlId: 2, elementsPerBlock: 32, bytesPerBlock: 18 },
  Q4_1: { ggmlId: 3, elementsPerBlock: 32, bytesPerBlock: 20 },
  Q5_0: { ggmlId: 6, elementsPerBlock: 32, bytesPerBlock: 22 },
  Q5_1: { ggmlId: 7, elementsPerBlock: 32, bytesPerBlock: 24 },
  Q8_0: { ggmlId: 8, elementsPerBlock: 32, bytesPerBlock: 34 },
  Q2_K: { ggmlId: 10, elementsPerBlock: 256, bytesPerBlock: 84 },
  Q3_K: { ggmlId: 11, elementsPerBlock: 256, bytesPerBlock: 110 },
  Q4_K: { ggmlId: 12, elementsPerBlock: 256, bytesPerBlock: 144 },
  Q5_K: { ggmlId: 13, elementsPerBlock: 256, bytesPerBlock: 176 },
  Q6_K: { ggmlId: 14, elementsPerBlock: 256, bytesPerBlock: 210 },
} as const satisfies Record<string, BlockLayout>;

export type BlockType = keyof typeof BLOCK_TYPES;

const BY_ID: ReadonlyMap<number, BlockType> = new Map(
  Object.entries(BLOCK_TYPES).map(([type, { ggmlId }]) => [ggmlId, type as BlockType]),
);

/** Types that exist and that this program does not read: for the sentence a person sees. */
const OTHER_NAMES: ReadonlyMap<number, string> = new Map([
  [9, 'Q8_1'],
  [15, 'Q8_K'],
  [16, 'IQ2_XXS'],
  [17, 'IQ2_XS'],
  [18, 'IQ3_XXS'],
  [19, 'IQ1_S'],
  [20, 'IQ4_NL'],
  [21, 'IQ3_S'],
  [22, 'IQ2_S'],
  [23, 'IQ4_XS'],
  [24, 'I8'],
  [25, 'I16'],
  [26, 'I32'],
  [27, 'I64'],
  [28, 'F64'],
  [29, 'IQ1_M'],
  [34, 'TQ1_0'],
  [35, 'TQ2_0'],
  [39, 'MXFP4'],
  [40, 'NVFP4'],
  [41, 'Q1_0'],
]);

/** `null` for an id that this program does not read. */
export function blockTypeOf(ggmlId: number): BlockType | null {
  return BY_ID.get(ggmlId) ?? null;
}

/** What people call a type: `IQ4_XS`, or `number 77` for one that has no name yet. */
export function ggmlTypeName(ggmlId: number): string {
  return BY_ID.get(ggmlId) ?? OTHER_NAMES.get(ggmlId) ?? `number ${ggmlId}`;
}

/**
 * Bytes that `elements` numbers take.
 * @throws RangeError unless they fill whole blocks
 */
export function bytesOfElements(type: BlockType, elements: number): number {
  const { elementsPerBlock, bytesPerBlock } = BLOCK_TYPES[type];
  if (!Number.isSafeInteger(elements) || elements < 0 || elements % elementsPerBlock !== 0) {
    throw new RangeError(`${elements} elements do not fill whole blocks of ${type}`);
  }
  return (elements / elementsPerBlock) * bytesPerBlock;
}
