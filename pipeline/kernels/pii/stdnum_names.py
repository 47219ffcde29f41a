"""Where a text calls identifiers by their names: looked up by the first letters of its words, all names at once."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from pipeline.kernels.pii.cues import is_unspaced

_SIZE: Final = 6
_HEADS: Final = re.compile(rf"([^\W\d_]{{1,{_SIZE}}})[^\W\d_]*")
"""The first letters of each word: one pass tells which names may be in a text."""
_BETWEEN: Final = r"[\s_.\-]{0,2}"
"""What may part the words of a name, in prose and in the keys of JSON."""
_LETTER: Final = r"[^\W\d_]"
_RIGHT_BEHIND: Final = r"(?=[^\w\n]{0,3}(?:is[^\w\n]{1,2})?\d{4})"
"""What stands behind a name that says little: the number."""
_DOTTED: Final = re.compile(rf"\b{_LETTER}\.{_LETTER}\b")
"""What is abbreviated letter by letter: `c.p.f.`; of one letter as a head, every text has some."""
_UNSPACED: Final = re.compile("[\u0e00-\u0e7f\u2e80-\ud7ff\uf900-\uffdc]")
"""Thai, Chinese, Japanese and Korean."""


_CELL_ENDS: Final = (*",;|\t\n\"'", "")


class Named(NamedTuple):
    """A name of identifiers, as it stands in a text.

    Attributes:
        start: In code points.
        end: In code points.
        numbers: Of the kinds that are called so.
        is_other_word: Whether it may as well be another word, but for documents from their countries.
    """

    start: int
    end: int
    numbers: tuple[int, ...]
    is_other_word: bool


class _Name(NamedTuple):
    """A name to look for.

    Attributes:
        pattern: It, in lower case; it begins with a letter of its own, so that most of a text is passed over at once.
        numbers: Of the kinds that are called so.
        is_short: Whether it is written in capitals, for in small letters it is another word.
        touches: Whether a letter may stand before it, as in scripts without spaces.
    """

    pattern: re.Pattern[str]
    numbers: tuple[int, ...]
    is_short: bool
    touches: bool


class Names:
    """The names of kinds of identifiers."""

    def __init__(self, listed: Sequence[str]) -> None:
        """Know the names of each kind, parted by commas, as in `stdnum_kinds.Kind`."""
        kinds: dict[str, list[int]] = {}
        for number, names in enumerate(listed):
            for name in dict.fromkeys(filter(None, names.split(", "))):
                kinds.setdefault(name, []).append(number)
        self._by_head: dict[str, list[_Name]] = {}
        self._touching: list[_Name] = []
        self._dotted: list[_Name] = []
        for name, numbers in kinds.items():
            touches = is_unspaced(name)
            entry = _Name(_pattern(name), tuple(numbers), name.isupper() and name[0] < "\u0370", touches)
            if touches or _DOTTED.match(_lowered(name)):
                (self._touching if touches else self._dotted).append(entry)
            else:
                for head in {_head(name), _head(f"{name}s")}:
                    self._by_head.setdefault(head, []).append(entry)
        self._heads = frozenset(self._by_head)

    def within(self, text: str) -> Iterator[Named]:
        """Yield where names stand in a text, in order of place.

        >>> [one[:3] for one in Names(["cpf, RUT", "cédula*, RUT"]).within("cpf 1, rut 2, Cédulas 3")]
        [(0, 3, (0,)), (7, 10, (0, 1)), (14, 21, (1,))]
        """
        small = _lowered(text)
        entries = [entry for head in self._heads.intersection(_HEADS.findall(small)) for entry in self._by_head[head]]
        if not small.isascii() and _UNSPACED.search(small):
            entries += self._touching
        if _DOTTED.search(small):
            entries += self._dotted
        named: set[Named] = set()
        for pattern, numbers, is_short, touches in entries:
            for match in pattern.finditer(small):
                start, end = match.span()
                if touches or not small[start - 1 : start].isalpha():
                    is_other = is_short and not (text[start:end].isupper() or _is_cell(text, start, end))
                    named.add(Named(start, end, numbers, is_other))
        yield from sorted(named)


def _is_cell(text: str, start: int, end: int) -> bool:
    """Tell whether a name is all of a table's cell, or the key of a value: there it is no other word."""
    return text[start - 1 : start] in _CELL_ENDS and text[end : end + 1] in _CELL_ENDS


def _lowered(text: str) -> str:
    """Return a text in small letters, the dotless i as the other; every sign stays where it is."""
    return text.replace("\u0130", "i").lower().replace("\u0131", "i")


def _head(name: str) -> str:
    match = _HEADS.search(_lowered(name))
    return match[1] if match else ""


def _pattern(name: str) -> re.Pattern[str]:
    words = _lowered(name.rstrip("*:")).split()
    inner = _BETWEEN.join(re.escape(word).replace("'", "['’]") for word in words)
    if is_unspaced(name):
        return re.compile(inner)
    rest = rf"{_LETTER}*" if name.endswith("*") else "s?"
    return re.compile(rf"{inner}{rest}(?!{_LETTER}){_RIGHT_BEHIND if name.endswith(':') else ''}")
