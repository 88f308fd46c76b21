#!/usr/bin/env python3
"""Writes the tiny random Qwen2 models that the tests run on, and what independent programs say about them.

usage:  python3 test/golden/make-tiny-qwen2.py
needs:  pip install numpy gguf torch transformers tokenizers jinja2   (versions used: see "version" in the JSON files)

writes, beside this script:
  tiny-qwen2.gguf           2 layers, width 64, tied embedding, biases on q/k/v; Q5_0, Q8_0, F16, F32
  tiny-qwen2-untied.gguf    1 layer, width 256, own output.weight, no biases; Q4_K, Q6_K, F32
  tiny-qwen2-q4_0.gguf      1 layer, width 64, tied embedding, biases on q/k/v; Q4_0, F32
  tiny-qwen2*.logits.f32    float32, little-endian, [prompt tokens][vocabulary]: logits at every position of the prompt
  tiny-qwen2*.json          provenance, prompt ids, greedy continuation; the first also tokenizer and chat template cases

Logits are those of Hugging Face's Qwen2ForCausalLM in fp32 on the dequantised weights; token ids those of the Python
`tokenizers` package; rendered prompts those of Python Jinja2. The same versions write the same bytes, but for "date".
"""
import datetime
import json
import pathlib
import re
from importlib.metadata import version

import gguf
import jinja2.sandbox
import numpy as np
import tokenizers
import torch
import transformers
from gguf import GGMLQuantizationType as Type

HERE = pathlib.Path(__file__).parent
VOCABULARY = 480
GREEDY_TOKENS = 24

