"""A made-up corpus whose best mix is known: cells are Markov chains over words of their own and of others."""

from collections.abc import Sequence

import numpy as np

from pipeline.experiments.corpus import Cell, Corpus, Sample, Target
from pipeline.experiments.ngram_model import Stream

WORDS = 1200
RANGES = ((0, 600), (300, 900), (600, 1200), (150, 1050))
"""Which words each chain has: every chain shares half of its words with another."""
NAMES = ("a", "b", "c", "d")
BEST = (0.1, 0.5, 0.3, 0.1)


def encode(texts: Sequence[str]) -> Stream:
    """Return words as their numbers."""
    documents = [np.array(text.split(), np.int64) for text in texts]
    return Stream(np.concatenate([np.zeros(0, np.int64), *documents]), np.cumsum([0, *map(len, documents)]))


def chain_texts(chain: int, documents: int, length: int, seed: int) -> tuple[str, ...]:
    """Return documents of a chain: each word has six followers; one word in seven is any word of the chain."""
    low, high = RANGES[chain]
    followers = np.random.default_rng(100 + chain).integers(low, high, (WORDS, 6))
    rng = np.random.default_rng((seed, chain))
    word, columns = rng.integers(low, high, documents), []
    for _ in range(length):
        following = followers[word, np.minimum(rng.geometric(0.4, documents) - 1, 5)]
        word = np.where(rng.random(documents) < 1 / 7, rng.integers(low, high, documents), following)
        columns.append(word)
    return tuple(" ".join(map(str, row)) for row in np.stack(columns, axis=1).tolist())


def corpus_of(
    cells: Sequence[Sequence[str]], targets: Sequence[Target], millions: Sequence[float], max_epochs: float = 400
) -> Corpus:
    """Return cells of some texts that stand for so many million tokens each."""
    sizes = [int(size * 1_000_000) for size in millions]
    ids = {name: tuple(f"{name}{n}" for n in range(len(own))) for name, own in zip(NAMES, cells, strict=False)}
    samples = {
        name: Sample(ids[name], tuple(own), tuple(len(text.split()) for text in own))
        for name, own in zip(NAMES, cells, strict=False)
    }
    made = tuple(
        Cell(name, size, 4 * size, len(samples[name].texts), f"digest of {name}")
        for name, size in zip(samples, sizes, strict=True)
    )
    return Corpus(made, samples, tuple(targets), sum(sizes), max_epochs, "words")


def planted(millions: Sequence[float], documents: int = 400, seed: int = 0) -> Corpus:
    """Return four chains, and a target that is made of their texts in the shares of `BEST`."""
    cells = [chain_texts(chain, documents, 120, seed) for chain in range(len(RANGES))]
    texts = [text for chain, share in enumerate(BEST) for text in chain_texts(chain, round(200 * share), 80, seed + 1)]
    return corpus_of(cells, [Target("planted", 1.0, tuple(texts))], millions)


def dealt(millions: Sequence[float], documents: int = 200, seed: int = 0) -> Corpus:
    """Return four cells that are one and the same chain: no mix is better than another."""
    cells = [chain_texts(0, documents, 120, seed + 10 * number) for number in range(4)]
    return corpus_of(cells, [Target("noise", 1.0, chain_texts(0, 100, 80, seed + 1))], millions)
