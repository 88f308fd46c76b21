#!/usr/bin/env python3
"""Writes ids that the Python `tokenizers` package gives with the vocabulary of a real Qwen2.5 GGUF.

usage:  python3 test/golden/make-real-tokenizer-golden.py QWEN2.5.gguf
needs:  pip install gguf tokenizers   (versions used: see "version" in the JSON)

writes real-tokenizer.json beside this script. All Qwen2.5 models share this vocabulary.
"""
import datetime
import json
import pathlib
import re
import sys
from importlib.metadata import version

import gguf
import tokenizers

HERE = pathlib.Path(__file__).parent
# Qwen2's expression, from tokenizer.json of Qwen/Qwen2.5-0.5B-Instruct.
PRE_TOKENIZER = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def strings(field):
    return [bytes(field.parts[i]).decode() for i in field.data]


def main():
    reader = gguf.GGUFReader(sys.argv[1])
    tokens = strings(reader.fields['tokenizer.ggml.tokens'])
    merges = [tuple(m.split(' ')) for m in strings(reader.fields['tokenizer.ggml.merges'])]
    types = reader.fields['tokenizer.ggml.token_type']
    types = [int(types.parts[i][0]) for i in types.data]
    vocabulary = {token: i for i, (token, kind) in enumerate(zip(tokens, types)) if kind == 1}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, merges))
    tokenizer.normalizer = tokenizers.normalizers.NFC()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([
        tokenizers.pre_tokenizers.Split(tokenizers.Regex(PRE_TOKENIZER), 'isolated'),
        tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    texts = [case['text'] for case in json.loads((HERE / 'tiny-qwen2.json').read_text())['tokenizer']]
    plain = [text for text in texts if '<|' not in text and '<tool_call>' not in text]
    golden = {
        'source': 'tokenizers, with the vocabulary of ' + pathlib.Path(sys.argv[1]).name,
        'version': {name: version(name) for name in ('gguf', 'tokenizers')},
        'command': 'python3 test/golden/make-real-tokenizer-golden.py QWEN2.5.gguf',
        'date': datetime.date.today().isoformat(),
        'cases': [{'text': text, 'ids': tokenizer.encode(text).ids} for text in plain],
    }
    text = json.dumps(golden, ensure_ascii=True, indent=1)
    text = re.sub(r'\[[\d\s,]*\]', lambda numbers: ' '.join(numbers[0].split()), text)  # lists of numbers on one line
    (HERE / 'real-tokenizer.json').write_text(text + '\n')


if __name__ == '__main__':
    main()
