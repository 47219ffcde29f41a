"""Items put into pages, as copies of benchmarks stand in them: for tests and for the benchmark of decontamination."""

import random
import textwrap
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

Random = random.Random
TWO_WORDS = "two words replaced"


class Injection(NamedTuple):
    """How an item gets into a page.

    Attributes:
        change: What becomes of the item; it may replace words by those that it is given.
        place: Puts it into a page.
    """

    change: Callable[[str, Sequence[str], Random], str]
    place: Callable[[str, str], str]


def _as_it_is(item: str, _: Sequence[str], __: Random) -> str:
    return item


def _wrapped(item: str, _: Sequence[str], __: Random) -> str:
    return textwrap.fill(item, 60)


def _other_signs(item: str, _: Sequence[str], chance: Random) -> str:
    signs = ("", " ", ";", "!")
    return "".join(sign if sign.isalnum() or sign.isspace() else chance.choice(signs) for sign in item).upper()


def _two_replaced(item: str, words: Sequence[str], chance: Random) -> str:
    parts = item.split()
    for at in chance.sample(range(len(parts)), 2):
        parts[at] = chance.choice(words)
    return " ".join(parts)


def _between(item: str, page: str) -> str:
    head, _, tail = page.partition("\n")
    return f"{head}\n\n{item}\n\n{tail}"


def _before(item: str, page: str) -> str:
    return f"{item}\n\n{page}"


def _behind(item: str, page: str) -> str:
    return f"{page}\n\n{item}"


def _in_a_line(item: str, page: str) -> str:
    line = " ".join(page.split())
    middle = line.find(" ", len(line) // 2)
    return f"{line[:middle]} {' '.join(item.split())} {line[middle + 1 :]}"


INJECTIONS: Mapping[str, Injection] = MappingProxyType(
    {
        "verbatim": Injection(_as_it_is, _between),
        "at the beginning": Injection(_as_it_is, _before),
        "at the end": Injection(_as_it_is, _behind),
        "inside a longer line": Injection(_as_it_is, _in_a_line),
        "wrapped at 60 characters": Injection(_wrapped, _between),
        "case and punctuation changed": Injection(_other_signs, _between),
        TWO_WORDS: Injection(_two_replaced, _between),
    }
)
