"""Elements hold the texts that a browser's do, by html5lib's tests, or there is one of these reasons why not."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import pytest

from tests.conftest import shared
from tests.quality.tree_construction import Outcome, Text, expected_texts, run_all

FLOOR: Final = 0.95
# Tests that disagree with us, by file, and why.
KINDS: Final[Mapping[str, Mapping[str, tuple[int, ...]]]] = {
    "NUL in raw text is left out, where a browser writes a sign for it": {
        "domjs-unsafe.dat": (4, 5, 6, 7, 8, 15, 16, 17),
        "plain-text-unsafe.dat": (10, 11, 15, 16, 17, 18, 21),
    },
    "a noscript is read, up to its end tag, whatever is open in it; a browser reads it in neither way": {
        "noscript01.dat": (10, 17),
        "tests16.dat": (84, 86, 88, 89, 181, 183, 185, 186),
        "tests18.dat": (5,),
        "tests5.dat": (16,),
        "webkit02.dat": (2,),
    },
    "the chosen option of a select is not copied to its button": {"webkit02.dat": (45, 46, 47, 48)},
    "HTML in an svg is not read as such, but for where the svg ends": {
        "namespace-sensitivity.dat": (1,),
        "tests18.dat": (23,),
        "webkit02.dat": (20,),
    },
    "plaintext is raw, and no link is opened again in it": {"tests19.dat": (102,)},
}


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return run_all(shared("conformance/html5lib/tree-construction"))


def test_most_tests_agree_in_full(outcomes: list[Outcome]) -> None:
    assert len(outcomes) > 900
    assert sum(one.agrees_in_full for one in outcomes) / len(outcomes) >= FLOOR


def test_those_that_do_not_are_known(outcomes: list[Outcome]) -> None:
    result = {(one.case.file, one.case.number) for one in outcomes if not one.agrees_in_full}
    known = Counter((file, number) for files in KINDS.values() for file, numbers in files.items() for number in numbers)
    assert result == set(known)
    assert max(known.values()) == 1


def test_what_agrees_in_full_agrees_without_formatting(outcomes: list[Outcome]) -> None:
    assert all(one.agrees for one in outcomes if one.agrees_in_full)


def test_a_tree_is_read_as_texts_in_their_chains() -> None:
    tree = """| <!DOCTYPE html>
| <html>
|   <head>
|   <body>
|     <p>
|       class="a"
|       "one
two"
|       <!-- c -->
|       " three"
|       <b>
|         "four"
|     " "
|     <svg svg>
|       <svg title>
|         "five"
"""
    assert expected_texts(tree) == (
        Text(("p",), "one two three"),
        Text(("p", "b"), "four"),
        Text(("svg",), "five"),
    )
