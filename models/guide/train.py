"""Trains the guide: `python3 train.py [--minutes N | --steps N] [--seed N] [--out FILE] [--smoke]`.

A Qwen2 decoder, small. Runs on a GPU where there is one, else on the cores of the machine. The same seed, number of
steps, machine and thread count give the same weights. make.py calls it with an environment that is kinder to CPUs.
"""

import argparse
import itertools
import math
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from corpus import EXCHANGES, KINDS, QUESTION_KINDS, QUESTIONS, Conversation, Corpus, render
from earlier import weights_of
from muon import Muon
from neighbours import Neighbours
from shape import Shape
from tokenizer import EMBEDDINGS, Tokenizer, committed_embeddings

HERE = Path(__file__).resolve().parent
IGNORED = -100
EMBEDDING_SPREAD = 0.5
# First tokens of an answer at which its topic is to be named.
TOPIC_TOKENS = 8
# Rows that end where the answer begins, for each that goes on to its end: recognising a question is harder to learn
# than writing its answer, and such rows are short.
QUESTIONS_PER_CONVERSATION = 6
# Share of those rows that begin with the question: what stands before it is half of a short row, and changes nothing.
WITHOUT_SYSTEM = 0.75
# Share of the training for which the topic head learns by itself where the decoder goes on from an earlier release: the
# file does not hold it, and a head that knows nothing would first undo what the decoder knows.
HEAD_ALONE = 0.04
SAY_EVERY_S = 120
SAVE_EVERY_S = 120


@dataclass(frozen=True)
class Recipe:
    steps: int | None
    minutes: float | None
    seed: int = 1
    # Conversations a step.
    rows: int = 16
    # Of Muon, for the matrices of the layers. Jordan et al. 2024, kellerjordan.github.io/posts/muon
    matrix_rate: float = 0.015
    # Of AdamW, for norms, biases and the embedding.
    peak_rate: float = 2e-3
    warm_up: float = 0.03
    weight_decay: float = 0.05
    label_smoothing: float = 0.02
    # Share of the peak rate for the embedding: words that training seldom shows should stay near those like them.
    embedding_rate: float = 1.0
    # Weight of naming the topic of an answer at its beginning, beside writing it. Only in training: a question's words are
    # brought together at the answer's start much sooner than by the first words of the answer, which many answers share.
    topic_share: float = 1.0
    # Spread of the noise on embedded words, as a share of their own: like words should do alike.
    # Jain et al. 2023, arxiv.org/abs/2310.05914
    embedding_noise: float = 0.2
    # Share of the words in questions that are replaced by others of like meaning.
    replaced_words: float = 0.06


@dataclass(frozen=True)
class Places:
    """For as many tokens as a batch has: how far to rotate each, and which may see which (0 or −∞)."""

    cosines: Tensor
    sines: Tensor
    mask: Tensor


