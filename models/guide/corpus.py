"""Conversations to train on, drawn without end from data/*.json, beyond.json and arithmetic, by a seed.

Held-out phrasings and data/unrelated.txt are never drawn. `python3 corpus.py [COUNT]` prints some.
"""

import json
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from intents import HERE, LANGUAGES, Side, expand, normalise, read_intents
from wordings import Wordings

# What is drawn how often: sums where the answer is learnt, too, since recognising one is easy and working it out is not.
KINDS = {"intent": 0.62, "beyond": 0.12, "arithmetic": 0.24, "gibberish": 0.02}
QUESTION_KINDS = {"intent": 0.80, "beyond": 0.17, "arithmetic": 0.01, "gibberish": 0.02}
EXCHANGES = {1: 0.66, 2: 0.24, 3: 0.10}
# Of those that end where the last answer begins.
QUESTIONS = {1: 0.94, 2: 0.06}
# The first answer is the one to learn; the others show that it may be said otherwise.
ANSWER_WEIGHTS = (0.7, 0.15, 0.15)

# The first is the page's default. Without a system prompt the page sends an empty system message.
SYSTEMS: dict[str, float] = {
    "You are a helpful assistant.": 0.62,
    "": 0.16,
    "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.": 0.08,
    "You are a helpful AI assistant.": 0.03,
    "You are the guide of this page.": 0.03,
    "Answer briefly.": 0.03,
    "你是一个乐于助人的助手。": 0.03,
    "请简短回答。": 0.02,
}

# "Why?" has an answer of its own where nothing went before, and others after what it follows.
ONLY_FIRST = {"talk-bare-follow-up"}

OPENINGS = {
    "en": ["Hi, ", "Hello, ", "Hey, ", "Please tell me: ", "Quick question: ", "So ", "And ", "But ", "Sorry, ", "OK, ", "One more thing: ", "I wonder, ", "Excuse me, ", "Can you tell me: ", "I want to know: ", "Just curious: ", "Honestly, ", "I am new to this. ", "My friend asks: ", "Maybe a silly question: ", "Could you explain: ", "Tell me, "],
    "zh": ["请问", "请问一下，", "你好，", "我想知道", "想问一下，", "那", "对了，", "请告诉我，", "我是新手，", "简单说说，", "能不能告诉我，", "我有个问题：", "麻烦问下，", "顺便问一句，", "我朋友问，"],
}

LARGEST_TERM = 20
LARGEST_FACTOR = 10


@dataclass(frozen=True)
class Message:
    role: str
    content: str
    # Whether the model learns to write it; only answers are.
    is_target: bool = False
    # What the message answers: an intent's id and language, or a kind that is none. Of answers to learn only.
    topic: str | None = None


T = TypeVar("T")
Conversation = tuple[Message, ...]


@dataclass(frozen=True)
class Exchange:
    question: str
    answer: str
    before: tuple[str, str] | None = None
    # Of the intent, where it is of one.
    id: str | None = None
    # See Message.
    topic: str | None = None

    def messages(self) -> list[Message]:
        earlier = []
        if self.before is not None:
            earlier = [Message("user", self.before[0]), Message("assistant", self.before[1])]
        return [*earlier, Message("user", self.question), Message("assistant", self.answer, is_target=True, topic=self.topic)]


