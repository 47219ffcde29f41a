"""The registry of hostile kinds, and the shapes that most of them have."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Any, NamedTuple, TypeVar

Make = TypeVar("Make", bound=Callable[[int, Random], Any])

SIZE = (4 << 20) - 1
"""Bytes of a record: just under the default of `ingest.max_body_bytes`."""


class Kind(NamedTuple):
    """A kind of hostile record.

    Attributes:
        make: From a size in bytes and a random generator to a record.
        is_small: Whether a few bytes are the whole attack, as those of a bomb.
    """

    make: Callable[[int, Random], Any]
    is_small: bool = False


KINDS: dict[str, dict[str, Kind]] = {}
"""Sort of record → name → kind."""


def register(sort: str, *, is_small: bool = False) -> Callable[[Make], Make]:
    """Return a decorator that takes a function in as a kind of its name."""

    def take(make: Make) -> Make:
        kinds, name = KINDS.setdefault(sort, {}), make.__name__.strip("_").replace("_", " ")
        assert name not in kinds, f"there are two kinds '{name}' of {sort}"
        kinds[name] = Kind(make, is_small)
        return make

    return take


response = register("response")
"""A WARC file of one response, as bytes."""
bomb = register("response", is_small=True)
"""The same, of few bytes that stand for many."""
address = register("address")
"""A URL that a table brings."""
page = register("page")
"""The body of an HTML response: a text, which is sent as UTF-8, or bytes, whose charset no header tells."""
personal = register("personal")
"""A text that is searched for personal data, as one of `text`."""
text = register("text")
"""A text that is measured: a string, or a `Text`."""


class Text(NamedTuple):
    """A text with what other stages know of it.

    Attributes:
        text: The text.
        spans: Start, end and kind of its spans.
        language: Its language.
        host: Where it was found.
    """

    text: str
    spans: Sequence[tuple[int, int, str]] = ()
    language: str = "en"
    host: str = "mill.example"


def record_of(sort: str, name: str, size: int = SIZE) -> Any:
    """Return a record of a kind: the same one whenever it is asked for."""
    return KINDS[sort][name].make(size, Random(f"{sort} {name}"))


def size_of(record: Any) -> int:
    """Return the bytes of a record's text or body."""
    content = record.text if isinstance(record, Text) else record
    return len(content if isinstance(content, bytes) else content.encode())


def repeated(piece: str, size: int, before: str = "", after: str = "") -> str:
    """Return a piece as often as it fits, between two others."""
    room = size - len(before.encode()) - len(after.encode())
    return before + piece * (room // len(piece.encode())) + after


def enclosed(opening: str, closing: str, size: int, within: str = "x") -> str:
    """Return something in as many pairs as fit."""
    count = (size - len(within.encode())) // len((opening + closing).encode())
    return opening * count + within + closing * count


def numbered(template: str, size: int, before: str = "", after: str = "") -> str:
    """Return a template filled with 0, 1, 2 and so on."""
    return gathered(map(template.format, itertools.count()), size, before, after)


def gathered(pieces: Iterable[str], size: int, before: str = "", after: str = "") -> str:
    """Return pieces one behind the other, while they fit."""
    room = size - len(before.encode()) - len(after.encode())
    return before + "".join(_that_fit(pieces, room)) + after


def _that_fit(pieces: Iterable[str], room: int) -> Iterator[str]:
    for piece in pieces:
        room -= len(piece) if piece.isascii() else len(piece.encode())
        if room < 0:
            return
        yield piece


def drawn(choices: Sequence[str], random: Random, size: int, before: str = "", after: str = "") -> str:
    """Return pieces that are drawn from some."""
    mean = len("".join(choices).encode()) / len(choices)
    return gathered(random.choices(choices, k=int(1.1 * size / mean) + 1000), size, before, after)


def cut(long: str, size: int) -> str:
    """Return as many bytes of a text as are whole characters."""
    return long.encode()[:size].decode("utf-8", "ignore")
