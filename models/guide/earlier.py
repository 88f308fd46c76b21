"""The weights of an earlier release of the guide, to go on from: read from its GGUF."""

from pathlib import Path

import gguf
import torch
from torch import Tensor

from export import gguf_name


def weights_of(path: Path, names: list[str]) -> dict[str, Tensor]:
    """Matrices [rows, columns] and vectors by their names in train.py. Exits where the file has not all of them."""
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(path).tensors}
    missing = [name for name in names if gguf_name(name) not in tensors]
    if missing:
        raise SystemExit(f"{path.name} has no {gguf_name(missing[0])}: it is of another shape.")
    found = ((name, tensors[gguf_name(name)]) for name in names)
    return {name: torch.from_numpy(gguf.quants.dequantize(each.data, each.tensor_type).copy()) for name, each in found}
