"""Checks every file of questions and answers: `python3 models/guide/check-data.py [FILE.json …]`.

Faults are printed one a line and end with exit code 1; notes (phrasings that two intents share) do not. With FILEs,
only their faults are printed, but all files are still read, since ids and phrasings must differ across them.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

from intents import DATA, LANGUAGES, expand, matches, normalise

LEAST = {"ask": 10, "heldOut": 2, "answer": 3}
MOST_WORDS = 55
MOST_CHINESE_LETTERS = 90
KEYS = {"id", "en", "zh", "must", "never", "before", "alsoRight"}
# What Python's and JavaScript's regular expressions do not read alike.
ONLY_PYTHON = re.compile(r"\(\?[a-zP#(]|\\A|\\Z|[*+?}]\+")
MARKDOWN = re.compile(r"\*\*|__|`|^#|^[-*] |\]\(", re.MULTILINE)
HAN = re.compile(r"[\u4e00-\u9fff]")


class Checker:
    def __init__(self) -> None:
        self.faults: list[tuple[str, str]] = []
        self.notes: list[tuple[str, str]] = []
        self.ids: dict[str, str] = {}
        # Normalised phrasing → where it was first asked, for training and held out.
        self.asked: dict[str, tuple[str, str]] = {}
        self.held_out: list[tuple[str, str, str]] = []
        self.counts: dict[str, Counter[str]] = {}
        # Intent → where it is, and the intents whose answers are right there too.
        self.twins: dict[str, tuple[str, list[str]]] = {}

    def fault(self, file: str, where: str, message: str) -> None:
        self.faults.append((file, f"{file}: {where}: {message}"))

    def file(self, path: Path) -> None:
        name = path.name
        self.counts[name] = Counter()
        try:
            intents = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, UnicodeDecodeError) as error:
            self.fault(name, "file", f"is not JSON in UTF-8: {error}")
            return
        if not isinstance(intents, list):
            self.fault(name, "file", "is not an array")
            return
        for number, intent in enumerate(intents):
            try:
                self.intent(name, number, intent)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                self.fault(name, f"row {number}", f"has not the form of an intent: {error!r}")

    def intent(self, file: str, number: int, intent: dict) -> None:
        id_ = intent["id"]
        self.counts[file]["intents"] += 1
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id_):
            self.fault(file, f"row {number}", f"id {id_!r} is not kebab-case")
        if id_ in self.ids:
            self.fault(file, id_, f"is also an id in {self.ids[id_]}")
        self.ids[id_] = file
        for key in intent.keys() - KEYS:
            self.fault(file, id_, f"has an unknown key {key!r}")
        self.twins[id_] = (file, intent.get("alsoRight", []))
        for language in LANGUAGES:
            self.side(file, id_, language, intent)

    def side(self, file: str, id_: str, language: str, intent: dict) -> None:
        where = f"{id_}.{language}"
        side = intent[language]
        before = intent.get("before", {}).get(language, [])
        patterns = {key: intent.get(key, {}).get(language, []) for key in ("must", "never")}
        for key in side.keys() - LEAST.keys():
            self.fault(file, where, f"has an unknown key {key!r}")
        for key, least in LEAST.items():
            texts = side[key]
            if not isinstance(texts, list) or not all(isinstance(t, str) and t.strip() for t in texts):
                raise ValueError(f"{where}.{key} is not a list of texts")
            count = len({text for phrasing in texts for text in expand(phrasing)})
            if count < least:
                self.fault(file, where, f"has {count} of at least {least} {key}")
        if before and not all(isinstance(turn, list) and len(turn) == 2 for turn in before):
            self.fault(file, where, 'has a "before" that is not a list of [user, assistant]')
        if "before" in intent and not before:
            self.fault(file, where, 'has no "before", the other language has')
        if not patterns["must"]:
            self.fault(file, where, 'has no "must"')
        for key, regexes in patterns.items():
            for regex in regexes:
                self.regex(file, where, key, regex)
        for answer in side["answer"]:
            self.answer(file, where, language, answer, patterns)
        self.phrasings(file, where, side, bool(before))

    def regex(self, file: str, where: str, key: str, regex: str) -> None:
        try:
            re.compile(regex)
        except re.error as error:
            self.fault(file, where, f"{key}: {regex!r} is no regular expression: {error}")
            raise ValueError("a broken regular expression") from error
        if ONLY_PYTHON.search(regex.replace("(?:", "(").replace("(?=", "(").replace("(?!", "(")):
            self.fault(file, where, f"{key}: {regex!r} is not read alike by JavaScript")

    def answer(self, file: str, where: str, language: str, answer: str, patterns: dict) -> None:
        start = f"{answer[:40]!r}…"
        for regex in patterns["must"]:
            if not matches(regex, answer):
                self.fault(file, where, f"{start} does not match must {regex!r}")
        for regex in patterns["never"]:
            if matches(regex, answer):
                self.fault(file, where, f"{start} matches never {regex!r}")
        if language == "en" and len(answer.split()) > MOST_WORDS:
            self.fault(file, where, f"{start} has {len(answer.split())} words, at most {MOST_WORDS}")
        if language == "zh" and len(answer) > MOST_CHINESE_LETTERS:
            self.fault(file, where, f"{start} has {len(answer)} letters, at most {MOST_CHINESE_LETTERS}")
        if language == "zh" and not HAN.search(answer):
            self.fault(file, where, f"{start} is not Chinese")
        if language == "en" and HAN.search(answer):
            self.fault(file, where, f"{start} is not English")
        if "!" in answer or "！" in answer:
            self.fault(file, where, f"{start} has an exclamation mark")
        if MARKDOWN.search(answer):
            self.fault(file, where, f"{start} has markdown")
        if "|" in answer or "{" in answer or answer != answer.strip():
            self.fault(file, where, f"{start} has alternatives or spaces around it")

    def phrasings(self, file: str, where: str, side: dict, is_follow_up: bool) -> None:
        for phrasing in side["ask"]:
            if re.search(r"\{[^{}]*\{", phrasing) or phrasing.count("{") != phrasing.count("}"):
                self.fault(file, where, f"{phrasing!r} has alternatives that nest or do not close")
            for text in expand(phrasing):
                self.counts[file]["phrasings"] += 1
                key = normalise(text) or text
                if not key:
                    self.fault(file, where, f"{phrasing!r} can be empty")
                _, other = self.asked.setdefault(key, (file, where))
                # A follow-up is told from others by what went before.
                # A term alone may be asked in both languages; it is answered in English.
                if other != where and other.rpartition(".")[0] != where.rpartition(".")[0] and not is_follow_up:
                    self.notes.append((file, f"{file}: {where}: {text!r} is also asked in {other}"))
        for phrasing in side["heldOut"]:
            self.counts[file]["held out"] += 1
            self.held_out += [(file, where, text) for text in {normalise(text): text for text in expand(phrasing)}.values()]

    def across(self) -> None:
        for id_, (file, twins) in self.twins.items():
            for twin in twins:
                if twin not in self.ids or twin == id_ or twins.count(twin) > 1:
                    self.fault(file, id_, f"alsoRight {twin!r} is not another intent, named once")
        seen: dict[str, str] = {}
        for file, where, text in self.held_out:
            key = normalise(text) or text
            if key in self.asked:
                self.fault(file, where, f"held-out {text!r} is a training phrasing of {self.asked[key][1]}")
            if key in seen:
                self.fault(file, where, f"held-out {text!r} is also held out in {seen[key]}")
            seen.setdefault(key, where)


def main() -> int:
    checker = Checker()
    for path in sorted(DATA.glob("*.json")):
        checker.file(path)
    checker.across()
    unrelated = DATA / "unrelated.txt"
    if unrelated.exists():
        for line in unrelated.read_text(encoding="utf-8").splitlines():
            if normalise(line) in checker.asked:
                checker.fault(unrelated.name, repr(line), "is a training phrasing")

    asked_for = {Path(name).name for name in sys.argv[1:]}
    for kind, rows in (("note", checker.notes), ("fault", checker.faults)):
        for file, row in rows:
            if not asked_for or file in asked_for:
                print(f"{kind}: {row}")
    total: Counter[str] = Counter()
    for name, count in checker.counts.items():
        total += count
        print(f"{name}: {', '.join(f'{n} {what}' for what, n in count.items())}")
    faults = [row for file, row in checker.faults if not asked_for or file in asked_for]
    print(f"in all: {', '.join(f'{n} {what}' for what, n in total.items()) or 'no data'}; {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
