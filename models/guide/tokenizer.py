"""Text to token ids and back: byte-level BPE with a subset of Qwen2.5's merges, kept in merges.txt.

Must give the ids that the page gets from the exported file (src/gguf/tokenizer-json.ts). Ids are: the 256 bytes, the
merges in their order, then the ChatML specials. `python3 tokenizer.py QWEN.gguf` chooses the merges anew, by how often
the guide's own texts use them, and keeps those tokens' embeddings, made narrower, in embeddings.npz.
"""

import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import regex

HERE = Path(__file__).resolve().parent
MERGES = HERE / "merges.txt"
EMBEDDINGS = HERE / "embeddings.npz"

END_OF_TEXT, TURN_START, TURN_END = SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")

# The same as WORDS in src/gguf/tokenizer-json.ts.
WORDS = regex.compile(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = regex.compile("(" + "|".join(map(regex.escape, SPECIALS)) + ")")


def letters_of_bytes() -> list[str]:
    """The letter that stands for each byte: `bytes_to_unicode` of github.com/openai/gpt-2, src/encoder.py."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    free = iter(range(0x100, 0x200))
    return [chr(byte) if byte in printable else chr(next(free)) for byte in range(256)]


LETTERS = letters_of_bytes()
BYTES = {letter: byte for byte, letter in enumerate(LETTERS)}


class Tokenizer:
    def __init__(self, merges: Sequence[tuple[str, str]]) -> None:
        self.merges = tuple(merges)
        self.tokens = [*LETTERS, *(left + right for left, right in merges), *SPECIALS]
        self.ids = {token: id_ for id_, token in enumerate(self.tokens)}
        self.ranks = {merge: rank for rank, merge in enumerate(merges)}
        if len(self.ids) != len(self.tokens):
            raise ValueError("two merges make the same token")
        self.word_ids = lru_cache(maxsize=200_000)(self._word_ids)

    @staticmethod
    def committed() -> "Tokenizer":
        lines = MERGES.read_text(encoding="utf-8").splitlines()
        return Tokenizer([tuple(line.split(" ")) for line in lines])

    def encode(self, text: str) -> list[int]:
        """Specials in the text are read as specials."""
        ids: list[int] = []
        for part in SPECIAL.split(text):
            if part in SPECIALS:
                ids.append(self.ids[part])
                continue
            for word in WORDS.findall(unicodedata.normalize("NFC", part)):
                ids.extend(self.word_ids(word))
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        text = bytearray()
        for id_ in ids:
            token = self.tokens[id_]
            text += token.encode() if token in SPECIALS else bytes(BYTES[letter] for letter in token)
        return text.decode("utf-8", errors="replace")

    def _word_ids(self, word: str) -> tuple[int, ...]:
        parts = [LETTERS[byte] for byte in word.encode()]
        while len(parts) > 1:
            pairs = zip(parts, parts[1:])
            best = min(pairs, key=lambda pair: self.ranks.get(pair, sys.maxsize))
            if best not in self.ranks:
                break
            merged, i = [], 0
            while i < len(parts):
                if i + 1 < len(parts) and (parts[i], parts[i + 1]) == best:
                    merged.append(parts[i] + parts[i + 1])
                    i += 2
                else:
                    merged.append(parts[i])
                    i += 1
            parts = merged
        return tuple(self.ids[part] for part in parts)


def choose_merges(full: Tokenizer, texts: Iterable[str], count: int, least_uses: int) -> list[tuple[str, str]]:
    """Those of the full tokenizer's merges whose tokens the texts use most, with all merges that lead to them."""
    uses: Counter[int] = Counter()
    for text in texts:
        uses.update(full.encode(text))
    merge_of = {left + right: (left, right) for left, right in full.merges}
    chosen: set[tuple[str, str]] = set()
    for id_, times in sorted(uses.items(), key=lambda item: (-item[1], item[0])):
        if times < least_uses:
            break
        needed: set[tuple[str, str]] = set()
        pending = [full.tokens[id_]]
        while pending:
            merge = merge_of.get(pending.pop())
            if merge is not None and merge not in chosen and merge not in needed:
                needed.add(merge)
                pending.extend(merge)
        if len(chosen) + len(needed) <= count:
            chosen |= needed
    return sorted(chosen, key=full.ranks.__getitem__)


def narrow(rows: np.ndarray, width: int) -> np.ndarray:
    """Rows projected on their `width` principal directions, with a mean square of 1."""
    centred = rows - rows.mean(axis=0)
    # A row of great length (a special, a rare byte) would bend the directions.
    centred /= np.linalg.norm(centred, axis=1, keepdims=True) + 1e-6
    _, directions = np.linalg.eigh(centred.T @ centred)
    narrowed = centred @ directions[:, ::-1][:, :width]
    return narrowed / np.sqrt((narrowed**2).mean())


def committed_embeddings() -> np.ndarray:
    """A row for each token, mean square 1, in float32."""
    file = np.load(EMBEDDINGS)
    return file["rows"].astype(np.float32) * file["scales"].astype(np.float32)[:, None]


def main(qwen: str, count: int = 6144 - 256 - len(SPECIALS), width: int = 256) -> None:
    import gguf

    from corpus import Corpus

    reader = gguf.GGUFReader(qwen)
    tokens, merges = (reader.fields[f"tokenizer.ggml.{key}"].contents() for key in ("tokens", "merges"))
    full = Tokenizer([tuple(merge.split(" ")) for merge in merges])
    chosen = choose_merges(full, Corpus(seed=0).vocabulary_texts(), count, least_uses=2)
    MERGES.write_text("".join(f"{left} {right}\n" for left, right in chosen), encoding="utf-8")

    ours = Tokenizer(chosen)
    row_of = {token: row for row, token in enumerate(tokens)}
    matrix = next(tensor for tensor in reader.tensors if tensor.name == "token_embd.weight")
    rows = matrix.data[[row_of[token] for token in ours.tokens]]
    narrowed = narrow(gguf.quants.dequantize(rows, matrix.tensor_type), width)
    scales = np.abs(narrowed).max(axis=1) / 127
    np.savez(
        EMBEDDINGS,
        rows=np.rint(narrowed / scales[:, None]).astype(np.int8),
        scales=scales.astype(np.float16),
    )
    print(f"{len(chosen)} merges, {len(ours.tokens)} tokens, embeddings {narrowed.shape}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