class Attention(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        queries, keys = (heads * shape.head_size for heads in (shape.query_heads, shape.key_value_heads))
        self.q = nn.Linear(shape.width, queries)
        self.k = nn.Linear(shape.width, keys)
        self.v = nn.Linear(shape.width, keys)
        self.output = nn.Linear(queries, shape.width, bias=False)

    def forward(self, x: Tensor, places: Places) -> Tensor:
        rows, tokens, _ = x.shape
        shape = self.shape
        q, k, v = (
            part(x).view(rows, tokens, -1, shape.head_size).transpose(1, 2) for part in (self.q, self.k, self.v)
        )
        # Plain products: for rows as short as these, several times faster on a CPU than the fused attention's backward.
        grouped = (rows, shape.key_value_heads, -1, shape.head_size)
        q = (rotate(q, places) * shape.head_size**-0.5).reshape(grouped)
        scores = q @ rotate(k, places).transpose(-1, -2)
        scores = scores.view(rows, shape.query_heads, tokens, tokens) + places.mask
        mixed = scores.softmax(dim=-1).to(v.dtype).view(rows, shape.key_value_heads, -1, tokens) @ v
        mixed = mixed.view(rows, shape.query_heads, tokens, shape.head_size)
        return self.output(mixed.transpose(1, 2).reshape(rows, tokens, -1))


class FeedForward(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.up = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.down = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.silu(self.gate(x)) * self.up(x))


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(shape.width, shape.rms_epsilon)
        self.attention = Attention(shape)
        self.feed_forward_norm = nn.RMSNorm(shape.width, shape.rms_epsilon)
        self.feed_forward = FeedForward(shape)

    def forward(self, x: Tensor, places: Places) -> Tensor:
        x = x + self.attention(self.attention_norm(x), places)
        return x + self.feed_forward(self.feed_forward_norm(x))


class Decoder(nn.Module):
    """Embedding and head are one matrix."""

    def __init__(self, shape: Shape, embedding_noise: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.embedding_noise = embedding_noise
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, shape.rms_epsilon)
        angles = shape.rope_base ** (-torch.arange(0, shape.head_size, 2) / shape.head_size)
        angles = torch.outer(torch.arange(shape.context_tokens), angles)
        self.register_buffer("cosines", torch.cat([angles.cos()] * 2, dim=-1), persistent=False)
        self.register_buffer("sines", torch.cat([angles.sin()] * 2, dim=-1), persistent=False)
        self.initialise()

    def initialise(self) -> None:
        for name, weights in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(weights)
            elif weights.dim() == 2:
                is_last = name.endswith(("output.weight", "down.weight"))
                spread = 1 / math.sqrt(weights.shape[1]) / (math.sqrt(2 * self.shape.layers) if is_last else 1)
                nn.init.normal_(weights, std=spread)
        nn.init.normal_(self.embedding.weight, std=EMBEDDING_SPREAD)
        # Logits of a spread near 1 at first: the embedding is the head, too.
        nn.init.constant_(self.norm.weight, 1 / (EMBEDDING_SPREAD * math.sqrt(self.shape.width)))

    def hidden(self, ids: Tensor) -> Tensor:
        tokens = ids.shape[1]
        mask = torch.full((tokens, tokens), -torch.inf, device=ids.device).triu(1)
        places = Places(self.cosines[:tokens], self.sines[:tokens], mask)
        x = self.embedding(ids)
        if self.training and self.embedding_noise > 0:
            spread = x.detach().square().mean(dim=-1, keepdim=True).sqrt()
            x = x + torch.randn_like(x) * spread * self.embedding_noise
        for layer in self.layers:
            x = layer(x, places)
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.embedding.weight)

    def forward(self, ids: Tensor) -> Tensor:
        return self.logits(self.hidden(ids))


def rotate(x: Tensor, places: Places) -> Tensor:
    """Rotary position: the first half of a head is turned against the second, as Qwen2 does."""
    first, second = x.chunk(2, dim=-1)
    return (x * places.cosines + torch.cat([-second, first], dim=-1) * places.sines).to(x.dtype)


@dataclass(frozen=True)
class Batch:
    ids: Tensor
    # The id that follows each, IGNORED where the model need not write it.
    targets: Tensor
    # What the answer that begins or goes on here is about, by its number; IGNORED outside the beginnings of answers.
    topics: Tensor

    def to(self, device: str) -> "Batch":
        return Batch(self.ids.to(device), self.targets.to(device), self.topics.to(device))


@dataclass(frozen=True)
class Row:
    ids: list[int]
    targets: list[int]
    topics: list[int]

    def without_answer(self) -> "Row":
        """Up to where the last answer begins: short, so that many questions are seen in little time."""
        end = max(i for i in range(len(self.ids)) if self.topics[i] != IGNORED and (i == 0 or self.topics[i - 1] == IGNORED)) + 1
        return Row(self.ids[:end], self.targets[:end], self.topics[:end])


