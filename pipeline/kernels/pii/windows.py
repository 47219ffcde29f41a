"""The stretches of a text that can hold personal data: nothing else is shown to the recognisers.

What can begin a value is known exactly: an `@`, six digits that no more than four other signs keep apart, four numbers
between dots, pairs of hexadecimal digits, a long run of letters and digits, the prefix of a key. Around each of these a
window is cut at white space, wide enough for the words that say what the value is.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.kernels.pii import wallets, written_out
from pipeline.kernels.pii.keys import MOST_KEY

_BEGINNINGS: Final = (
    r"@\w",
    r"[0-9](?:[^0-9\n]{0,4}[0-9]){5,200}",  # phones, cards, accounts, most identifiers
    r"\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",  # IPv4
    r":[0-9A-Fa-f]{0,4}:",  # IPv6, MAC; times of the day too
    r"-[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-",
    r"\.[0-9A-Fa-f]{4}\.",
    r"[0-9]{4}(?<=[A-Za-z]{5}[0-9]{4})[A-Za-z]",  # India's
    *(r"A(?:KIA|SIA|BIA|CCA|Iza)", r"xox[abeoprs]-", r"k_live_", r"hf_", r"npm_", r"ccess_?[kK]ey", r"CCESS_KEY"),
    *(rf"{prefix}[\w.-]{{0,4000}}" for prefix in ("gh[pousr]_", "github_pat_", "glpat-", "sk-", "pypi-A", "eyJ")),
    rf"-----BEGIN [A-Z0-9 ]{{0,40}}PRIVATE KEY(?s:.{{0,{MOST_KEY}}}?-----END[^\n]{{0,60}}|.{{0,{MOST_KEY}}})",
)
"""What can begin a value, bounded, for windows are to be; each begins with a sign of its own, so that most of a text is
passed over at once."""
_TRIGGERS: Final = [re.compile(pattern) for pattern in _BEGINNINGS]
_RARE: Final = (*wallets.TRIGGERS, *written_out.TRIGGERS)
"""What begins a value on few pages: a page is looked through for these if RE2 says that it has any."""
_RARE_TRIGGERS: Final = [re.compile(pattern) for pattern in _RARE]
_RARE_PRESCREEN: Final = f"{written_out.PRESCREEN}|{wallets.PRESCREEN}"
_ALL_DIGITS: Final = re.compile(_BEGINNINGS[1].replace("0-9", r"\d"))
"""Of all scripts: an ASCII text is spared them."""


def _other_numbers() -> str:
    """Return a class of all numbers that are not ASCII: one is enough, for a repeated class costs to compile."""
    ranges: list[list[int]] = []
    for code in range(0x80, 0x20000):
        if unicodedata.category(chr(code))[0] == "N":
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "[" + "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in ranges) + "]"


_PRESCREEN: Final = "|".join(
    [
        r"[0-9](?:[^0-9\n]{0,4}[0-9]){5}",
        _other_numbers(),
        "@",
        *_BEGINNINGS[2:6],
        r"[A-Za-z]{5}[0-9]{4}[A-Za-z]",
        *(pattern.removesuffix(r"[\w.-]{0,4000}") for pattern in _BEGINNINGS[7:-1]),
        r"-----BEGIN ",
    ]
)
_BEFORE, _AFTER, _REACH = 100, 72, 64
"""Code points before and after a trigger, and how far white space is looked for beyond them."""
_LONGEST: Final = 3000
"""Code points of a window, and of what is shown at once: some patterns take time by the square of it."""
_SEAM: Final = "\n\ue000\n"
"""Between two windows: in no pattern, and no cue reaches over it."""
_UNSPACED: Final = (
    "[\u0e00-\u0e4f\u0e5a-\u0ecf\u0eda-\u0eff\u1000-\u103f\u104a-\u109f\u1780-\u17df\u17ea-\u17ff"
    "\u3040-\u30fb\u30fd-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
_JOINT: Final = re.compile(rf"(?<={_UNSPACED})(?=[A-Za-z\d+(])|(?<=[A-Za-z\d)])(?={_UNSPACED})")
"""Where scripts without spaces touch a value: patterns look for the end of a word there, and see a letter."""


class Shown:
    """What of a text is shown to the recognisers.

    Attributes:
        size: Code points of it.
        until: Where its last window ends in the text it is of.
    """

    def __init__(self) -> None:
        """Show nothing yet."""
        self.size = self.until = 0
        self._pieces: list[str] = []  # pieces of windows, each with what parts it from the next
        self._starts: list[int] = []  # where each begins in what is shown
        self._origins: list[int] = []  # where it begins in the text it is of

    @property
    def text(self) -> str:
        """The windows, one after the other."""
        return "".join(self._pieces)

    def add(self, text: str, start: int, end: int) -> None:
        """Add a window, with a space wherever a script without spaces touches what may be a value."""
        joints = () if text.isascii() else (joint.start() for joint in _JOINT.finditer(text, start, end))
        for first, last in pairwise((start, *joints, end)):
            parting = _SEAM if last == end else " "
            self._starts.append(self.size)
            self._origins.append(first)
            self._pieces += text[first:last], parting
            self.size += last - first + len(parting)
        self.until = end

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch of the shown text is in the text it is of; what parts pieces is no part of it."""
        first, last = self._within(start), self._within(end - 1)
        return first, max(first, last + (not self._parts(end - 1)))

    def _within(self, position: int) -> int:
        number = bisect_right(self._starts, position) - 1
        return self._origins[number] + min(position - self._starts[number], len(self._pieces[2 * number]))

    def _parts(self, position: int) -> bool:
        """Tell whether what stands at a place parts two pieces."""
        number = bisect_right(self._starts, position) - 1
        return position - self._starts[number] >= len(self._pieces[2 * number])


