"""The arithmetic of the target `wasm-int8`, simulated in PyTorch from its description alone.

What src/compile/linear/int8-columns.ts and src/compile/wasm-dialect.ts say, in other words: weights are int8 with one scale
per output; inputs are cut into groups, each row of a group is divided by its largest absolute value, and the whole
group is quantised to 8 bits with one scale and zero point (ONNX DynamicQuantizeLinear). All else stays fp32. A model
made so shows how much of a difference quantisation explains: the rest would be a mistake.
"""
import torch

GROUPS = {'q_proj': 2, 'k_proj': 2, 'v_proj': 2, 'o_proj': 2, 'gate_proj': 2, 'up_proj': 2, 'down_proj': 4, 'lm_head': 1}


def int8_rows(weight):
    """Each row to −127…127 by its own scale, half away from zero, and back. Weights that were quantised once lie
    exactly half-way often enough for the precision to matter: double, as in JavaScript."""
    scale = weight.abs().amax(dim=1, keepdim=True) / 127
    scale[scale == 0] = 1
    scaled = weight.double() * (1 / scale.double())
    return ((scaled.abs() + 0.5).floor() * scaled.sign()).float() * scale


def quantise_inputs(x):
    """One group: `[1, rows, inputs]`, there and back."""
    size = x.abs().amax(dim=-1, keepdim=True).clamp(min=1e-6)
    unit = x / size
    low, high = unit.min().clamp(max=0), unit.max().clamp(min=0)
    scale = (high - low) / 255
    if scale == 0:
        return x
    zero = (-low / scale).round().clamp(0, 255)
    return (((unit / scale).round() + zero).clamp(0, 255) - zero) * scale * size


class Int8Linear(torch.nn.Module):
    def __init__(self, linear, groups):
        super().__init__()
        while linear.in_features % groups != 0:
            groups -= 1
        self.weight = torch.nn.Parameter(int8_rows(linear.weight), requires_grad=False)
        self.bias, self.groups = linear.bias, groups

    def forward(self, x):
        inputs = torch.cat([quantise_inputs(part) for part in x.chunk(self.groups, dim=-1)], dim=-1)
        return torch.nn.functional.linear(inputs, self.weight, self.bias)


@torch.no_grad()
def quantise(model):
    """Changes `model` in place."""
    embedding, head = model.model.embed_tokens, model.lm_head
    # A file of a tied model may hold the matrix twice, in two types; the compiled model keeps the head's.
    difference = (embedding.weight - head.weight).norm() / head.weight.norm()
    embedding.weight = torch.nn.Parameter(int8_rows((head if difference < 0.4 else embedding).weight))
    for path, module in list(model.named_modules()):
        if isinstance(module, torch.nn.Linear):
            parent, _, name = path.rpartition('.')
            setattr(model.get_submodule(parent), name, Int8Linear(module, GROUPS[name]))
