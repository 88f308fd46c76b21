#!/usr/bin/env python3
"""Writes the ids that the guide was trained on (models/guide/tokenizer.py) for some texts.

usage:  python3 test/golden/make-guide-tokenizer-golden.py
needs:  pip install -r models/guide/requirements.txt

writes guide-tokenizer.json beside this script; to be run again whenever models/guide/merges.txt changes.
"""
import datetime
import itertools
import json
import pathlib
import re
import sys
from importlib.metadata import version

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / 'models' / 'guide'))

from corpus import Corpus, render  # noqa: E402
from tokenizer import Tokenizer  # noqa: E402

TEXTS = [
    '',
    'Is anything I type sent to a server?',
    'It\'s the page\'s job; I\'LL ask, you\'d wait, we\'ve 1,024 tokens.',
    '我输入的内容会发送到服务器吗？',
    '  two  spaces\tand\r\n\r\n lines \n',
    'e\u0301 is composed, 𝒳 is not, 👩‍👩‍👧 is one family',
    'ÄÖÜß ñandú Привет مرحبا こんにちは 한국어 हिन्दी',
    'x=[i**2 for i in range(10)] # 3.14159',
    '\u0000\u007f\u0080\u00ad\u00a0\u3000\ufeff',
]


def main():
    tokenizer = Tokenizer.committed()
    conversations = itertools.islice(Corpus(seed=7).conversations(), 24)
    texts = TEXTS + [''.join(text for text, _ in render(conversation)) for conversation in conversations]
    golden = {
        'source': 'models/guide/tokenizer.py with models/guide/merges.txt',
        'version': {'regex': version('regex')},
        'command': 'python3 test/golden/make-guide-tokenizer-golden.py',
        'date': datetime.date.today().isoformat(),
        'cases': [{'text': text, 'ids': tokenizer.encode(text)} for text in texts],
    }
    text = json.dumps(golden, ensure_ascii=True, indent=1)
    text = re.sub(r'\[[\d\s,]*\]', lambda numbers: ' '.join(numbers[0].split()), text)  # lists of numbers on one line
    (HERE / 'guide-tokenizer.json').write_text(text + '\n')


if __name__ == '__main__':
    main()
