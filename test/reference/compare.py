#!/usr/bin/env python3
"""Compares next-token log-probabilities of the compiled model with PyTorch's, over the first greedy tokens.

usage:  python3 test/reference/compare.py MODEL.gguf [--tokens 32] [--json]
needs:  npm ci
        pip install torch==2.13.0 transformers==5.23.0 gguf==0.19.0 tokenizers==0.23.3 jinja2==3.1.6 numpy==2.4.6
        memory: fp32 weights twice (5 GB for a 0.5B model)

The reference is Hugging Face's Qwen2ForCausalLM in fp32 on the file's own weights. It chooses its most likely token
each time, past the end of the reply if that comes sooner; the others are given its tokens and say what they think of
each. "explained" is the same PyTorch model with the target's int8 arithmetic (wasm_int8.py): what quantisation alone does.
Log-probabilities are natural, from raw logits at temperature 1. "same until": tokens before the first at which the two
would have chosen differently. "|Δ log p|": of the reference's tokens.
"""
import argparse
import datetime
import json
import pathlib
import platform
import subprocess
import sys
from importlib.metadata import version

import torch

import qwen2
import wasm_int8

HERE = pathlib.Path(__file__).parent
SYSTEM = 'You are a helpful assistant.'
QUESTIONS = {
    'english': 'What is the capital of France?',
    'chinese': '用中文介绍一下长城。',
    'code': 'Write a Python function that reverses a string.',
}
TOP = 5


@torch.no_grad()
def run(model, prompt, tokens, forced=None):
    """The prompt in one run, then token by token: greedy, or along `forced`."""
    ids, logprobs, top = [], [], []
    fed, cache = prompt, None
    for step in range(tokens):
        out = model(torch.tensor([fed]), past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache = out.past_key_values
        row = out.logits[0, -1].double().log_softmax(dim=-1)
        best = row.topk(TOP)
        chosen = int(best.indices[0]) if forced is None else forced[step]
        ids.append(chosen)
        logprobs.append(float(row[chosen]))
        top.append([[int(i), float(p)] for i, p in zip(best.indices, best.values)])
        fed = [chosen]
    return {'promptIds': prompt, 'ids': ids, 'logprobs': logprobs, 'top': top}


def run_ours(path, cases):
    command = [HERE / '../../node_modules/.bin/tsx', HERE / 'logprobs.ts', path]
    result = subprocess.run(command, input=json.dumps(cases), stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit('logprobs.ts failed')
    return json.loads(result.stdout)


def differences(of, to):
    own = [top[0][0] for top in of['top']]
    same = [a == b for a, b in zip(own, [top[0][0] for top in to['top']])]
    gaps = [abs(a - b) for a, b in zip(of['logprobs'], to['logprobs'])]
    return {
        'samePrompt': of['promptIds'] == to['promptIds'],
        'sameUntil': same.index(False) if False in same else len(same),
        'top1Agreement': sum(same) / len(same),
        'meanDifference': sum(gaps) / len(gaps),
        'maxDifference': max(gaps),
    }


def compare(path, tokens):
    reader = qwen2.open_gguf(path)
    tokenizer = qwen2.load_tokenizer(reader)
    model = qwen2.load_model(reader)
    chats = {
        name: [{'role': 'system', 'content': SYSTEM}, {'role': 'user', 'content': question}]
        for name, question in QUESTIONS.items()
    }
    reference = {}
    for name, messages in chats.items():
        prompt = tokenizer.encode(qwen2.render_chat(reader, messages)).ids
        reference[name] = run(model, prompt, tokens)
    wasm_int8.quantise(model)
    explained = {n: run(model, r['promptIds'], tokens, r['ids']) for n, r in reference.items()}
    del model
    ours = run_ours(path, {n: {'messages': m, 'ids': reference[n]['ids']} for n, m in chats.items()})
    return {
        'file': pathlib.Path(path).name,
        'date': datetime.date.today().isoformat(),
        'versions': {
            'python': platform.python_version(),
            **{name: version(name) for name in ('torch', 'transformers', 'gguf', 'tokenizers', 'jinja2', 'numpy')},
        },
        'tokens': tokens,
        'prompts': [
            {
                'name': name,
                'text': tokenizer.decode(reference[name]['ids'], skip_special_tokens=False),
                'reference': reference[name],
                'explained': explained[name],
                'ours': ours[name],
                'oursToReference': differences(ours[name], reference[name]),
                'explainedToReference': differences(explained[name], reference[name]),
                'oursToExplained': differences(ours[name], explained[name]),
            }
            for name in chats
        ],
    }


def table(result):
    versions = ', '.join(f'{name} {number}' for name, number in result['versions'].items())
    lines = [
        f'{result["file"]}, {result["tokens"]} greedy tokens each; {versions}',
        '',
        'prompt    compared                  same until   top-1    mean |Δ log p|   max |Δ log p|',
    ]
    pairs = {
        'oursToReference': 'compiled model : fp32',
        'explainedToReference': 'int8 in PyTorch : fp32',
        'oursToExplained': 'compiled : int8 in PyTorch',
    }
    for prompt in result['prompts']:
        for pair, label in pairs.items():
            d = prompt[pair]
            lines.append(
                f'{prompt["name"]:9} {label:26} {d["sameUntil"]:9} {d["top1Agreement"]:7.1%}'
                f' {d["meanDifference"]:16.4f} {d["maxDifference"]:15.4f}'
                + ('' if d['samePrompt'] else '   the prompts differ!')
            )
    for pair, label in pairs.items():
        every = [prompt[pair] for prompt in result['prompts']]
        mean = {key: sum(d[key] for d in every) / len(every) for key in ('top1Agreement', 'meanDifference')}
        most = max(d['maxDifference'] for d in every)
        lines.append(f'{"all":9} {label:26} {"":9} {mean["top1Agreement"]:7.1%} {mean["meanDifference"]:16.4f} {most:15.4f}')
    return '\n'.join(lines + [''] + [f'{p["name"]}: {p["text"]!r}' for p in result['prompts']])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', metavar='MODEL.gguf')
    parser.add_argument('--tokens', type=int, default=32)
    parser.add_argument('--json', action='store_true', help='one JSON object with every number')
    options = parser.parse_args()
    result = compare(options.model, options.tokens)
    print(json.dumps(result, ensure_ascii=False) if options.json else table(result))


if __name__ == '__main__':
    main()