CHAT_TEMPLATE = """{%- if messages[0]['role'] == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
{%- else %}
    {{- '<|im_start|>system\\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant") %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

# --- tokenizer: a real byte-level BPE, learned from these lines -------------------------------------------------------

TRAINING_TEXT = [
    'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.',
    'system user assistant',
    'The capital of France is Paris, and the capital of Spain is Madrid.',
    'What is the weather like today? It is raining, and the wind is rising.',
    'There is nothing here that the other one did not think of before.',
    '你好，世界。今天天气很好，我们去公园吧。法国的首都是巴黎。',
    '请问你是谁？我是一个有用的助手。你好吗？我很好。',
    'def add(a, b):\n    return a + b\n\n\nfor i in range(10):\n    print(i, add(i, 1))\n',
    'const total = items.reduce((sum, item) => sum + item.price, 0);\nreturn total;\n',
]

# Qwen2's expression, from tokenizer.json of Qwen/Qwen2.5-0.5B-Instruct.
PRE_TOKENIZER = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CONTROL = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
USER_DEFINED = ['<tool_call>', '</tool_call>']


def train_tokenizer():
    """A tokenizer, its tokens in order of id, and its merges in order of rank."""
    bare = tokenizers.Tokenizer(tokenizers.models.BPE())
    bare.normalizer = tokenizers.normalizers.NFC()
    bare.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([
        tokenizers.pre_tokenizers.Split(tokenizers.Regex(PRE_TOKENIZER), 'isolated'),
        tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    bare.decoder = tokenizers.decoders.ByteLevel()
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=256 + 200, initial_alphabet=alphabet, show_progress=False
    )
    bare.train_from_iterator(TRAINING_TEXT, trainer)
    model = json.loads(bare.to_str())['model']
    tokens = sorted(model['vocab'], key=model['vocab'].get)
    merges = [' '.join(pair) for pair in model['merges']]
    bare.add_special_tokens([tokenizers.AddedToken(t, special=True, normalized=False) for t in CONTROL])
    bare.add_tokens([tokenizers.AddedToken(t, special=False, normalized=False) for t in USER_DEFINED])
    assert bare.token_to_id(CONTROL[0]) == len(tokens)
    return bare, tokens, merges


def write_tokenizer(writer, tokens, merges):
    everything = tokens + CONTROL + USER_DEFINED
    padding = [f'[PAD{i}]' for i in range(len(everything), VOCABULARY)]
    kinds = (
        [gguf.TokenType.NORMAL] * len(tokens)
        + [gguf.TokenType.CONTROL] * len(CONTROL)
        + [gguf.TokenType.USER_DEFINED] * len(USER_DEFINED)
        + [gguf.TokenType.UNUSED] * len(padding)
    )
    writer.add_tokenizer_model('gpt2')
    writer.add_tokenizer_pre('qwen2')
    writer.add_token_list(everything + padding)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(everything.index('<|im_end|>'))
    writer.add_pad_token_id(everything.index('<|endoftext|>'))
    writer.add_bos_token_id(everything.index('<|endoftext|>'))
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)
    return len(everything)


# --- weights ----------------------------------------------------------------------------------------------------------


class Shape:
    def __init__(self, *, name, seed, layers, width, heads, kv_heads, head_size, feed_forward, tied, types):
        self.name, self.seed, self.layers, self.width = name, seed, layers, width
        self.heads, self.kv_heads, self.head_size, self.feed_forward = heads, kv_heads, head_size, feed_forward
        self.tied, self.types = tied, types


# Seeds were searched for greedy continuations of many different tokens whose lead over the second choice is wide:
# "smallestMargin" in the JSON, in logits. A compiled model with small rounding errors still makes the same choices.
TINY = Shape(
    name='tiny-qwen2', seed=646, layers=2, width=64, heads=4, kv_heads=2, head_size=16, feed_forward=128, tied=True,
    types={
        'token_embd': Type.Q8_0, 'attn_q': Type.Q5_0, 'attn_k': Type.Q8_0, 'attn_v': Type.F16, 'attn_output': Type.Q5_0,
        'ffn_gate': Type.Q5_0, 'ffn_up': Type.Q8_0, 'ffn_down': Type.F32,
    },
)
UNTIED = Shape(
    name='tiny-qwen2-untied', seed=678, layers=1, width=256, heads=4, kv_heads=2, head_size=64, feed_forward=256, tied=False,
    types={
        'token_embd': Type.Q4_K, 'output': Type.Q6_K, 'attn_q': Type.Q4_K, 'attn_k': Type.Q4_K, 'attn_v': Type.Q6_K,
        'attn_output': Type.Q4_K, 'ffn_gate': Type.Q4_K, 'ffn_up': Type.Q4_K, 'ffn_down': Type.Q6_K,
    },
)
Q4_0 = Shape(
    name='tiny-qwen2-q4_0', seed=12, layers=1, width=64, heads=4, kv_heads=2, head_size=16, feed_forward=128, tied=True,
    types=dict.fromkeys(TINY.types, Type.Q4_0),
)


def random_q4_k(rng, rows, columns, deviation):
    """Random Q4_K blocks of mean 0: the package can read this type but not write it."""
    n = rows * columns // 256
    scale = rng.integers(20, 64, (n, 8)).astype(np.uint8)
    # value = d * scale * (nibble - 7.5); nibbles are uniform, so their deviation is 4.61
    d = np.full((n, 1), deviation / (4.61 * 43.5), np.float16)
    dmin = (d.astype(np.float32) * 7.5).astype(np.float16)
    low, high = scale[:, :4], scale[:, 4:]  # minimum = scale, packed as Q4_K.get_scale_min unpacks it
    packed = np.concatenate(
        [low | (high & 0x30) << 2, low | (high & 0x30) << 2, (high & 0x0F) | (high & 0x0F) << 4], axis=1
    ).astype(np.uint8)
    nibbles = rng.integers(0, 256, (n, 128)).astype(np.uint8)
    return np.concatenate([d.view(np.uint8), dmin.view(np.uint8), packed, nibbles], axis=1).reshape(rows, -1)


def random_q6_k(rng, rows, columns, deviation):
    n = rows * columns // 256
    # value = d * scale * (six bits - 32), uniform: deviation 18.5
    d = np.full((n, 1), deviation / (18.5 * 43.5), np.float16)
    scale = (rng.integers(20, 64, (n, 16)) * rng.choice([-1, 1], (n, 16))).astype(np.int8)
    bits = rng.integers(0, 256, (n, 192)).astype(np.uint8)
    return np.concatenate([bits, scale.view(np.uint8), d.view(np.uint8)], axis=1).reshape(rows, -1)


def make_weights(shape, used_tokens):
    """GGUF tensor name → (bytes or floats as stored, type). Scales chosen so that history decides the next token."""
    rng = np.random.default_rng(shape.seed)
    stored = {}

    def matrix(name, rows, columns, deviation, unused_from=None):
        kind = shape.types[name.split('.')[-2]]
        if kind in (Type.Q4_K, Type.Q6_K):
            make = random_q4_k if kind == Type.Q4_K else random_q6_k
            stored[name] = (make(rng, rows, columns, deviation), kind)
            if unused_from is not None:
                stored[name][0][unused_from:] = 0
            return
        values = (rng.standard_normal((rows, columns)) * deviation).astype(np.float32)
        if unused_from is not None:
            values[unused_from:] *= 0.001  # rows without a token never win, as in the real model
        stored[name] = (gguf.quantize(values, kind), kind)

    def vector(name, size, centre, deviation):
        values = (centre + deviation * rng.standard_normal(size)).astype(np.float32)
        stored[name] = (values, Type.F32)

    width, queries, keys = shape.width, shape.heads * shape.head_size, shape.kv_heads * shape.head_size
    unit = width ** -0.5
    matrix('token_embd.weight', VOCABULARY, width, 4 * unit, used_tokens)
    vector('output_norm.weight', width, 1, 0.1)
    if not shape.tied:
        matrix('output.weight', VOCABULARY, width, 4 * unit, used_tokens)
    for layer in range(shape.layers):
        prefix = f'blk.{layer}.'
        vector(prefix + 'attn_norm.weight', width, 1, 0.1)
        vector(prefix + 'ffn_norm.weight', width, 1, 0.1)
        for part, rows, deviation in (('q', queries, 1.5), ('k', keys, 1.5), ('v', keys, 1)):
            matrix(f'{prefix}attn_{part}.weight', rows, width, deviation * unit)
            if shape.tied:
                vector(f'{prefix}attn_{part}.bias', rows, 0, 0.3)
        matrix(prefix + 'attn_output.weight', width, queries, 1.5 * queries ** -0.5)
        matrix(prefix + 'ffn_gate.weight', shape.feed_forward, width, 1.5 * unit)
        matrix(prefix + 'ffn_up.weight', shape.feed_forward, width, 1.5 * unit)
        matrix(prefix + 'ffn_down.weight', width, shape.feed_forward, 1.5 * shape.feed_forward ** -0.5)
    return stored


def write_gguf(shape, stored, tokens, merges):
    writer = gguf.GGUFWriter(HERE / f'{shape.name}.gguf', 'qwen2')
    writer.add_name('Tiny random Qwen2' + ('' if shape.tied else ', untied'))
    writer.add_block_count(shape.layers)
    writer.add_context_length(1024)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    if not shape.tied:
        writer.add_key_length(shape.head_size)
        writer.add_value_length(shape.head_size)
    writer.add_rope_freq_base(1e6)
    writer.add_layer_norm_rms_eps(1e-6)
    write_tokenizer(writer, tokens, merges)
    for name, (values, kind) in stored.items():
        writer.add_tensor(name, values, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


# --- reference --------------------------------------------------------------------------------------------------------

HF_NAMES = {
    'token_embd': 'model.embed_tokens', 'output_norm': 'model.norm', 'output': 'lm_head',
    'attn_norm': 'input_layernorm', 'ffn_norm': 'post_attention_layernorm', 'attn_q': 'self_attn.q_proj',
    'attn_k': 'self_attn.k_proj', 'attn_v': 'self_attn.v_proj', 'attn_output': 'self_attn.o_proj',
    'ffn_gate': 'mlp.gate_proj', 'ffn_up': 'mlp.up_proj', 'ffn_down': 'mlp.down_proj',
}


def hf_name(name):
    *block, part, kind = name.split('.')
    return '.'.join((['model', 'layers', block[1]] if block else []) + [HF_NAMES[part], kind])


def reference_model(shape, stored):
    config = transformers.Qwen2Config(
        vocab_size=VOCABULARY, hidden_size=shape.width, intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers, num_attention_heads=shape.heads, num_key_value_heads=shape.kv_heads,
        head_dim=shape.head_size, max_position_embeddings=1024, rms_norm_eps=1e-6, tie_word_embeddings=shape.tied,
        rope_parameters={'rope_type': 'default', 'rope_theta': 1e6}, attn_implementation='eager',
    )
    model = transformers.Qwen2ForCausalLM(config).to(torch.float32).eval()
    weights = {hf_name(n): torch.from_numpy(gguf.dequantize(v, k).copy()) for n, (v, k) in stored.items()}
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected, unexpected
    with torch.no_grad():
        for name in missing:
            if name.endswith('.bias'):
                model.get_parameter(name).zero_()
            else:
                assert shape.tied and name == 'lm_head.weight', name
    model.tie_weights()
    return model


@torch.no_grad()
def run_reference(shape, stored, prompt):
    """Logits at every position of the prompt, then greedy ids and each choice's lead over the second."""
    model = reference_model(shape, stored)
    logits = model(torch.tensor([prompt]), use_cache=False).logits[0].numpy()
    ids, margins = list(prompt), []
    for _ in range(GREEDY_TOKENS):
        last = model(torch.tensor([ids]), use_cache=False).logits[0, -1]
        first, second = last.topk(2).values.tolist()
        margins.append(first - second)
        ids.append(int(last.argmax()))
    return logits.astype('<f4'), ids[len(prompt):], margins


