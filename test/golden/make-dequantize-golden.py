#!/usr/bin/env python3
"""Writes blocks of every type this program reads and the fp32 bits that the Python package `gguf` makes of them.

usage:  python3 test/golden/make-dequantize-golden.py
needs:  pip install numpy gguf   (versions used: see "version" in the JSON)

writes, beside this script:
  dequantize.json   provenance, and per type: ids, sizes, and where its blocks and values lie in dequantize.bin
  dequantize.bin    stored blocks and expected values (float32, little-endian)
"""
import datetime
import json
import pathlib
from importlib.metadata import version

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

HERE = pathlib.Path(__file__).parent
SEED = 20261122

# Where in a block the halves lie (scales and minimums), in bytes.
HALVES = {
    'F32': [], 'F16': [0], 'BF16': [0],
    'Q4_0': [0], 'Q4_1': [0, 2], 'Q5_0': [0], 'Q5_1': [0, 2], 'Q8_0': [0],
    'Q2_K': [80, 82], 'Q3_K': [108], 'Q4_K': [0, 2], 'Q5_K': [0, 2], 'Q6_K': [208],
}
# Zero and minus zero, the smallest and largest denormal, the smallest normal, one, and the largest of both signs.
EXTREME_HALVES = [0x0000, 0x8000, 0x0001, 0x8001, 0x03FF, 0x0400, 0x3C00, 0xBC00, 0x7BFF, 0xFBFF]


def finite(halves):
    """Random 16 bits without the exponent that means infinity or NaN."""
    return np.where(halves & 0x7C00 == 0x7C00, halves & 0x83FF | 0x3800, halves).astype('<u2')


def blocks_of(kind, rng):
    elements, size = gguf.GGML_QUANT_SIZES[Type[kind]]
    if kind == 'F32':
        special = np.array([0, 0x80000000, 1, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F800000, 0xFF800000, 0x3F800000], '<u4')
        return np.concatenate([special, rng.standard_normal(56).astype('<f4').view('<u4')]).view(np.uint8).reshape(-1, 4)
    if kind == 'F16':
        return np.array([*EXTREME_HALVES, 0x7C00, 0xFC00, *finite(rng.integers(0, 65536, 500))], '<u2').view(np.uint8).reshape(-1, 2)
    if kind == 'BF16':
        special = [0, 0x8000, 1, 0x7F7F, 0xFF7F, 0x7F80, 0xFF80, 0x3F80]
        finite_bf16 = rng.integers(0, 0x7F80, 120) | rng.choice([0, 0x8000], 120)
        return np.array([*special, *finite_bf16], '<u2').view(np.uint8).reshape(-1, 2)

    random = 48 if elements == 32 else 8
    blocks = [rng.integers(0, 256, size).astype(np.uint8) for _ in range(random)]
    for block in blocks:
        for at in HALVES[kind]:
            block[at:at + 2] = finite(rng.integers(0, 65536, 1)).view(np.uint8)
    for i, half in enumerate(EXTREME_HALVES):
        block = [rng.integers(0, 256, size).astype(np.uint8), np.zeros(size, np.uint8), np.full(size, 255, np.uint8)][i % 3]
        for j, at in enumerate(HALVES[kind]):
            block[at:at + 2] = np.array([EXTREME_HALVES[(i + 3 * j) % len(EXTREME_HALVES)]], '<u2').view(np.uint8)
        blocks.append(block)
    return np.stack(blocks)


def main():
    rng = np.random.default_rng(SEED)
    binary, types = b'', []
    for kind in HALVES:
        elements, size = gguf.GGML_QUANT_SIZES[Type[kind]]
        blocks = blocks_of(kind, rng)
        values = gguf.dequantize(np.ascontiguousarray(blocks), Type[kind]).astype('<f4').ravel()
        assert values.size == len(blocks) * elements and not np.isnan(values).any()
        types.append({
            'type': kind, 'ggmlId': int(Type[kind]), 'elementsPerBlock': elements, 'bytesPerBlock': size, 'blocks': len(blocks),
            'blocksOffset': len(binary), 'valuesOffset': len(binary) + blocks.nbytes,
        })
        binary += blocks.tobytes() + values.tobytes()
    (HERE / 'dequantize.bin').write_bytes(binary)
    golden = {
        'source': 'gguf.dequantize of random and extreme blocks',
        'version': {name: version(name) for name in ('numpy', 'gguf')},
        'command': 'python3 test/golden/make-dequantize-golden.py',
        'date': datetime.date.today().isoformat(),
        'seed': SEED,
        'types': types,
    }
    (HERE / 'dequantize.json').write_text(json.dumps(golden, indent=1) + '\n')
    print(f'{len(binary)} bytes')


if __name__ == '__main__':
    main()
