"""Chooses anew which phrasings are held out: `python3 split.py [SEED]`, with 1 if none is given.

Of each intent and language, `heldOut` gets a tenth of all phrasings, at least two, drawn by the seed; `ask`, the rest.
A phrasing goes over whole, with all its alternatives, and only one that nothing else asks in the same words. The same
seed and phrasings give the same split.
"""

import json
import random
import sys

from collections import Counter
from pathlib import Path

from intents import DATA, LANGUAGES, expand, normalise

HELD_OUT_SHARE = 0.1
LEAST_HELD_OUT = 2


def texts_of(phrasing: str) -> set[str]:
    return {normalise(text) or text for text in expand(phrasing)}


def main(seed: str = "1") -> None:
    files: dict[Path, list[dict]] = {path: json.loads(path.read_text(encoding="utf-8")) for path in sorted(DATA.glob("*.json"))}
    sides = [(f"{intent['id']} {key}", intent[key]) for intents in files.values() for intent in intents for key in LANGUAGES]
    phrasings = {name: list(dict.fromkeys([*side["ask"], *side["heldOut"]])) for name, side in sides}
    uses = Counter(text for each in phrasings.values() for phrasing in each for text in texts_of(phrasing))
    for name, side in sides:
        own = sorted(each for each in phrasings[name] if all(uses[text] == 1 for text in texts_of(each)))
        count = max(LEAST_HELD_OUT, round(HELD_OUT_SHARE * len(phrasings[name])))
        side["heldOut"] = sorted(random.Random(f"{seed} {name}").sample(own, count))
        side["ask"] = [each for each in phrasings[name] if each not in side["heldOut"]]
    for path, intents in files.items():
        path.write_text(json.dumps(intents, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:2])
