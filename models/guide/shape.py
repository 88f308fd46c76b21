"""What the guide's decoder looks like."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """As the GGUF keys of qwen2 name them."""

    vocabulary: int
    layers: int = 4
    width: int = 256
    query_heads: int = 4
    key_value_heads: int = 2
    head_size: int = 64
    feed_forward: int = 768
    rope_base: float = 10_000.0
    rms_epsilon: float = 1e-6
    context_tokens: int = 2048
