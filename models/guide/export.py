"""Writes a trained guide as GGUF: `python3 export.py CHECKPOINT.pt FILE.gguf`.

Matrices in Q8_0 (blocks of 32 with a scale each), norms and biases in F32.
"""

import sys
from pathlib import Path

import gguf
import torch

from shape import Shape
from tokenizer import END_OF_TEXT, SPECIALS, TURN_END, Tokenizer

NAME = "Offgrid Guide"
# The simple form of ChatML: no system prompt of its own. The same as CHATML in src/gguf/tokenizer-json.ts.
TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)

# Names of the parts in train.py → in a GGUF.
PARTS = {
    "attention_norm": "attn_norm",
    "attention.q": "attn_q",
    "attention.k": "attn_k",
    "attention.v": "attn_v",
    "attention.output": "attn_output",
    "feed_forward_norm": "ffn_norm",
    "feed_forward.gate": "ffn_gate",
    "feed_forward.up": "ffn_up",
    "feed_forward.down": "ffn_down",
}


def gguf_name(name: str) -> str:
    if name == "embedding.weight":
        return "token_embd.weight"
    if name == "norm.weight":
        return "output_norm.weight"
    _, layer, rest = name.split(".", 2)
    part, kind = rest.rsplit(".", 1)
    return f"blk.{layer}.{PARTS[part]}.{kind}"


def export(checkpoint: Path, out: Path) -> None:
    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
    shape = Shape(**saved["shape"])
    tokenizer = Tokenizer.committed()
    if len(tokenizer.tokens) != shape.vocabulary:
        raise SystemExit("The checkpoint was trained with other merges than those in merges.txt.")

    writer = gguf.GGUFWriter(out, "qwen2")
    writer.add_name(NAME)
    writer.add_license("Apache-2.0")
    writer.add_languages(["en", "zh"])
    writer.add_description("Answers questions about the Offgrid page; trained by models/guide.")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_block_count(shape.layers)
    writer.add_context_length(shape.context_tokens)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.query_heads)
    writer.add_head_count_kv(shape.key_value_heads)
    writer.add_key_length(shape.head_size)
    writer.add_value_length(shape.head_size)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.rms_epsilon)
    add_tokenizer(writer, tokenizer)
    for name, weights in saved["weights"].items():
        array = weights.float().numpy()
        if array.ndim == 2:
            blocks = gguf.quants.quantize(array, gguf.GGMLQuantizationType.Q8_0)
            writer.add_tensor(gguf_name(name), blocks, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        else:
            writer.add_tensor(gguf_name(name), array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{out.name}: {out.stat().st_size / 1e6:.2f} MB")


def add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokenizer.tokens)
    writer.add_token_types([control if token in SPECIALS else normal for token in tokenizer.tokens])
    writer.add_token_merges([" ".join(merge) for merge in tokenizer.merges])
    writer.add_eos_token_id(tokenizer.ids[TURN_END])
    writer.add_bos_token_id(tokenizer.ids[END_OF_TEXT])
    writer.add_pad_token_id(tokenizer.ids[END_OF_TEXT])
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)


if __name__ == "__main__":
    export(Path(sys.argv[1]), Path(sys.argv[2]))
