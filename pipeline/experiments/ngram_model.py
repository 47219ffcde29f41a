"""An interpolated Kneser–Ney trigram model of token ids: one expert a cell, of a sample that fits into memory."""

from dataclasses import dataclass
from typing import Any

import numpy as np

Ids = np.ndarray[Any, np.dtype[np.int64]]
Array = np.ndarray[Any, np.dtype[np.float64]]
_DISCOUNT = 0.75
_BITS = 21
MOST_VOCABULARY = (1 << _BITS) - 1
"""Three ids are packed into one integer of 63 bits."""


@dataclass(frozen=True)
class _Order:
    """What one order has seen: sorted n-grams with their discounted shares, sorted contexts with what is left over."""

    grams: Ids
    shares: Array
    contexts: Ids
    left: Array

    def blend(self, grams: Ids, contexts: Ids, lower: Array) -> Array:
        share, _ = _looked_up(self.grams, self.shares, grams, 0.0)
        left, _ = _looked_up(self.contexts, self.left, contexts, 1.0)
        return np.asarray(share + left * lower)


def _looked_up(keys: Ids, values: Array, wanted: Ids, default: float) -> tuple[Array, Ids]:
    if not len(keys):
        return np.full(len(wanted), default), np.zeros(len(wanted), np.int64)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, values[at], default), at


def _order(grams: Ids, counts: Ids, context_bits: int) -> _Order:
    """Return an order of the model.

    Args:
        grams: Sorted n-grams, packed.
        counts: Of each.
        context_bits: Bits by which an n-gram is longer than its context.
    """
    contexts, first = np.unique(grams >> context_bits, return_index=True)
    sizes = np.diff(np.append(first, len(grams)))
    totals = np.add.reduceat(counts, first).astype(np.float64) if len(grams) else np.zeros(0)
    shares = (counts - _DISCOUNT) / np.repeat(totals, sizes)
    return _Order(grams, shares, contexts, _DISCOUNT * sizes / np.maximum(totals, 1))


@dataclass(frozen=True)
class NgramModel:
    """A trigram model; below the unigrams all ids of the vocabulary are equally likely."""

    vocabulary: int
    orders: tuple[_Order, _Order, _Order]

    def log_probabilities(self, texts: "Stream") -> Array:
        """Return the natural logarithm of the probability of each token after the two before it in its text."""
        first, second, third = texts.trigrams()
        zero = np.zeros(len(third), np.int64)
        unigram = self.orders[0].blend(third, zero, np.full(len(third), 1 / self.vocabulary))
        bigram = self.orders[1].blend((second << _BITS) | third, second, unigram)
        before = (first << _BITS) | second
        return np.asarray(np.log(self.orders[2].blend((before << _BITS) | third, before, bigram)))


@dataclass(frozen=True)
class Stream:
    """Tokens of some texts, one after the other.

    Attributes:
        ids: The tokens, int64.
        offsets: Those of text `i` are at `offsets[i]` to `offsets[i + 1]`.
    """

    ids: Ids
    offsets: Ids

    def trigrams(self) -> tuple[Ids, Ids, Ids]:
        """Return each token with the two before it; 0 stands before a text begins, ids are one more than in `ids`."""
        third = self.ids + 1
        position = np.arange(len(third)) - np.repeat(self.offsets[:-1], np.diff(self.offsets))
        second, first = np.zeros_like(third), np.zeros_like(third)
        second[1:], first[2:] = third[:-1], third[:-2]
        return np.where(position < 2, 0, first), np.where(position < 1, 0, second), third

    def start(self, tokens: int) -> "Stream":
        """Return the texts from the first on, cut after some tokens.

        >>> Stream(np.arange(5), np.array([0, 3, 5])).start(4).offsets.tolist()
        [0, 3, 4]
        """
        if tokens >= len(self.ids):
            return self
        texts = int(np.searchsorted(self.offsets, tokens, side="left"))
        return Stream(self.ids[:tokens], np.append(self.offsets[:texts], tokens))

    def of_texts(self, chosen: Ids) -> "Stream":
        """Return some of the texts, in their order."""
        pieces = [self.ids[self.offsets[n] : self.offsets[n + 1]] for n in chosen.tolist()]
        sizes = np.array([0, *(len(piece) for piece in pieces)])
        return Stream(np.concatenate([self.ids[:0], *pieces]), np.cumsum(sizes))


def fit_ngrams(texts: Stream, vocabulary: int) -> NgramModel:
    """Return the model of some texts.

    Memory: about 100 bytes per token while it is fitted, 50 afterwards.

    Args:
        texts: The texts.
        vocabulary: Ids are below it.

    Raises:
        ValueError: The vocabulary is too large to pack three ids.
    """
    if vocabulary > MOST_VOCABULARY:
        raise ValueError(f"a vocabulary of {vocabulary:,}: more than {MOST_VOCABULARY:,}")
    first, second, third = texts.trigrams()
    packed = (((first << _BITS) | second) << _BITS) | third
    trigrams, counts = np.unique(packed, return_counts=True)
    # Kneser–Ney: below the highest order, an n-gram counts once for each token that was seen before it.
    tails = trigrams & ((1 << 2 * _BITS) - 1)
    bigrams, continued = np.unique(tails, return_counts=True)
    unigrams, begun = np.unique(bigrams & ((1 << _BITS) - 1), return_counts=True)
    return NgramModel(
        vocabulary,
        (_order(unigrams, begun, _BITS), _order(bigrams, continued, _BITS), _order(trigrams, counts, _BITS)),
    )
