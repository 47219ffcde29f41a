"""Which blocks are the main content, once it is known how likely each one is; compiled."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.kernels.compiled import compiled

# Of the nested sets, so many at most are looked at, and none that is less likely than this.
_SCENARIOS: Final = 256
_UNLIKELY: Final = 1e-5
# A block that is less likely than this part of the F1 without it is not worth a place, nor is any behind it; where each
# block is main content for itself, a half would do.
_HOPELESS: Final = 0.02


class Choice(NamedTuple):
    """The blocks that are kept, and the F1 that the probabilities promise for them."""

    kept: npt.NDArray[np.bool_]
    expected_f1: float


def choose(probability: npt.NDArray[np.float64], words: npt.NDArray[np.int64], nested: float = 0.0) -> Choice:
    """Keep the blocks whose union has the highest expected F1 against the main content.

    With the likeliest blocks first, the best set is a head of that list. What F1 to expect of a head depends on how
    blocks hang together. If each is main content for itself, F1 ≈ 2 · Σ kept p·w / (Σ kept w + Σ all p·w) (after Nan et
    al., 2012). If they come as wholes, the text, then its comments, then the rest, the true set is itself a head of the
    list, and the mean is taken over these. Listings are more like the first, articles like the second.

    Args:
        probability: That a word of the block is main content, (blocks,).
        words: How many the block has, (blocks,).
        nested: How far to believe in wholes, from 0 to 1.

    >>> likely, words = np.array([0.9, 0.4, 0.4]), np.array([100, 300, 300])
    >>> choose(likely, words).kept.tolist(), choose(likely, words, nested=1.0).kept.tolist()
    ([True, True, True], [True, False, False])
    """
    order = np.argsort(-probability, kind="stable")
    kept = np.zeros(len(order), np.bool_)
    return Choice(kept, float(_choose(order, probability.astype(np.float64), words, nested, kept)))


@compiled
def _choose(order: Any, probability: Any, words: Any, nested: Any, kept: Any) -> Any:
    count = len(order)
    sizes, hits = np.cumsum(words[order]).astype(np.float64), np.cumsum((probability * words)[order])
    if not count or sizes[-1] <= 0:
        return 0.0
    ends, chances = _scenarios(order, probability, sizes)
    best, cut = -1.0, 0
    for position in range(count):
        if cut and probability[order[position]] < _HOPELESS * best:
            break
        if words[order[position]] <= 0:
            continue
        alone = 2 * hits[position] / (sizes[position] + hits[-1] + 1e-9)
        whole = 0.0
        for scenario in range(len(ends)):
            whole += (
                chances[scenario] * 2 * min(sizes[position], ends[scenario]) / (sizes[position] + ends[scenario] + 1e-9)
            )
        score = (1 - nested) * alone + nested * whole
        if score > best:
            best, cut = score, position + 1
    for position in range(cut):
        kept[order[position]] = True
    return best


@compiled
def _scenarios(order: Any, probability: Any, sizes: Any) -> Any:
    """The sizes of the sets that the main content may be, each a head of the list, and the chance of each."""
    count = len(order)
    step = 1 + (count - 1) // _SCENARIOS
    number = (count + step - 1) // step
    ends, chances = np.empty(number), np.empty(number)
    kept = 0
    for scenario in range(number):
        last = min(count, (scenario + 1) * step) - 1
        after = probability[order[last + 1]] if last + 1 < count else 0.0
        chance = probability[order[scenario * step]] - after
        if chance >= _UNLIKELY:
            ends[kept], chances[kept] = sizes[last], chance
            kept += 1
    return ends[:kept], chances[:kept]