class Corpus:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.wordings = Wordings(self.random)
        self.sides = own_phrasings(read_intents())
        self.beyond = json.loads((HERE / "beyond.json").read_text(encoding="utf-8"))
        unrelated = (HERE / "data" / "unrelated.txt").read_text(encoding="utf-8").splitlines()
        self.kept_out = {normalise(text) for text in unrelated}
        self.kept_out |= {normalise(text) for side in self.sides for text in side.held_out}
        self.asked = {normalise(text) for side in self.sides if not side.before for text in side.ask}
        self.not_understood = next(side for side in self.sides if (side.id, side.language) == ("talk-gibberish", "en"))

    def conversations(self, exchanges_of: dict[int, float] = EXCHANGES, kinds: dict[str, float] = KINDS) -> Iterator[Conversation]:
        """With how many exchanges and of what kinds, each with how often."""
        while True:
            system, wanted = self.pick(SYSTEMS), self.pick(exchanges_of)
            exchanges = [self.exchange(kinds)]
            while len(exchanges) < wanted:
                exchange = self.exchange(kinds)
                if exchange.id not in ONLY_FIRST:
                    exchanges.append(exchange)
            messages = [message for exchange in exchanges for message in exchange.messages()]
            yield (Message("system", system), *messages)

    def topics(self) -> list[str]:
        """What an answer may be about: an intent in one language, or a kind of question that is none."""
        kinds = [f"{kind}.{language}" for kind in ("beyond", "arithmetic") for language in LANGUAGES]
        return [*(f"{side.id}.{side.language}" for side in self.sides), *kinds]

    def held_out(self) -> Iterator[Conversation]:
        """Every held-out phrasing with its first answer, as the page would ask it."""
        system = Message("system", next(iter(SYSTEMS)))
        for side in self.sides:
            for question in side.held_out:
                before = side.before[0] if side.before else None
                topic = f"{side.id}.{side.language}"
                yield (system, *Exchange(question, side.answers[0], before, topic=topic).messages())

    def vocabulary_texts(self) -> Iterator[str]:
        """Texts from whose words the tokens are chosen."""
        for side in self.sides:
            yield from side.ask
            yield from (text for turn in side.before for text in turn)
            for answer in side.answers:
                yield from [answer] * 4
        for language in LANGUAGES:
            yield from (word for words in self.beyond["words"][language].values() for word in words)
            yield from self.beyond["answers"][language] * 100
            for template in self.beyond["ask"][language]:
                yield from expand(template)
        yield from (self.arithmetic(language).question for language in LANGUAGES for _ in range(500))
        for system in SYSTEMS:
            yield from ["system", "user", "assistant", "\n", system] * 100

    def exchange(self, kinds: dict[str, float]) -> Exchange:
        while True:
            exchange = self.any_exchange(kinds)
            if normalise(exchange.question) not in self.kept_out:
                return exchange

    def any_exchange(self, kinds: dict[str, float]) -> Exchange:
        language = self.random.choice(LANGUAGES)
        match self.pick(kinds):
            case "intent":
                side = self.random.choice(self.sides)
                return Exchange(
                    self.disturb(self.phrasing(side), side.language),
                    self.answer(side.answers),
                    self.random.choice(side.before) if side.before else None,
                    side.id,
                    f"{side.id}.{side.language}",
                )
            case "beyond":
                question = self.unrelated(language)
                while normalise(question) in self.asked:
                    question = self.unrelated(language)
                question = self.disturb(question, language)
                return Exchange(question, self.answer(self.beyond["answers"][language]), topic=f"beyond.{language}")
            case "arithmetic":
                return self.arithmetic(language)
            case _:
                return Exchange(self.gibberish(), self.answer(self.not_understood.answers), topic="talk-gibberish.en")

    def phrasing(self, side: Side) -> str:
        """One of the intent's, in other words; at times two in a row, as people ask who say it again."""
        forms = self.random.choices(side.forms, k=2 if self.random.random() < 0.06 else 1)
        texts = (self.wordings.reword(self.random.choice(form), side.language) for form in forms)
        return (" " if side.language == "en" else "").join(texts)

    def unrelated(self, language: str) -> str:
        words = {**self.beyond["words"][language], "big": [str(self.random.randint(101, 99_999))]}
        template = self.random.choice(expand(self.random.choice(self.beyond["ask"][language])))
        return re.sub(r"<(\w+)>", lambda match: self.random.choice(words[match[1]]), template)

    def arithmetic(self, language: str) -> Exchange:
        """Small sums are answered; with larger numbers they are beyond the guide."""
        is_small = self.random.random() < 0.85
        sign = self.random.choice("+-×÷")
        if sign in "+-":
            least, most = (0, LARGEST_TERM) if is_small else (LARGEST_TERM + 1, 999)
        else:
            least, most = (1, LARGEST_FACTOR) if is_small else (LARGEST_FACTOR + 1, 99)
        a, b = self.random.randint(least, most), self.random.randint(least, most)
        if sign == "-":
            a, b = max(a, b), min(a, b)
        if sign == "÷":
            a = a * b
        result = {"+": a + b, "-": a - b, "×": a * b, "÷": a // max(b, 1)}[sign]
        names = {
            "en": {"+": ["+", " + ", " plus "], "-": ["-", " - ", " minus "], "×": ["*", " x ", " times ", " × "], "÷": ["/", " / ", " divided by ", " ÷ "]},
            "zh": {"+": ["+", " + ", "加", "加上"], "-": ["-", " - ", "减", "减去"], "×": ["*", "×", "乘", "乘以"], "÷": ["/", "÷", "除以"]},
        }
        formula = f"{a}{self.random.choice(names[language][sign])}{b}"
        forms = {
            "en": ["What is {}?", "what's {}", "{}", "{}=", "{} = ?", "How much is {}?", "Calculate {}.", "Can you work out {}?", "{} is what?", "compute {}", "What does {} make?"],
            "zh": ["{}等于多少？", "{}等于几", "{}=", "{}=？", "{}是多少？", "算一下{}", "请计算{}。", "{}得多少"],
        }
        question = self.random.choice(forms[language]).format(formula)
        stop = {"en": ".", "zh": "。"}[language]
        answer = f"{a} {sign} {b} = {result}{stop}"
        if is_small:
            return Exchange(question, answer, topic=f"arithmetic.{language}")
        return Exchange(question, self.answer(self.beyond["answers"][language]), topic=f"beyond.{language}")

    def gibberish(self) -> str:
        letters = "abcdefghijklmnopqrstuvwxyz"
        words = ("".join(self.random.choices(letters, k=self.random.randint(2, 9))) for _ in range(self.random.randint(1, 4)))
        return " ".join(words)

    def disturb(self, text: str, language: str) -> str:
        """The question as people type it: in a hurry, politely, without a shift key."""
        chance = self.random.random
        if language == "zh":
            if chance() < 0.35:
                text = text.rstrip("？?。")
            elif chance() < 0.15:
                text = text.replace("？", "?")
            if chance() < 0.12 and len(text) > 4:
                text = self.random.choice(OPENINGS["zh"]) + text
            if chance() < 0.04 and len(text) > 4:
                text = text + self.random.choice(["谢谢", "呢", "啊", "，谢谢。"])
            if chance() < 0.06 and len(text) > 6:
                at = self.random.randrange(len(text))
                text = text[:at] + text[at + 1 :]
            return text
        is_sentence = text.count(" ") >= 2
        if is_sentence and chance() < 0.12:
            opening = self.random.choice(OPENINGS["en"])
            text = opening + (text if text[:2] in ("I ", "I'") else text[:1].lower() + text[1:])
        if is_sentence and chance() < 0.05:
            text = text.rstrip("?.") + self.random.choice([" please", ", please?", " thanks", ", thank you"])
        if text.count(" ") >= 4 and chance() < 0.12:
            text = self.without_a_small_word(text)
        if chance() < 0.10:
            text = self.misspell(text)
        if chance() < 0.3:
            text = text.rstrip("?.")
        if chance() < 0.3:
            text = text.lower()
        elif chance() < 0.015:
            text = text.upper()
        if chance() < 0.1:
            text = text.replace("'", "").replace("’", "")
        return text

    def without_a_small_word(self, text: str) -> str:
        words = text.split(" ")
        small = [i for i, word in enumerate(words) if word.lower() in {"the", "a", "an", "is", "are", "do", "does", "of", "to", "really", "my"}]
        if small:
            del words[self.random.choice(small)]
        return " ".join(words)

    def misspell(self, text: str) -> str:
        """One slip in one longer word: letters swapped, one lost, or one doubled."""
        words = text.split(" ")
        long = [i for i, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
        if not long:
            return text
        i = self.random.choice(long)
        word, at = words[i], self.random.randrange(1, len(words[i]) - 1)
        slips = (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        )
        words[i] = self.random.choice(slips)
        return " ".join(words)

    def answer(self, answers: tuple[str, ...] | list[str]) -> str:
        weights = [ANSWER_WEIGHTS[min(i, len(ANSWER_WEIGHTS) - 1)] for i in range(len(answers))]
        return self.random.choices(answers, weights)[0]

    def pick(self, weights: dict[T, float]) -> T:
        return self.random.choices(list(weights), list(weights.values()))[0]


def own_phrasings(sides: list[Side]) -> list[Side]:
    """Each phrasing left to the first that asks it, so that no question has two answers; follow-ups keep theirs."""
    taken: set[str] = set()
    kept = []
    for side in sides:
        forms = side.forms
        if not side.before:
            own = (tuple(text for text in form if normalise(text) not in taken) for form in forms)
            forms = tuple(form for form in own if form)
            taken |= {normalise(text) for form in forms for text in form}
        if forms:
            kept.append(replace(side, forms=forms))
    return kept


def render(conversation: Conversation) -> list[tuple[str, Message | None]]:
    """As the chat template in the exported file writes it, in parts; with the message where a part is its content."""
    parts: list[tuple[str, Message | None]] = []
    for message in conversation:
        parts.append((f"<|im_start|>{message.role}\n", None))
        parts.append((f"{message.content}<|im_end|>", message))
        parts.append(("\n", None))
    return parts


def main(count: str = "20") -> None:
    conversations = Corpus(seed=1).conversations()
    for _ in range(int(count)):
        print("".join(text for text, _ in render(next(conversations))))


if __name__ == "__main__":
    main(*sys.argv[1:2])
