"""Evidence that a text is one: what of it stands in words, in ASCII, and what no text has."""

import unicodedata
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.kernels.compiled import compiled
from pipeline.kernels.text.code_points import LIMIT
from pipeline.kernels.text.words import decode, longest, utf8

Array = np.ndarray[Any, np.dtype[Any]]
_SPACE, _IN_WORD, _OTHER, _NOISE = range(4)
_PRIVATE_PLANES = 0xF0000
_LEAST = 3
"""Letters, digits and underscores in a row that are a word; noise has few such runs."""


class Evidence(NamedTuple):
    """Shares of each text's visible code points, float64; all 0 for an empty text.

    Attributes:
        ascii: Of ASCII.
        words: In runs of three or more letters, digits and underscores.
        noise: U+FFFD, controls, private use, unassigned.
    """

    ascii: Array
    words: Array
    noise: Array


@lru_cache(maxsize=1)
def _classes() -> Array:
    """Return the class of every code point, uint8."""
    classes = np.full(LIMIT, _OTHER, np.uint8)
    for point in range(LIMIT):
        sign = chr(point)
        category = unicodedata.category(sign)
        if sign.isspace():
            classes[point] = _SPACE
        elif category[0] in "LNM" or sign == "_":
            classes[point] = _IN_WORD
        elif category in {"Cc", "Cn", "Co", "Cs"} or point == 0xFFFD:
            classes[point] = _NOISE
    return classes


def measure_evidence(texts: pa.Array | pa.ChunkedArray) -> Evidence:
    r"""Return what speaks for each text being one.

    >>> found = measure_evidence(pa.array(["for (i = 0) next", "\ufffd\x01\ue000a", None]))
    >>> [round(share, 2) for share in found.words.tolist()], found.noise.tolist()
    ([0.58, 0.0, 0.0], [0.0, 0.75, 0.0])
    """
    data, offsets = utf8(texts)
    shares = np.zeros((3, len(offsets) - 1))
    _measure(data, offsets, longest(offsets), _classes(), shares)
    return Evidence(*shares)


@compiled
def _measure(data: Any, offsets: Any, points: Any, classes: Any, shares: Any) -> None:
    for text in range(len(offsets) - 1):
        length = decode(data, offsets[text], offsets[text + 1], points)
        visible = run = 0
        for at in range(length):
            point = points[at]
            kind = classes[point] if point < LIMIT else _NOISE if point >= _PRIVATE_PLANES else _IN_WORD
            visible += kind != _SPACE
            shares[0, text] += kind != _SPACE and point < 0x80
            shares[2, text] += kind == _NOISE
            if kind == _IN_WORD:
                run += 1
                shares[1, text] += 1 if run > _LEAST else _LEAST if run == _LEAST else 0
            else:
                run = 0
        for row in range(3):
            shares[row, text] /= max(visible, 1)
