"""How far the tokens of texts are from those of a corpus: Kullback-Leibler divergence, made comparable across lengths.

With p the shares of a text's tokens and q those of the corpus, the divergence is D(p‖q) = H(p, q) - H(p): the cross
entropy, which does not depend on a text's length, less the entropy of the text, which is found too low in short texts
(Miller 1955: by about half the distinct tokens over the tokens). So a text is compared with documents of its length:
`kernels.outliers` does that.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.compiled import compiled
from pipeline.kernels.tokens.outliers import DIGITS, MEASURES, Floats

Array = npt.NDArray[Any]

PSEUDO_COUNT = 0.5
"""Added to the count of every token of the vocabulary, so that none has the probability 0 (Jeffreys' prior)."""


class TokenCounts(NamedTuple):
    """Distinct tokens of some texts with their counts; those of text `i` are at `offsets[i]` to `offsets[i + 1]`."""

    offsets: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int32]


def count_tokens(offsets: Array, ids: Array) -> TokenCounts:
    """Return the distinct tokens of each text, in order, and how often they occur.

    Args:
        offsets: Where each text's tokens begin, int64; one more than there are texts.
        ids: Tokens of all texts, int32.

    >>> counted = count_tokens(np.array([0, 3, 3]), np.array([7, 2, 7], np.int32))
    >>> counted.offsets.tolist(), counted.ids.tolist(), counted.counts.tolist()
    ([0, 2, 2], [2, 7], [1, 2])
    """
    ends = np.zeros(len(offsets), np.int64)
    distinct, counts = np.empty(len(ids), np.int32), np.empty(len(ids), np.int32)
    _count(np.ascontiguousarray(offsets), ids.copy(), ends, distinct, counts)
    return TokenCounts(ends, distinct[: ends[-1]].copy(), counts[: ends[-1]].copy())


@compiled
def _count(offsets: Any, ids: Any, ends: Any, distinct: Any, counts: Any) -> None:
    total = 0
    for text in range(len(offsets) - 1):
        mine = np.sort(ids[offsets[text] : offsets[text + 1]])
        for at in range(len(mine)):
            if at == 0 or mine[at] != mine[at - 1]:
                distinct[total], counts[total] = mine[at], 0
                total += 1
            counts[total - 1] += 1
        ends[text + 1] = total


def log_shares(ids: Array, counts: Array, vocabulary: int) -> Floats:
    """Return the logarithm of each token's smoothed share in a corpus, for all of a vocabulary.

    Args:
        ids: Tokens that the corpus has.
        counts: How often.
        vocabulary: Ids are below this number.

    >>> np.exp(log_shares(np.array([1]), np.array([3]), 2)).round(6).tolist()
    [0.125, 0.875]
    """
    smoothed = np.full(vocabulary, PSEUDO_COUNT)
    smoothed[ids] += counts
    shares: Floats = np.log(smoothed / smoothed.sum())
    return shares


def divergences(texts: TokenCounts, chars: Array, logs: Floats) -> Floats:
    """Return what each text is compared by: a row a text, a column for each of `MEASURES`; 0 for a text without tokens.

    Args:
        texts: Their tokens.
        chars: Code points of each text.
        logs: From `log_shares`; a token that is not in it is as rare as the rarest.

    >>> texts = TokenCounts(np.array([0, 1, 2]), np.array([0, 1], np.int32), np.array([4, 2], np.int32))
    >>> divergences(texts, np.array([8, 2]), np.log(np.array([0.25, 0.75])))[:, 0].tolist()
    [1.386294, 0.287682]
    """
    out = np.zeros((len(texts.offsets) - 1, len(MEASURES)))
    _diverge(*texts, np.ascontiguousarray(chars, np.int64), logs, out)
    rounded: Floats = np.round(out, DIGITS)
    return rounded


@compiled
def _diverge(offsets: Any, ids: Any, counts: Any, chars: Any, logs: Any, out: Any) -> None:
    rarest = logs.min()
    for text in range(len(offsets) - 1):
        total, cross, own = 0, 0.0, 0.0
        for at in range(offsets[text], offsets[text + 1]):
            count = counts[at]
            total += count
            cross -= count * (logs[ids[at]] if ids[at] < len(logs) else rarest)
            if count > 1:
                own += count * np.log(count)
        if total == 0:
            continue
        entropy = np.log(total) - own / total
        out[text, 0] = max(0.0, cross / total - entropy)
        out[text, 1] = cross / total
        out[text, 2] = cross / max(chars[text], 1)