# --- cases ------------------------------------------------------------------------------------------------------------

TEXTS = [
    '', ' ', 'a', 'Hello, world!', 'The capital of France is Paris.', "I'm sure you'll say it's WE'LL SEE, they'd've",
    '你好，世界。今天天气很好。', '日本語のテキスト、カタカナ。', '한국어 문장입니다.', 'Привет, как дела?', 'مرحبا بالعالم', 'नमस्ते दुनिया',
    'สวัสดีชาวโลก', 'Ελληνικά, Türkçe İıŞş, Tiếng Việt', '😀 👩‍👩‍👧‍👦 🇫🇷 👍🏽', 'cafe\u0301 = caf\u00e9', '\u1112\u1161\u11ab = \ud55c', 'ﬁ ½ ² Å',
    'def add(a, b):\n    return a + b\n', 'const x = { a: [1, 2, 3], "b": `t${y}` };\r\n\tif (x?.a ?? 0) return;\n\n\n',
    '12345 3.14 1,000 ٣٤ Ⅷ', '   three before, three after   ', 'tab\tand\u00a0no-break\u3000ideographic', 'line\n\nline\r\nline\n   \n end',
    '...!!! ---\n\n', '<|im_start|>user\nHi<|im_end|>\n', 'a<|endoftext|>b', '<|im_start|><|im_end|><tool_call>{"x": 1}</tool_call>',
    '<|im_start >almost<| im_end|>', '<tool_call', '\u0000\u0001\u007f\u200b\ufeff', 'zero\u0000width', '\U0001d54f\U00020000\U000e0001', '[PAD461] stays text',
]

