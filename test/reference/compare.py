#!/usr/bin/env python3
"""Compares next-token log-probabilities of the compiled model with PyTorch's, over the first greedy tokens.

usage:  python3 test/reference/compare.py MODEL.gguf [--tokens 32] [--llama-cpp] [--json]
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
LABELS = {'ours': 'compiled', 'fp32': 'fp32', 'int8': 'int8 in PyTorch', 'llamaCpp': 'llama.cpp'}
PAIRS = [('ours', 'fp32'), ('int8', 'fp32'), ('ours', 'int8'), ('llamaCpp', 'fp32'), ('ours', 'llamaCpp')]


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


def run_script(name, path, cases):
    command = [HERE / '../../node_modules/.bin/tsx', HERE / name, path]
    result = subprocess.run(command, input=json.dumps(cases), stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f'{name} failed')
    return json.loads(result.stdout)


def differences(of, to):
    pairs = list(zip(of['top'], to['top']))
    compared = [i for i, (a, b) in enumerate(pairs) if a and b]
    same = [pairs[i][0][0][0] == pairs[i][1][0][0] for i in compared]
    gaps = [
        abs(of['logprobs'][i] - to['logprobs'][i])
        for i in compared
        if of['logprobs'][i] is not None and to['logprobs'][i] is not None
    ]
    return {
        'samePrompt': of['promptIds'] == to['promptIds'],
        'compared': len(compared),
        'sameUntil': compared[same.index(False)] if False in same else len(compared),
        'top1Agreement': sum(same) / len(same),
        'meanDifference': sum(gaps) / len(gaps),
        'maxDifference': max(gaps),
    }


def compare(path, tokens, with_llama_cpp):
    reader = qwen2.open_gguf(path)
    tokenizer = qwen2.load_tokenizer(reader)
    model = qwen2.load_model(reader)
    chats = {
        name: [{'role': 'system', 'content': SYSTEM}, {'role': 'user', 'content': question}]
        for name, question in QUESTIONS.items()
    }
    prompts = {name: tokenizer.encode(qwen2.render_chat(reader, chat)).ids for name, chat in chats.items()}
    runs = {'fp32': {name: run(model, prompt, tokens) for name, prompt in prompts.items()}}
    ids = {name: reference['ids'] for name, reference in runs['fp32'].items()}
    wasm_int8.quantise(model)
    runs['int8'] = {name: run(model, prompt, tokens, ids[name]) for name, prompt in prompts.items()}
    del model
    cases = {name: {'messages': chat, 'promptIds': prompts[name], 'ids': ids[name]} for name, chat in chats.items()}
    runs['ours'] = run_script('logprobs.ts', path, cases)
    if with_llama_cpp:
        runs['llamaCpp'] = run_script('llama-cpp.ts', path, cases)
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
                'text': tokenizer.decode(ids[name], skip_special_tokens=False),
                'runs': {engine: run[name] for engine, run in runs.items()},
                'differences': {
                    f'{of}:{to}': differences(runs[of][name], runs[to][name]) for of, to in PAIRS if of in runs and to in runs
                },
            }
            for name in chats
        ],
    }


def table(result):
    versions = ', '.join(f'{name} {number}' for name, number in result['versions'].items())
    lines = [
        f'{result["file"]}, {result["tokens"]} greedy tokens each; {versions}',
        '',
        'prompt    compared                       tokens  same until   top-1   mean |Δ log p|   max |Δ log p|',
    ]
    prompts = result['prompts']
    for pair in prompts[0]['differences']:
        of, to = pair.split(':')
        label = f'{LABELS[of]} : {LABELS[to]}'
        every = [prompt['differences'][pair] for prompt in prompts]
        total = sum(d['compared'] for d in every)
        for prompt, d in zip(prompts, every):
            lines.append(
                f'{prompt["name"]:9} {label:30} {d["compared"]:6} {d["sameUntil"]:11} {d["top1Agreement"]:7.1%}'
                f' {d["meanDifference"]:16.4f} {d["maxDifference"]:15.4f}'
                + ('' if d['samePrompt'] else '   the prompts differ!')
            )
        mean = {key: sum(d[key] * d['compared'] for d in every) / total for key in ('top1Agreement', 'meanDifference')}
        most = max(d['maxDifference'] for d in every)
        lines.append(
            f'{"all":9} {label:30} {total:6} {"":11} {mean["top1Agreement"]:7.1%} {mean["meanDifference"]:16.4f} {most:15.4f}'
        )
    return '\n'.join(lines + [''] + [f'{prompt["name"]}: {prompt["text"]!r}' for prompt in prompts])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', metavar='MODEL.gguf')
    parser.add_argument('--tokens', type=int, default=32)
    parser.add_argument('--llama-cpp', action='store_true', help='compare with llama.cpp, too; needs a Chromium')
    parser.add_argument('--json', action='store_true', help='one JSON object with every number')
    options = parser.parse_args()
    result = compare(options.model, options.tokens, options.llama_cpp)
    print(json.dumps(result, ensure_ascii=False) if options.json else table(result))


if __name__ == '__main__':
    main()
