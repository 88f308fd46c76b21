"""Blends an earlier release with what training made of it: `python3 blend.py EARLIER.gguf TRAINED.pt SHARE OUT.pt`.

SHARE (0–1) is that of the trained weights. Between the two, a model keeps more of what each knows than either does.
Wortsman et al. 2022, arxiv.org/abs/2109.01903
"""

import sys
from pathlib import Path

import torch

from earlier import weights_of


def main(earlier: str, trained: str, share: str, out: str) -> None:
    checkpoint = torch.load(trained, map_location="cpu", weights_only=True)
    weights = checkpoint["weights"]
    before = weights_of(Path(earlier), list(weights))
    checkpoint["weights"] = {name: torch.lerp(before[name], after, float(share)) for name, after in weights.items()}
    torch.save(checkpoint, out)


if __name__ == "__main__":
    main(*sys.argv[1:5])