def may_hold_any(texts: pa.Array) -> pa.Array:
    """Tell which texts have a stretch that can hold personal data; a null has none.

    >>> may_hold_any(pa.array(["ask the miller", "write to jane@mill.example", None])).to_pylist()
    [False, True, False]
    """
    return pc.or_(may_hold_usual(texts), may_hold_rare(texts))


def may_hold_usual(texts: pa.Array) -> pa.Array:
    """Tell which texts have what begins most values; a null has nothing."""
    return pc.fill_null(pc.match_substring_regex(texts, _PRESCREEN), fill_value=False)


def may_hold_rare(texts: pa.Array) -> pa.Array:
    """Tell which texts have what begins a value on few pages; a null has nothing.

    >>> may_hold_rare(pa.array(["at noon", "jane (at) mill (dot) org", None])).to_pylist()
    [False, True, False]
    """
    return pc.fill_null(pc.match_substring_regex(texts, _RARE_PRESCREEN), fill_value=False)


def windows_of(text: str, *, has_rare: bool = True) -> Iterator[Shown]:
    """Yield the stretches of a text that can hold personal data, with the words around them, a few at a time.

    Args:
        text: The text.
        has_rare: Whether it may have what `may_hold_rare` looks for.

    >>> list(windows_of("nothing here"))
    []
    >>> [shown.text.count("one") for shown in windows_of("one " * 100 + "call 069 1234567 now" + " two" * 100)]
    [24]
    """
    shown = Shown()
    for start, end in _joined(text, sorted(_beginnings(text, has_rare=has_rare))):
        if shown.size and shown.size + end - start > _LONGEST:
            yield shown
            shown = Shown()
        shown.add(text, start, end)
    if shown.size:
        yield shown


def whole(text: str) -> Shown:
    """Return a text as one window."""
    shown = Shown()
    shown.add(text, 0, len(text))
    return shown


def _beginnings(text: str, *, has_rare: bool) -> Iterator[tuple[int, int]]:
    for trigger in (*_TRIGGERS, *(_RARE_TRIGGERS if has_rare else ())):
        for match in trigger.finditer(text):
            yield match.span()
    if not text.isascii():
        for match in _ALL_DIGITS.finditer(text):
            yield match.span()


def _joined(text: str, stretches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield sorted stretches, grown to both sides, those that then touch as one; none much longer than a window.

    Where one grows too long the next one begins, overlapping. White space is looked for at the ends of windows alone:
    where every second sign begins a stretch, to look around each costs more than all else.
    """
    open_from, until, last = 0, -1, 0  # `until` is the grown end of `last`, or -1 where it was not looked for
    is_open = False
    for start, end in stretches:
        if is_open and end <= last:
            continue  # shown with what is open, and so are the words before it
        if is_open and start - _BEFORE <= last + _AFTER and last + _AFTER + _REACH - open_from <= _LONGEST:
            last, until = end, -1
            continue
        first = _grown_start(text, start)
        if is_open:
            until = _grown_end(text, last) if until < 0 else until
            if first > until or until - open_from > _LONGEST:
                yield open_from, until
                is_open = False
        if not is_open:
            # what reached farther before is shown again: the next window ends no earlier
            open_from, last, is_open = first, max(last, end), True
        elif end > last:
            last = end
        until = -1
    if is_open:
        yield open_from, _grown_end(text, last)


def _grown_start(text: str, start: int) -> int:
    """Return the start of a window around a stretch: behind white space where there is some."""
    first = max(0, start - _BEFORE)
    while first > 0 and first > start - _BEFORE - _REACH and not text[first - 1].isspace():
        first -= 1
    return first


def _grown_end(text: str, end: int) -> int:
    """Return the end of a window around a stretch: before white space where there is some."""
    last = min(len(text), end + _AFTER)
    while last < len(text) and last < end + _AFTER + _REACH and not text[last].isspace():
        last += 1
    return last