class Encoder:
    """Conversations → rows of ids. With neighbours, some words of questions are replaced by others of like meaning."""

    def __init__(self, tokenizer: Tokenizer, topics: list[str], neighbours: Neighbours | None = None, replaced: float = 0.0) -> None:
        self.tokenizer = tokenizer
        self.topics = {topic: number for number, topic in enumerate(topics)}
        self.neighbours = neighbours
        self.replaced = replaced

    def row(self, conversation: Conversation) -> Row:
        """All ids but the last, and what follows each of them."""
        ids: list[int] = []
        targets: list[int] = []
        topics: list[int] = []
        for text, message in render(conversation):
            part = self.tokenizer.encode(text)
            if self.neighbours is not None and message is not None and message.role == "user":
                part = self.neighbours.replace(part, self.replaced)
            is_target = message is not None and message.is_target
            topic = self.topics[message.topic] if is_target and message.topic is not None else IGNORED
            ids += part
            targets += part if is_target else [IGNORED] * len(part)
            topics += [topic] * min(TOPIC_TOKENS, len(part)) + [IGNORED] * max(0, len(part) - TOPIC_TOKENS)
        return Row(ids[:-1], targets[1:], topics[1:])


def collate(rows: list[Row]) -> Batch:
    """Rows filled up at their end, where causal attention does not look."""
    longest = max(len(row.ids) for row in rows)
    filled = [np.full((len(rows), longest), filler, dtype=np.int64) for filler in (0, IGNORED, IGNORED)]
    for i, row in enumerate(rows):
        for array, values in zip(filled, (row.ids, row.targets, row.topics)):
            array[i, : len(values)] = values
    return Batch(*map(torch.from_numpy, filled))


def batches(corpus: Corpus, encoder: Encoder, rows: int, seed: int) -> Iterator[Batch]:
    """Batches of rows of like length, so that little is filled up, in random order."""
    shuffle = random.Random(seed)
    conversations, questions = corpus.conversations(EXCHANGES, KINDS), corpus.conversations(QUESTIONS, QUESTION_KINDS)
    pool_batches = 8
    while True:
        pool = [encoder.row(each) for each in itertools.islice(conversations, rows * pool_batches)]
        asked = itertools.islice(questions, QUESTIONS_PER_CONVERSATION * rows * pool_batches)
        for each in asked:
            shown = each[1:] if shuffle.random() < WITHOUT_SYSTEM else each
            pool.append(encoder.row(shown).without_answer())
        pool.sort(key=lambda row: len(row.ids))
        # The same number of ids a step, not of rows: long rows come in smaller batches.
        share = 90 * rows
        chunks: list[list[Row]] = [[]]
        for row in pool:
            if chunks[-1] and (len(chunks[-1]) + 1) * len(row.ids) > share * 1.15:
                chunks.append([])
            chunks[-1].append(row)
        shuffle.shuffle(chunks)
        yield from map(collate, chunks)


def losses_of(
    model: Decoder, batch: Batch, label_smoothing: float, topic_head: nn.Linear | None, is_head_alone: bool = False
) -> tuple[Tensor, Tensor]:
    """Mean over the ids to be written, for which alone the head is computed; and of naming the topic, where asked."""
    hidden = model.hidden(batch.ids)
    is_wanted = batch.targets != IGNORED
    logits = model.logits(hidden[is_wanted])
    writing = F.cross_entropy(logits.float(), batch.targets[is_wanted], label_smoothing=label_smoothing)
    if topic_head is None:
        return writing, torch.zeros(())
    has_topic = batch.topics != IGNORED
    named = hidden[has_topic].detach() if is_head_alone else hidden[has_topic]
    naming = F.cross_entropy(topic_head(named).float(), batch.topics[has_topic], label_smoothing=label_smoothing)
    return writing, naming


@torch.inference_mode()
def held_out_figures(model: Decoder, topic_head: nn.Linear, rows: list[Batch], precision: torch.autocast) -> tuple[float, float]:
    """Of the held-out phrasings: nats a token of their first answers, and the share whose topic is named."""
    model.eval()
    nats, right, asked = 0.0, 0, 0
    with precision:
        for batch in rows:
            nats += losses_of(model, batch, 0, None)[0].item() / len(rows)
            # The first token of the last answer: rows have one answer with a topic.
            first = (batch.topics != IGNORED).float().argmax(dim=1)
            hidden = model.hidden(batch.ids)[torch.arange(len(first)), first]
            right += (topic_head(hidden).argmax(dim=-1) == batch.topics[torch.arange(len(first)), first]).sum().item()
            asked += len(first)
    model.train()
    return nats, right / asked


