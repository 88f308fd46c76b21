"""Other tokens of much the same meaning, by the embeddings in embeddings.npz: " fast" → " quick", "为什么" → "为何"."""

import random
import unicodedata
from collections.abc import Sequence

import numpy as np

from tokenizer import Tokenizer, committed_embeddings

LEAST_COSINE = 0.55
MOST = 4


class Neighbours:
    def __init__(self, tokenizer: Tokenizer, seed: int) -> None:
        self.random = random.Random(seed)
        rows = committed_embeddings()
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        scripts = np.array([script_of(tokenizer.decode([id_])) for id_ in range(len(tokenizer.tokens))])
        self.of: list[list[int]] = []
        for id_, script in enumerate(scripts):
            likeness = rows @ rows[id_]
            likeness[(scripts != script) | (script == "other")] = -1
            likeness[id_] = -1
            nearest = np.argsort(-likeness)[:MOST]
            self.of.append([int(other) for other in nearest if likeness[other] >= LEAST_COSINE])

    def replace(self, ids: Sequence[int], share: float) -> list[int]:
        """The ids with about `share` of those that have neighbours replaced by one of them."""
        return [
            self.random.choice(self.of[id_]) if self.of[id_] and self.random.random() < share else id_ for id_ in ids
        ]


def script_of(text: str) -> str:
    """ "latin" or "han" for whole words and characters; "other" for signs, digits, and parts of characters."""
    letters = text.strip()
    if len(letters) < 2 and not letters.isalpha():
        return "other"
    kinds = {"han" if unicodedata.name(letter, "").startswith("CJK") else "latin" for letter in letters if letter.isalpha()}
    is_word = letters.replace("-", "").isalpha()
    return kinds.pop() if is_word and len(kinds) == 1 else "other"
