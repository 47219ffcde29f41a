"""Lists of dirty words in 28 languages, as they are written; `phrases.number_lists` makes them what is looked for."""

from pathlib import Path

BUNDLED = Path(__file__).parent
MOST = 60
"""Lists that can be looked for at once: a bit each."""


def read_lists(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the entries of a folder's lists by language: of each `<language>.txt`, one entry a line.

    >>> len(read_lists(BUNDLED)), len(read_lists(BUNDLED)["tlh"])
    (28, 3)
    """
    files = sorted(folder.glob("*.txt"))
    texts = {file.stem: file.read_text(encoding="utf-8") for file in files}
    return {
        language: tuple(line.strip() for line in text.splitlines() if line.strip()) for language, text in texts.items()
    }
