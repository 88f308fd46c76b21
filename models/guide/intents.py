"""The guide's questions and answers as they lie in data/*.json: read, expanded and compared. Standard library only."""

import itertools
import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Side:
    """One intent in one language."""

    id: str
    language: str
    # Phrasings, each with its alternatives expanded into whole ones.
    forms: tuple[tuple[str, ...], ...]
    # One whole phrasing of each that is held out.
    held_out: tuple[str, ...]
    answers: tuple[str, ...]
    # Earlier exchanges, one of which precedes the question; empty where it stands alone.
    before: tuple[tuple[str, str], ...]
    must: tuple[str, ...]
    never: tuple[str, ...]

    @property
    def ask(self) -> tuple[str, ...]:
        """Every whole phrasing once."""
        return tuple(dict.fromkeys(itertools.chain.from_iterable(self.forms)))


def expand(phrasing: str) -> list[str]:
    """All whole phrasings of "{Is|Are} it {free|}?", spaces closed up. Alternatives do not nest."""
    parts = re.split(r"\{([^{}]*)\}", phrasing)
    choices = [[part] if i % 2 == 0 else part.split("|") for i, part in enumerate(parts)]
    texts = ("".join(choice) for choice in itertools.product(*choices))
    return list(dict.fromkeys(re.sub(r" {2,}", " ", text).strip() for text in texts))


def normalise(text: str) -> str:
    """What two phrasings are compared by: their letters and digits, without case, spaces or punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum() or letter in "+*/=<>%×÷")


def matches(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def read_intents(folder: Path = DATA) -> list[Side]:
    """Both sides of every intent, in the order of files and rows. The files have passed check-data.py."""
    sides = []
    for path in sorted(folder.glob("*.json")):
        for intent in json.loads(path.read_text(encoding="utf-8")):
            for language in LANGUAGES:
                side = intent[language]
                sides.append(
                    Side(
                        id=intent["id"],
                        language=language,
                        forms=tuple(tuple(expand(phrasing)) for phrasing in side["ask"]),
                        held_out=tuple(expand(phrasing)[0] for phrasing in side["heldOut"]),
                        answers=tuple(side["answer"]),
                        before=tuple(
                            (question, answer)
                            for question, answer in intent.get("before", {}).get(language, [])
                        ),
                        must=tuple(intent["must"][language]),
                        never=tuple(intent.get("never", {}).get(language, [])),
                    )
                )
    return sides
