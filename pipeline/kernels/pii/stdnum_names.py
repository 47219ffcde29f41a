"""Where a text calls identifiers by their names: looked up by the first letters of its words, all names at once."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from pipeline.kernels.pii.cues import folded, is_unspaced

_SIZE: Final = 6
_HEADS: Final = re.compile(rf"([^\W\d_]{{1,{_SIZE}}})[^\W\d_]*")
"""The first letters of each word: one pass tells which names may be in a text."""
_BETWEEN: Final = r"[\s_.\-]{0,2}"
"""What may part the words of a name, in prose and in the keys of JSON."""
_LETTER: Final = r"[^\W\d_]"


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
    pattern: re.Pattern[str]
    numbers: tuple[int, ...]
    is_short: bool


class Names:
    """The names of kinds of identifiers."""

    def __init__(self, listed: Sequence[str]) -> None:
        """Know the names of each kind, parted by commas, as in `stdnum_kinds.Kind`."""
        kinds: dict[str, list[int]] = {}
        for number, names in enumerate(listed):
            for name in dict.fromkeys(filter(None, names.split(", "))):
                kinds.setdefault(name, []).append(number)
        self._by_head: dict[str, list[_Name]] = {}
        self._anywhere: list[tuple[str, _Name]] = []
        for name, numbers in kinds.items():
            entry = _Name(_pattern(name), tuple(numbers), name.isupper() and is_latin(name))
            if is_unspaced(name):
                self._anywhere.append((folded(name.removesuffix("*")), entry))
            else:
                self._by_head.setdefault(_head(name), []).append(entry)
        self._heads = frozenset(self._by_head)

    def within(self, text: str) -> Iterator[Named]:
        """Yield where names stand in a text.

        >>> [one[:3] for one in Names(["cpf, RUT", "cédula*, RUT"]).within("cpf 1, rut 2, Cédulas 3")]
        [(0, 3, (0,)), (7, 10, (0, 1)), (14, 21, (1,))]
        """
        plain = folded(text)
        entries = [entry for head in self._heads.intersection(_HEADS.findall(plain)) for entry in self._by_head[head]]
        if not plain.isascii():
            entries += [entry for name, entry in self._anywhere if name in plain]
        yield from sorted(set(_matches(entries, text)))


def _matches(entries: Iterable[_Name], text: str) -> Iterator[Named]:
    for entry in entries:
        for match in entry.pattern.finditer(text):
            yield Named(match.start(), match.end(), entry.numbers, entry.is_short and not match[0].isupper())


def is_latin(name: str) -> bool:
    """Tell whether a name is written in Latin letters."""
    return name[0] < "\u0370"


def _head(name: str) -> str:
    match = _HEADS.search(folded(name))
    return match[1] if match else ""


def _pattern(name: str) -> re.Pattern[str]:
    words = name.removesuffix("*").split()
    inner = _BETWEEN.join(re.escape(word).replace("'", "['’]") for word in words)
    if is_unspaced(name):
        return re.compile(inner, re.IGNORECASE)
    rest = rf"{_LETTER}*" if name.endswith("*") else ""
    return re.compile(rf"(?<!{_LETTER}){inner}{rest}(?!{_LETTER})", re.IGNORECASE)
