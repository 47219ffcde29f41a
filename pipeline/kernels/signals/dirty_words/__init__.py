"""Lists of dirty words in 28 languages, as they are written; `phrases.number_lists` makes them what is looked for."""

from importlib.resources import files
from importlib.resources.abc import Traversable

BUNDLED: Traversable = files(__package__)
MOST = 60
"""Lists that can be looked for at once: a bit each."""


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
