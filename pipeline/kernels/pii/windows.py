"""The stretches of a text that can hold personal data: nothing else is shown to the recognisers.

What can begin a value is known exactly: an `@`, six digits that no more than four other signs keep apart, four numbers
between dots, pairs of hexadecimal digits, a long run of letters and digits, the prefix of a key. Around each of these a
window is cut at white space, wide enough for the words that say what the value is.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

_BEGINNINGS: Final = (
    r"@",
    r"[0-9](?:[^0-9\n]{0,4}[0-9]){5,}",  # phones, cards, accounts, most identifiers
    r"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",  # IPv4
    r":[0-9A-Fa-f]{0,4}:",  # IPv6, MAC; times of the day too
    r"-[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-",
    r"\.[0-9A-Fa-f]{4}\.",
    r"[0-9]{4}(?<=[A-Za-z]{5}[0-9]{4})[A-Za-z]",  # India's
    r"[13][A-Za-z0-9]{25,}",  # wallets
    r"bc1[A-Za-z0-9]{20,}",
    *(r"A(?:KIA|SIA|BIA|CCA|Iza)", r"gh[pousr]_", r"github_pat_", r"glpat-", r"xox[abeoprs]-", r"k_live_", r"sk-"),
    *(r"hf_", r"npm_", r"pypi-A", r"eyJ", r"ccess_?[kK]ey", r"CCESS_KEY"),
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?s:.{0,9000}?-----END|.{0,3000})",
)
"""What can begin a value. Each begins with a sign of its own, so that most of a text is passed over at once."""
_TRIGGERS: Final = [re.compile(one) for one in _BEGINNINGS]
_ALL_DIGITS: Final = re.compile(_BEGINNINGS[1].replace("0-9", r"\d"))
"""Of all scripts: an ASCII text is spared them."""
_PRESCREEN: Final = "|".join(
    [
        r"\pN(?:[^\pN\n]{0,4}\pN){5}",
        _BEGINNINGS[0],
        *_BEGINNINGS[2:6],
        r"[A-Za-z]{5}[0-9]{4}[A-Za-z]",
        *(one.replace(",}", "}") for one in _BEGINNINGS[7:-1]),
        r"-----BEGIN ",
    ]
)
_BEFORE, _AFTER, _REACH = 100, 72, 64
"""Code points before and after a trigger, and how far white space is looked for beyond them."""
_SEAM: Final = "\n\ue000\n"
"""Between two windows: in no pattern, and no cue reaches over it."""


class Shown(NamedTuple):
    """What of a text is shown to the recognisers.

    Attributes:
        text: The windows, one after the other.
        starts: Where each begins in `text`.
        origins: Where it begins in the text it is of.
    """

    text: str
    starts: list[int]
    origins: list[int]

    def origin(self, place: int) -> int:
        """Return where a place of the shown text is in the text it is of."""
        number = bisect_right(self.starts, place) - 1
        return self.origins[number] + place - self.starts[number]


def may_hold_any(texts: pa.Array) -> pa.Array:
    """Tell which texts have a stretch that can hold personal data; a null has none.

    >>> may_hold_any(pa.array(["ask the miller", "write to jane@mill.example", None])).to_pylist()
    [False, True, False]
    """
    return pc.fill_null(pc.match_substring_regex(texts, _PRESCREEN), fill_value=False)


def windows_of(text: str) -> Shown:
    """Return the stretches of a text that can hold personal data, with the words around them.

    >>> windows_of("nothing here").text
    ''
    >>> windows_of("one " * 100 + "call 069 1234567 now" + " two" * 100).text.count("one")
    24
    """
    pieces: list[str] = []
    starts: list[int] = []
    origins: list[int] = []
    length = 0
    for start, end in _joined(sorted(_grown(text, first, last) for first, last in _beginnings(text))):
        starts.append(length)
        origins.append(start)
        pieces += (text[start:end], _SEAM)
        length += end - start + len(_SEAM)
    return Shown("".join(pieces), starts, origins)


def _beginnings(text: str) -> Iterator[tuple[int, int]]:
    for trigger in _TRIGGERS:
        for match in trigger.finditer(text):
            yield match.span()
    if not text.isascii():
        for match in _ALL_DIGITS.finditer(text):
            yield match.span()


def _joined(stretches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield sorted stretches, those that touch as one."""
    open_from, until = 0, -1
    for start, end in stretches:
        if start > until:
            if until >= 0:
                yield open_from, until
            open_from = start
        until = max(until, end)
    if until >= 0:
        yield open_from, until


def _grown(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a stretch grown to both sides, up to white space where there is some."""
    first, last = max(0, start - _BEFORE), min(len(text), end + _AFTER)
    while first > 0 and first > start - _BEFORE - _REACH and not text[first - 1].isspace():
        first -= 1
    while last < len(text) and last < end + _AFTER + _REACH and not text[last].isspace():
        last += 1
    return first, last
