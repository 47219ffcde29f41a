"""The largest corpus that meets a mixture, drawn by hash: budgets, epochs, and the cut of each category."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.int64]]
DRAW_BITS = 53
SLOT_BITS = 12
SLOTS = 1 << SLOT_BITS
"""A category's documents fall into this many slots by their draw; only one slot is ever looked at whole."""


@dataclass(frozen=True)
class Budget:
    """What the mixture asks of one category.

    Attributes:
        epochs: Times every document stands in the release.
        remainder: Tokens still to be drawn once from documents in order of their draw.
    """

    epochs: int
    remainder: int


def corpus_size(
    available: Mapping[str, int], weights: Mapping[str, float], max_epochs: float, target: int | None = None
) -> tuple[float, str]:
    """Return the tokens of a corpus that meets the weights, and what limits it: a category, or `target_tokens`.

    Without a target, documents are repeated to balance categories and not for more tokens: the category that has most
    for its weight stands in the corpus once.

    Args:
        available: category → tokens; a category without tokens cannot take part.
        weights: category → weight, positive.
        max_epochs: Times a document may be repeated.
        target: Tokens that are asked for; None for as many as there are without needless repeats.

    >>> corpus_size({"general": 1000, "code": 100}, {"general": 0.5, "code": 0.5}, 4)
    (800.0, 'code')
    >>> corpus_size({"general": 1000}, {"general": 0.5, "code": 0.5}, 4)
    (1000.0, 'general')
    """
    taking_part = {name: weight for name, weight in weights.items() if weight > 0 and available.get(name, 0) > 0}
    if not taking_part:
        return 0.0, ""
    total = sum(taking_part.values())
    once = {name: available[name] * total / weight for name, weight in taking_part.items()}
    scarce, ample = min(sorted(once), key=once.__getitem__), max(sorted(once), key=once.__getitem__)
    wanted, name = (once[ample], ample) if target is None else (float(target), "target_tokens")
    most = max_epochs * once[scarce]
    return (most, scarce) if most <= wanted else (wanted, name)


def budgets(available: Mapping[str, int], weights: Mapping[str, float], size: float) -> dict[str, Budget]:
    """Return each category's budget in a corpus of a size; weights of categories without tokens go to the others.

    >>> budgets({"general": 1000, "code": 100}, {"general": 0.5, "code": 0.5}, 800)["code"]
    Budget(epochs=4, remainder=0)
    """
    taking_part = {name: weight for name, weight in weights.items() if weight > 0 and available.get(name, 0) > 0}
    total = sum(taking_part.values())
    found = {}
    for name, weight in taking_part.items():
        tokens = round(size * weight / total)
        epochs, remainder = divmod(tokens, available[name])
        found[name] = Budget(epochs, remainder)
    return found


def draws(doc_ids: list[str], seed: int) -> Array:
    """Return a number of 53 bits for each document, from its doc_id and the seed alone.

    >>> int(draws(["b8ea8ecc3e3c9f3eaf8b47a7ef0d5cc6"], 0)[0]) < 2**53
    True
    """
    high = np.array([int(doc_id[:16], 16) for doc_id in doc_ids], np.uint64)
    mixed = high + np.uint64((seed * 0x9E3779B97F4A7C15) % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(64 - DRAW_BITS)).astype(np.int64)


def slot_of_cut(tokens_by_slot: Array, remainder: int) -> tuple[int, int]:
    """Return the slot in which a budget ends, and the tokens left for it.

    Args:
        tokens_by_slot: Tokens of the documents in each slot.
        remainder: Tokens to draw.

    >>> slot_of_cut(np.array([10, 10, 10]), 15)
    (1, 5)
    """
    total = np.cumsum(tokens_by_slot)
    slot = int(np.searchsorted(total, remainder, side="right"))
    if slot >= len(total):
        return len(total) - 1, remainder - int(total[-1] - tokens_by_slot[-1])
    return slot, remainder - int(total[slot] - tokens_by_slot[slot])
