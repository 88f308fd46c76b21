"""A Qwen2 GGUF as other people's programs read it: weights, tokenizer and chat template from the file itself.

Blocks are decoded by the `gguf` package, the model is Hugging Face's, text becomes ids by `tokenizers`, and the
template is rendered by Jinja2. No line here is shared with the project.
"""
import gguf
import jinja2.sandbox
import tokenizers
import torch
import transformers

# Qwen2's expression, from tokenizer.json of Qwen/Qwen2.5-0.5B-Instruct.
PRE_TOKENIZER = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
HF_NAMES = {
    'token_embd': 'model.embed_tokens', 'output_norm': 'model.norm', 'output': 'lm_head',
    'attn_norm': 'input_layernorm', 'ffn_norm': 'post_attention_layernorm', 'attn_q': 'self_attn.q_proj',
    'attn_k': 'self_attn.k_proj', 'attn_v': 'self_attn.v_proj', 'attn_output': 'self_attn.o_proj',
    'ffn_gate': 'mlp.gate_proj', 'ffn_up': 'mlp.up_proj', 'ffn_down': 'mlp.down_proj',
}


def open_gguf(path):
    return gguf.GGUFReader(path)


def value(reader, key, default=None):
    field = reader.get_field(key)
    return default if field is None else field.contents()


def hf_name(name):
    *block, part, kind = name.split('.')
    return '.'.join((['model', 'layers', block[1]] if block else []) + [HF_NAMES[part], kind])


def load_model(reader):
    """Qwen2ForCausalLM in fp32. The head is `output.weight` where the file has one, else the embedding."""
    tensors = {t.name: t for t in reader.tensors}
    width, heads = value(reader, 'qwen2.embedding_length'), value(reader, 'qwen2.attention.head_count')
    config = transformers.Qwen2Config(
        vocab_size=int(tensors['token_embd.weight'].shape[1]),
        hidden_size=width,
        intermediate_size=value(reader, 'qwen2.feed_forward_length'),
        num_hidden_layers=value(reader, 'qwen2.block_count'),
        num_attention_heads=heads,
        num_key_value_heads=value(reader, 'qwen2.attention.head_count_kv'),
        head_dim=value(reader, 'qwen2.attention.key_length', width // heads),
        max_position_embeddings=value(reader, 'qwen2.context_length'),
        rms_norm_eps=value(reader, 'qwen2.attention.layer_norm_rms_epsilon'),
        rope_parameters={'rope_type': 'default', 'rope_theta': value(reader, 'qwen2.rope.freq_base')},
        tie_word_embeddings='output.weight' not in tensors,
        use_sliding_window=False,
        attn_implementation='eager',
    )
    with torch.device('meta'):
        model = transformers.Qwen2ForCausalLM(config)
    model = model.to_empty(device='cpu').to(torch.float32).eval()
    model.tie_weights()
    model.model.rotary_emb = type(model.model.rotary_emb)(config)  # its table is not in the file
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, tensor in tensors.items():
            parameters.pop(hf_name(name)).copy_(torch.from_numpy(gguf.dequantize(tensor.data, tensor.tensor_type).copy()))
        for name in [name for name in parameters if name.endswith('.bias')]:
            parameters.pop(name).zero_()
    assert not parameters, f'nothing in the file for {list(parameters)}'
    return model


def load_tokenizer(reader):
    tokens, types = value(reader, 'tokenizer.ggml.tokens'), value(reader, 'tokenizer.ggml.token_type')
    merges = [tuple(merge.split(' ')) for merge in value(reader, 'tokenizer.ggml.merges')]
    kinds = gguf.TokenType
    vocabulary = {token: i for i, (token, kind) in enumerate(zip(tokens, types)) if kind != kinds.UNUSED}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, merges))
    tokenizer.normalizer = tokenizers.normalizers.NFC()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([
        tokenizers.pre_tokenizers.Split(tokenizers.Regex(PRE_TOKENIZER), 'isolated'),
        tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    for kind in (kinds.CONTROL, kinds.USER_DEFINED):
        added = [token for token, own in zip(tokens, types) if own == kind]
        special = kind == kinds.CONTROL
        tokenizer.add_tokens([tokenizers.AddedToken(t, special=special, normalized=False) for t in added])
    return tokenizer


def render_chat(reader, messages):
    """As Hugging Face renders chat templates: blocks trimmed, sandboxed. Ends where the reply begins."""
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(value(reader, 'tokenizer.chat_template'))
    return template.render(messages=messages, add_generation_prompt=True)
