"""Lists of dirty words in 28 languages, as they are written; `phrases.number_lists` makes them what is looked for."""

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

BUNDLED: Traversable = files(__package__)
ALSO_PLAIN = "also_plain"
"""Folder of the entries, by language, that encyclopedias, textbooks, papers and novels use in earnest, too."""
MOST = 60
"""Lists that can be looked for at once: a bit each."""
Lists = Mapping[str, tuple[str, ...]]


class WordLists(NamedTuple):
    """Lists of dirty words.

    Attributes:
        entries: By language.
        plain: Of these, by language, the entries that have a plain sense as well; the others are explicit.
    """

    entries: Lists
    plain: Lists


def word_lists(folder: Traversable) -> WordLists:
    """Return the lists of a folder, and of its folder `also_plain` where it has one.

    >>> lists = word_lists(BUNDLED)
    >>> "rectum" in lists.plain["en"], set(lists.plain["en"]) < set(lists.entries["en"])
    (True, True)
    """
    plain = folder / ALSO_PLAIN
    return WordLists(read_lists(folder), read_lists(plain) if plain.is_dir() else {})


def read_lists(folder: Traversable) -> dict[str, tuple[str, ...]]:
    """Return the entries of a folder's lists by language: of each `<language>.txt`, one entry a line.

    >>> len(read_lists(BUNDLED)), len(read_lists(BUNDLED)["tlh"])
    (28, 3)
    """
    lists = sorted((file for file in folder.iterdir() if file.name.endswith(".txt")), key=lambda file: file.name)
    texts = {file.name.removesuffix(".txt"): file.read_text(encoding="utf-8") for file in lists}
    return {
        language: tuple(line.strip() for line in text.splitlines() if line.strip()) for language, text in texts.items()
    }
