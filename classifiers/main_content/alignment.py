"""How much of each text block stands in a page's known main content, by aligning the words of both."""

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.kernels.compiled import compiled

Floats = npt.NDArray[np.float32]

_WORD: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
# A word that follows on the last one that was found counts more than one by itself: menus hold a text's words too.
_IN_A_ROW: Final = 4
# Above so many pairs of words, runs of four words are looked up instead.
_MAX_PAIRS: Final = 400_000_000
_RUN: Final = 4


def words_of(text: str) -> list[str]:
    """Words in lower case; each character of Chinese, Japanese and Korean is one.

    >>> words_of("Rye, 麦子")
    ['rye', '麦', '子']
    """
    return _WORD.findall(text.lower())


def share_in_gold(blocks: Sequence[str], gold: str) -> Floats:
    """Return for each block the share of its words that the alignment finds in the gold text; 0 for one without words.

    Args:
        blocks: The texts of a page's blocks, in order.
        gold: Its main content.

    >>> share_in_gold(["Home News", "The mill turns slowly.", "Share"], "The mill turns slowly.").tolist()
    [0.0, 1.0, 0.0]
    """
    numbers: dict[str, int] = {}
    wanted = np.array([numbers.setdefault(word, len(numbers)) for word in words_of(gold)], np.int32)
    words = [words_of(block) for block in blocks]
    numbers_of_words = np.array([numbers.get(word, -1) for block in words for word in block], np.int32)
    if len(numbers_of_words) * len(wanted) <= _MAX_PAIRS:
        hits = np.zeros(len(numbers_of_words), np.uint8)
        _align(numbers_of_words, wanted, hits, np.empty((len(numbers_of_words) + 1, len(wanted) + 1), np.uint8))
    else:
        hits = _runs(numbers_of_words, wanted)
    sizes = np.array([len(block) for block in words], np.int64)
    ends = np.concatenate(([0], np.cumsum(sizes)))
    sums = np.diff(np.concatenate(([0], np.cumsum(hits)))[ends])
    return np.asarray(sums / np.maximum(1, sizes), np.float32)


def share_in_snippets(blocks: Sequence[str], inside: Sequence[str], outside: Sequence[str]) -> Floats:
    """Return 1 for blocks that hold a snippet of the main content, 0 for one of the rest, NaN where nothing is known.

    >>> share_in_snippets(["Home", "The mill turns.", "?"], ["mill turns"], ["Home"]).tolist()
    [0.0, 1.0, nan]
    """
    shares = np.full(len(blocks), np.nan, np.float32)
    flat = [" ".join(block.split()) for block in blocks]
    for value, snippets, shortest in ((0.0, outside, 8), (1.0, inside, 15)):
        wanted = [" ".join(snippet.split()) for snippet in snippets]
        for number, block in enumerate(flat):
            if any(
                wanted_text and (wanted_text in block or (len(block) > shortest and block in wanted_text))
                for wanted_text in wanted
            ):
                shares[number] = value
    return shares


def _runs(present: npt.NDArray[np.int32], wanted: npt.NDArray[np.int32]) -> npt.NDArray[np.uint8]:
    runs = {tuple(wanted[at : at + _RUN].tolist()) for at in range(len(wanted) - _RUN + 1)}
    hits = np.zeros(len(present), np.uint8)
    for at in range(len(present) - _RUN + 1):
        if tuple(present[at : at + _RUN].tolist()) in runs:
            hits[at : at + _RUN] = 1
    return hits


@compiled
def _align(present: Any, wanted: Any, hits: Any, steps: Any) -> None:
    """Mark the words of the best common subsequence, in which runs count more than single words."""
    size = len(wanted)
    never = np.int32(-(10**6))
    last_hit, last = np.full(size + 1, never, np.int32), np.zeros(size + 1, np.int32)
    hit, best = np.empty(size + 1, np.int32), np.empty(size + 1, np.int32)
    for i in range(1, len(present) + 1):
        hit[0], best[0] = never, 0
        for j in range(1, size + 1):
            step = 0
            hit[j] = never
            if present[i - 1] == wanted[j - 1]:
                run, single = last_hit[j - 1] + _IN_A_ROW, last[j - 1] + 1
                hit[j] = max(run, single)
                step = 1 if run >= single else 0
            score, way = last[j], 0
            if best[j - 1] > score:
                score, way = best[j - 1], 1
            if hit[j] > score:
                score, way = hit[j], 2
            best[j] = score
            steps[i, j] = step | way << 1
        last_hit, hit = hit, last_hit
        last, best = best, last
    i, j, in_run = len(present), size, False
    while i > 0 and j > 0:
        step = steps[i, j]
        if not in_run and step >> 1 != 2:
            if step >> 1 == 1:
                j -= 1
            else:
                i -= 1
            continue
        hits[i - 1] = 1
        in_run = step & 1 == 1
        i -= 1
        j -= 1