def train(
    recipe: Recipe, shape: Shape, tokenizer: Tokenizer, device: str, has_embeddings: bool, start: Path | None, out: Path
) -> None:
    """Writes the checkpoint to `out` at the end, and every few minutes on the way there. `start`: the GGUF to go on from."""
    torch.manual_seed(recipe.seed)
    model = Decoder(shape, recipe.embedding_noise)
    if has_embeddings:
        with torch.no_grad():
            model.embedding.weight.copy_(torch.from_numpy(committed_embeddings()) * EMBEDDING_SPREAD)
    if start is not None:
        model.load_state_dict(weights_of(start, list(model.state_dict())))
    model.to(device).train()
    corpus = Corpus(recipe.seed)
    topics = corpus.topics()
    topic_head = nn.Linear(shape.width, len(topics)).to(device)
    is_half = has_bfloat16(device)
    optimisers = optimisers_for(model, topic_head, recipe, has_embeddings, torch.bfloat16 if is_half else torch.float32)
    precision = torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=is_half)
    plain = Encoder(tokenizer, topics)
    held_out = [plain.row(each) for each in corpus.held_out()]
    random.Random(0).shuffle(held_out)
    held_out_batches = [collate(held_out[i : i + 32]).to(device) for i in range(0, min(len(held_out), 256), 32)]
    neighbours = Neighbours(tokenizer, recipe.seed) if EMBEDDINGS.exists() and recipe.replaced_words > 0 else None
    encoder = Encoder(tokenizer, topics, neighbours, recipe.replaced_words)
    weights = sum(w.numel() for w in model.parameters())
    print(f"{weights / 1e6:.2f} M weights, {device}, {torch.get_num_threads()} threads, {len(corpus.sides)} sides of intents", flush=True)

    started = said = saved = time.monotonic()
    ids_seen = 0
    losses: list[Tensor] = []
    for step, batch in enumerate(batches(corpus, encoder, recipe.rows, recipe.seed)):
        elapsed_s = time.monotonic() - started
        done = step / recipe.steps if recipe.steps else elapsed_s / (60 * (recipe.minutes or 1))
        if done >= 1:
            break
        rate = rate_at(done, recipe.warm_up)
        for group in (group for optimiser in optimisers for group in optimiser.param_groups):
            group["lr"] = rate * group["peak"]
        with precision:
            is_head_alone = start is not None and done < HEAD_ALONE
            writing, naming = losses_of(model, batch.to(device), recipe.label_smoothing, topic_head, is_head_alone)
        (writing + recipe.topic_share * naming).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        losses.append(torch.stack([writing.detach(), naming.detach()]))
        ids_seen += batch.ids.numel()
        if time.monotonic() - said >= SAY_EVERY_S or step == 0:
            written, named = torch.stack(losses).mean(dim=0).tolist()
            unseen, right = held_out_figures(model, topic_head, held_out_batches, precision)
            ids_a_second = ids_seen / (time.monotonic() - started)
            print(
                f"step {step + 1} ({100 * done:.0f} %): loss {written:.3f} + {named:.3f}, "
                f"held-out {unseen:.3f}, topic right {100 * right:.1f} %, "
                f"{ids_a_second:,.0f} tokens/s, {elapsed_s:.0f} s",
                flush=True,
            )
            losses, said = [], time.monotonic()
        if time.monotonic() - saved >= SAVE_EVERY_S:
            save(model, recipe, out)
            saved = time.monotonic()
    unseen, _ = held_out_figures(model, topic_head, held_out_batches, precision)
    print(f"{step} steps, {ids_seen:,} tokens, {time.monotonic() - started:.0f} s, held-out loss {unseen:.3f}", flush=True)
    save(model, recipe, out)


