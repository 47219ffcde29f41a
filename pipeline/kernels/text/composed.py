"""Texts in Unicode's composed form (NFC): one spelling of each letter, whatever keyboard or disk it came from.

Not NFKC: that would turn ² into 2, ﬁ into fi and Ａ into A, which a reader tells apart.
"""

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Final
from unicodedata import combining, is_normalized, normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.kernels.text.spans import Span

FORM: Final = "NFC"
_LONGEST_RUN: Final = 30
"""Marks in a row, above which a run stays as it is (Unicode's Stream-Safe Text Format, UAX 15).

To sort it takes time by the square of its length, and no letter has so many.
"""
_MARKS_END: Final = 0x1F000


@lru_cache(maxsize=1)
def _long_runs() -> re.Pattern[str]:
    """Return what finds runs of too many marks."""
    marks = [point for point in range(0x300, _MARKS_END) if combining(chr(point))]
    return re.compile(f"([{''.join(map(chr, marks))}]{{{_LONGEST_RUN + 1},}})")


def is_composed(text: str) -> bool:
    r"""Return whether a text is composed.

    >>> is_composed("caf\u00e9"), is_composed("cafe\u0301")
    (True, False)
    """
    return text.isascii() or is_normalized(FORM, text)


def nfc(text: str) -> str:
    r"""Return a text composed, but for runs of more than 30 marks; in time linear in the text.

    >>> nfc("cafe\u0301"), len(nfc("a" + "\u0301\u0316" * 20))
    ('café', 41)
    """
    if is_normalized(FORM, text):
        return text
    pieces = _long_runs().split(text)
    pieces[::2] = [normalize(FORM, piece) for piece in pieces[::2]]
    return "".join(pieces)


def composed(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    r"""Return strings composed; those that are already come back as they are.

    >>> composed(pa.array(["cafe\u0301", None])).to_pylist()
    ['café', None]
    """
    rows = decomposed_rows(texts)
    if not rows:
        return texts
    values = texts.to_pylist()
    for row in rows:
        values[row] = nfc(values[row])
    return pa.array(values, texts.type)


def decomposed_rows(texts: pa.Array | pa.ChunkedArray) -> list[int]:
    r"""Return the numbers of the strings that are not composed; most texts are told by a look at their code points.

    >>> decomposed_rows(pa.array(["plain", "e\u0301", None]))
    [1]
    """
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    ascii_only = pc.fill_null(pc.string_is_ascii(texts), fill_value=True)
    others = np.flatnonzero(~ascii_only.to_numpy(zero_copy_only=False))
    chosen = texts.take(pa.array(others)).to_pylist()
    return [int(row) for row, text in zip(others, chosen, strict=True) if not is_normalized(FORM, text)]


def compose(text: str, spans: Iterable[Span], keep: Collection[str] = ()) -> tuple[str, list[Span]]:
    r"""Return a text composed, and its spans where they then stand; nothing is composed across a span's edge.

    Args:
        text: The text.
        spans: Its spans, in any order; their order is kept.
        keep: Kinds of spans whose text stays as it is.

    >>> result, spans = compose("e\u0301 e\u0301", [Span(3, 5, "code")], keep=("code",))
    >>> len(result), spans
    (4, [Span(start=2, end=4, kind='code')])
    """
    listed = [Span(min(span.start, len(text)), min(span.end, len(text)), span.kind) for span in spans]
    cuts = sorted({0, len(text), *(cut for start, end, _ in listed for cut in (start, end))})
    kept = sorted((start, end) for start, end, kind in listed if kind in keep)
    moved, pieces, length, next_kept, kept_until = {0: 0}, [], 0, 0, 0
    for start, end in pairwise(cuts):
        while next_kept < len(kept) and kept[next_kept][0] <= start:
            kept_until = max(kept_until, kept[next_kept][1])
            next_kept += 1
        piece = text[start:end] if kept_until > start else nfc(text[start:end])
        pieces.append(piece)
        length += len(piece)
        moved[end] = length
    return "".join(pieces), [Span(moved[start], moved[end], kind) for start, end, kind in listed]


def compose_columns(texts: pa.Array, spans: pa.Array, keep: Collection[str] = ()) -> tuple[pa.Array, pa.Array]:
    """Return the column of texts composed, and that of their spans moved along.

    Args:
        texts: Strings.
        spans: Lists of (start, end, kind), one a text.
        keep: As in `compose`.
    """
    rows = decomposed_rows(texts)
    if not rows:
        return texts, spans
    values, lists = texts.to_pylist(), spans.to_pylist()
    for row in rows:
        values[row], moved = compose(values[row], (Span(**span) for span in lists[row] or ()), keep)
        lists[row] = lists[row] and [span._asdict() for span in moved]
    return pa.array(values, texts.type), pa.array(lists, spans.type)
