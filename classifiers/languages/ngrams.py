"""Sequences of three and four letters: what is asked where lid.176 is unsure, or takes Nynorsk for Bokmål.

Naive Bayes (Cavnar and Trenkle's n-grams, Dunning's likelihoods, 1994) over frequent sequences of letters in 62
languages; `classifiers.train_languages` made the table. Whole numbers add up to the same on any machine.

The likeliest of 62 languages need not be a likely one: the text may be in none of them. So a text is also compared with
what its own letters would cost in a language, were it written in that: their mean and variance are known exactly.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from classifiers.languages.tables import LETTERS
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

Floats = npt.NDArray[np.float64]


class Ngrams(NamedTuple):
    """The table.

    Attributes:
        rows: N-gram → its row.
        costs: Minus logarithms of shares in units of `STEPS`, uint8 (n-grams, languages).
        floors: Costs of n-grams that a language's list lacks, uint8 (lengths, languages).
        means: Of the costs of a language's own n-grams, float64 (lengths, languages).
        variances: Likewise.
        languages: The columns.
    """

    rows: dict[str, int]
    costs: npt.NDArray[np.uint8]
    floors: npt.NDArray[np.uint8]
    means: Floats
    variances: Floats
    languages: tuple[str, ...]


class Letters(NamedTuple):
    """What a text's letters say of the languages.

    Attributes:
        log_likelihoods: Language → the logarithm, the likeliest 0; empty where no sequence is known.
        surprise: Language → how much less likely the letters are than those of its own texts, in standard deviations.
    """

    log_likelihoods: dict[str, float]
    surprise: dict[str, float]


@lru_cache(maxsize=1)
def load_ngrams() -> Ngrams:
    """Return the table that comes with the package, loaded once a process."""
    folder = LETTERS.parent
    languages = tuple(read_info(folder).labels)
    with np.load(folder / WEIGHTS, allow_pickle=False) as stored:
        grams = stored["grams"].tobytes().decode().split("\n")
        rows = {gram: row for row, gram in enumerate(grams)}
        means, variances = (stored[name].astype(np.float64) for name in ("means", "variances"))
        return Ngrams(rows, stored["costs"], stored["floors"], means, variances, languages)


def letters_of(text: str) -> Letters:
    """Return how likely a text's letters are in each language, and how unlike those of its own texts.

    >>> letters = letters_of("Umuntu ngumuntu ngabantu, kusho izingane, futhi akekho umuntu ongazi lokho")
    >>> max(letters.log_likelihoods, key=letters.log_likelihoods.__getitem__)
    'zu'
    >>> letters.surprise["zu"] < 0 < letters.surprise["de"]
    True
    """
    table = load_ngrams()
    words = _WORD.findall(text[:_MOST_CHARS].lower())
    costs, unlisted = np.zeros((2, len(table.languages)), np.int64)
    means, variances = np.zeros((2, len(table.languages)))
    is_known = False
    for number, length in enumerate(range(SHORTEST, LONGEST + 1)):
        grams = [word[at : at + length] for word in words for at in range(len(word) - length + 1)]
        rows = [row for gram in grams if (row := table.rows.get(gram)) is not None]
        is_known |= bool(rows)
        costs += table.costs[rows].sum(axis=0, dtype=np.int64)
        unlisted += (len(grams) - len(rows)) * table.floors[number].astype(np.int64)
        means += len(grams) * table.means[number]
        variances += len(grams) * table.variances[number]
    if not is_known:
        return Letters({}, {})
    likely = (costs.min() - costs) * (_INDEPENDENT / STEPS)
    surprise = (costs + unlisted - means) / np.sqrt(variances / _INDEPENDENT)
    return Letters(
        dict(zip(table.languages, likely.tolist(), strict=True)),
        dict(zip(table.languages, surprise.tolist(), strict=True)),
    )
