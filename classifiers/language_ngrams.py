"""Sequences of three and four letters: what is asked where lid.176 is unsure, or cannot tell sisters apart.

Naive Bayes (Cavnar and Trenkle's n-grams, Dunning's likelihoods, 1994) over frequent sequences of letters in 62
languages; `classifiers.train_languages` made the table. Whole numbers add up to the same on any machine.
"""

import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from classifiers.model_folder import read_info

WEIGHTS: Final = "weights.npz"
SHORTEST, LONGEST = 3, 4
STEPS: Final = 16
"""Of the table in a unit of natural logarithms."""
FLOOR: Final = 0.3
"""How frequent an n-gram is that a language's list lacks, in terms of the rarest that it has."""
MORE_LANGUAGES: Final = ("lg", "mi", "sn", "st", "tn", "ts", "xh", "zu")
"""Languages that lid.176 does not have."""

_MOST_CHARS: Final = 600
"""Of a text, from the start; so many decide."""
_INDEPENDENT: Final = 0.2
"""N-grams overlap: each counts as so much of an independent one. Any from .15 to .3 is as good."""
_WORD = re.compile(r"[^\W\d_]{3,}")


class Ngrams(NamedTuple):
    """The table.

    Attributes:
        rows: N-gram → its row.
        costs: Minus logarithms of shares in units of `STEPS`, uint8 (n-grams, languages).
        languages: Its columns.
    """

    rows: dict[str, int]
    costs: np.ndarray[Any, np.dtype[np.uint8]]
    languages: tuple[str, ...]


@lru_cache(maxsize=1)
def load_ngrams() -> Ngrams:
    """Return the table that comes with the package, loaded once a process."""
    folder = Path(str(files("classifiers"))) / "models" / "languages"
    languages = tuple(read_info(folder).labels)
    with np.load(folder / WEIGHTS, allow_pickle=False) as stored:
        grams = stored["grams"].tobytes().decode().split("\n")
        return Ngrams({gram: row for row, gram in enumerate(grams)}, stored["costs"], languages)


def log_likelihoods(text: str) -> dict[str, float]:
    """Return how likely a text's letters are in each language, as logarithms, the likeliest 0; empty if none is known.

    >>> likely = log_likelihoods("Umuntu ngumuntu ngabantu, kusho izingane")
    >>> max(likely, key=likely.__getitem__)
    'zu'
    """
    table = load_ngrams()
    rows = [
        row
        for word in _WORD.findall(text[:_MOST_CHARS].lower())
        for length in range(SHORTEST, LONGEST + 1)
        for start in range(len(word) - length + 1)
        if (row := table.rows.get(word[start : start + length])) is not None
    ]
    if not rows:
        return {}
    costs = table.costs[rows].sum(axis=0, dtype=np.int64)
    return dict(zip(table.languages, ((costs.min() - costs) * (_INDEPENDENT / STEPS)).tolist(), strict=True))