def has_bfloat16(device: str) -> bool:
    """Whether the processor multiplies in bfloat16; one that only emulates it is many times slower than in 32 bits."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def optimisers_for(
    model: Decoder, topic_head: nn.Linear, recipe: Recipe, has_embeddings: bool, dtype: torch.dtype
) -> list[torch.optim.Optimizer]:
    """Each group's "peak" is its highest learning rate.

    Muon needs about half as many tokens as AdamW to the same held-out loss here, at 1.2 times the time a step.
    """
    embedding = model.embedding.weight
    matrices = [w for w in model.parameters() if w.dim() == 2 and w is not embedding]
    vectors = [w for w in model.parameters() if w.dim() == 1]
    embedding_rate = recipe.peak_rate * (recipe.embedding_rate if has_embeddings else 1.0)
    muon = Muon(
        [{"params": matrices, "peak": recipe.matrix_rate}],
        weight_decay=recipe.weight_decay,
        momentum=0.95,
        dtype=dtype,
    )
    adamw = torch.optim.AdamW(
        [{"params": [*vectors, *topic_head.parameters()], "peak": recipe.peak_rate}, {"params": [embedding], "peak": embedding_rate}],
        betas=(0.9, 0.98),
        weight_decay=0.0,
        fused=True,
    )
    return [muon, adamw]


def save(model: Decoder, recipe: Recipe, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    weights = {name: w.cpu() for name, w in model.state_dict().items()}
    torch.save({"shape": asdict(model.shape), "recipe": asdict(recipe), "weights": weights}, out)


def rate_at(done: float, warm_up: float) -> float:
    """Share of the peak learning rate: a straight rise, then a half cosine to a fiftieth."""
    if done < warm_up:
        return max(done / warm_up, 0.01)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (done - warm_up) / (1 - warm_up)))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, help="stop after so many minutes (not repeatable to the bit)")
    options.add_argument("--steps", type=int, help="stop after so many steps; 5000 if neither is given")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--rows", type=int, default=Recipe.rows, help="conversations a step")
    options.add_argument("--matrix-rate", type=float, default=Recipe.matrix_rate, help="highest learning rate of Muon")
    options.add_argument("--rate", type=float, default=Recipe.peak_rate, help="highest learning rate of AdamW")
    options.add_argument("--noise", type=float, default=Recipe.embedding_noise)
    options.add_argument("--replaced", type=float, default=Recipe.replaced_words)
    options.add_argument("--embedding-rate", type=float, default=Recipe.embedding_rate)
    options.add_argument("--layers", type=int, default=Shape.layers)
    options.add_argument("--threads", type=int, help="of the CPU; all cores if not given")
    options.add_argument("--start", type=Path, help="an earlier guide.gguf of the same shape to go on from")
    options.add_argument("--random-embeddings", action="store_true", help="leave embeddings.npz aside")
    options.add_argument("--smoke", action="store_true", help="a few steps of a smaller model, to see that all is there")
    options.add_argument("--out", type=Path, default=HERE / "build" / "guide.pt")
    given = options.parse_args()

    if given.threads:
        torch.set_num_threads(given.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = Tokenizer.committed()
    steps = 8 if given.smoke else given.steps if given.steps or given.minutes else 5000
    recipe = Recipe(
        steps=steps,
        minutes=given.minutes,
        seed=given.seed,
        rows=4 if given.smoke else given.rows,
        matrix_rate=given.matrix_rate,
        peak_rate=given.rate,
        embedding_rate=given.embedding_rate,
        embedding_noise=given.noise,
        replaced_words=given.replaced,
    )
    shape = Shape(vocabulary=len(tokenizer.tokens), layers=2 if given.smoke else given.layers)
    has_embeddings = EMBEDDINGS.exists() and not given.random_embeddings
    train(recipe, shape, tokenizer, device, has_embeddings, given.start, given.out)
    print(f"written: {given.out.name}", flush=True)


if __name__ == "__main__":
    main()