CHATS = [
    [{'role': 'user', 'content': 'What is the capital of France?'}],
    [{'role': 'system', 'content': 'Answer in one word.'}, {'role': 'user', 'content': '你好吗？'}],
    [
        {'role': 'user', 'content': 'Hi'}, {'role': 'assistant', 'content': 'Hello! How can I help?'},
        {'role': 'user', 'content': 'Write code:\n```py\nprint("<b>&amp;</b>")\n```\n'},
    ],
    [
        {'role': 'system', 'content': ''}, {'role': 'user', 'content': '  spaces  '},
        {'role': 'assistant', 'content': ''}, {'role': 'system', 'content': 'later'}, {'role': 'user', 'content': '😀'},
    ],
]


def render(messages, add_generation_prompt):
    """As Hugging Face renders chat templates: blocks trimmed, sandboxed."""
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(CHAT_TEMPLATE).render(messages=messages, add_generation_prompt=add_generation_prompt)


def provenance(source):
    packages = ('numpy', 'gguf', 'torch', 'transformers', 'tokenizers', 'jinja2')
    return {
        'source': source,
        'version': {name: version(name) for name in packages},
        'command': 'python3 test/golden/make-tiny-qwen2.py',
        'date': datetime.date.today().isoformat(),
    }


def write_golden(shape, logits, greedy, margins, prompt_text, prompt, more):
    (HERE / f'{shape.name}.logits.f32').write_bytes(logits.tobytes())
    golden = {
        **provenance('Qwen2ForCausalLM (fp32) on the dequantised weights; tokenizers; Jinja2'),
        'seed': shape.seed,
        'vocabulary': VOCABULARY,
        'prompt': {'text': prompt_text, 'ids': prompt},
        'greedy': {'ids': greedy, 'smallestMargin': round(min(margins), 4), 'margins': [round(m, 4) for m in margins]},
        **more,
    }
    text = json.dumps(golden, ensure_ascii=True, indent=1)
    text = re.sub(r'\[[\d\s,.]*\]', lambda numbers: ' '.join(numbers[0].split()), text)  # lists of numbers on one line
    (HERE / f'{shape.name}.json').write_text(text + '\n', encoding='utf-8')
    print(shape.name, 'prompt', len(prompt), 'logits std', logits.std(), 'min margin', min(margins), 'greedy', greedy)


def main():
    tokenizer, tokens, merges = train_tokenizer()
    used_tokens = len(tokens) + len(CONTROL) + len(USER_DEFINED)
    prompt_text = '<|im_start|>user\nWhat is the capital of France? 你好，世界 😀 for i in range(3): print(i)<|im_end|>\n<|im_start|>assistant\n'
    prompt = tokenizer.encode(prompt_text, add_special_tokens=False).ids
    cases = {
        'tokenizer': [
            {
                'text': text,
                'ids': (ids := tokenizer.encode(text, add_special_tokens=False).ids),
                'decoded': tokenizer.decode(ids, skip_special_tokens=False),
                'decodedWithoutSpecial': tokenizer.decode(ids, skip_special_tokens=True),
            }
            for text in TEXTS
        ],
        'chat': [
            {'messages': chat, 'addGenerationPrompt': add, 'rendered': render(chat, add)}
            for chat in CHATS
            for add in (True, False)
        ],
    }
    for shape, more in ((TINY, cases), (UNTIED, {}), (Q4_0, {})):
        stored = make_weights(shape, used_tokens)
        logits, greedy, margins = run_reference(shape, stored, prompt)
        assert max(greedy) < len(tokens), 'a continuation of ordinary tokens: choose another seed'
        write_gguf(shape, stored, tokens, merges)
        write_golden(shape, logits, greedy, margins, prompt_text, prompt, more)


if __name__ == '__main__':
    main()
