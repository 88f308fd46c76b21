"""Muon for the matrices of the layers: momentum, made orthogonal before it is taken off the weights.

Jordan et al. 2024, kellerjordan.github.io/posts/muon, as torch.optim.Muon with `adjust_lr_fn="original"`. That one
always orthogonalises in bfloat16, which a processor without such arithmetic emulates: 9 s a step here for 0.3 s.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

# Of the polynomial that pushes singular values towards 1, and how often it is applied; from the same source.
A, B, C = 3.4445, -4.7750, 2.0315
ITERATIONS = 5


class Muon(torch.optim.Optimizer):
    def __init__(self, matrices: Iterable[dict], weight_decay: float, momentum: float, dtype: torch.dtype) -> None:
        """`dtype` is that of the orthogonalisation."""
        super().__init__(matrices, {"lr": 0.0, "weight_decay": weight_decay, "momentum": momentum})
        self.dtype = dtype

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[Tensor]] = {}
            for weights in group["params"]:
                by_shape.setdefault(weights.shape, []).append(weights)
            for weights in by_shape.values():
                self.turn(weights, group)

    def turn(self, weights: list[Tensor], group: dict) -> None:
        """All matrices of one shape, together."""
        updates = []
        for each in weights:
            state = self.state[each]
            if not state:
                state["momentum"] = torch.zeros_like(each)
            state["momentum"].lerp_(each.grad, 1 - group["momentum"])
            updates.append(each.grad.lerp(state["momentum"], group["momentum"]))
        rows, columns = weights[0].shape
        rate = group["lr"] * max(1.0, rows / columns) ** 0.5
        for each, update in zip(weights, orthogonal(torch.stack(updates).to(self.dtype))):
            each.mul_(1 - group["lr"] * group["weight_decay"]).sub_(update, alpha=rate)


def orthogonal(matrices: Tensor) -> Tensor:
    """Each matrix [matrices, rows, columns] with its singular values near 1 (Newton–Schulz)."""
    is_tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.transpose(1, 2) if is_tall else matrices
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.transpose(1, 2)
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=B, alpha=C), x, beta=A)
    return x.transpose(1, 2) if is_tall else x
