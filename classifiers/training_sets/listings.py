"""Source files as viewers on the web show them, once their markup is gone; and what is no code and looks like it."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from classifiers.training.errors import ExamplesError

_LONGEST, _LONGEST_LINE, _FEWEST_LINES = 6_000, 400, 8
_LEVELS: Final = ("INFO", "WARN", "ERROR", "DEBUG", "[notice]", "kernel:")
_NAMES: Final = ("north", "south", "Ada", "Grace", "total", "item", "Q1", "Q2", "team", "price", "km", "score")
_EVENTS: Final = ("connection from", "started", "timeout after", "GET /index.html 200", "failed to open", "retrying")


def _plain(lines: Sequence[str], _: random.Random) -> str:
    return "\n".join(lines)


def _numbered(lines: Sequence[str], chance: random.Random) -> str:
    first, gap = chance.choice((1, 1, 1, chance.randrange(2, 900))), chance.choice((" ", "\t", "  ", ": ", " | "))
    return "\n".join(f"{first + number}{gap}{line}" for number, line in enumerate(lines))


def _numbers_first(lines: Sequence[str], _: random.Random) -> str:
    return "\n".join([*map(str, range(1, len(lines) + 1)), *lines])


def _alternating(lines: Sequence[str], _: random.Random) -> str:
    return "\n".join(f"{number}\n{line}" for number, line in enumerate(lines, 1))


def _unindented(lines: Sequence[str], _: random.Random) -> str:
    return "\n".join(line.strip() for line in lines if line.strip())


def _in_a_browser(lines: Sequence[str], chance: random.Random) -> str:
    size = f"{len(lines)} lines ({len(lines) * 4 // 5} sloc) {chance.randrange(1, 90)}.{chance.randrange(10)} KB"
    head = chance.choice(
        (f"Raw Blame History\n{size}", f"Edit Open in Web IDE\n{size}", f"Code Issues Pull requests\n{size}")
    )
    return f"{head}\n" + "\n".join(lines)


def _as_a_diff(lines: Sequence[str], chance: random.Random) -> str:
    marks = [chance.choice(("+", "-", " ", " ", " ")) for _ in lines]
    return f"@@ -{len(lines)},7 +{len(lines)},9 @@\n" + "\n".join(
        m + line for m, line in zip(marks, lines, strict=True)
    )


def _blamed(lines: Sequence[str], chance: random.Random) -> str:
    revision = f"{chance.randrange(16**7):07x}"
    return "\n".join(f"{revision} {line}" for line in lines)


def _on_one_line(lines: Sequence[str], _: random.Random) -> str:
    return " ".join(line.strip() for line in lines[:40])


def _in_cells(lines: Sequence[str], _: random.Random) -> str:
    return "\n".join(f"{number}\t\t{line}" for number, line in enumerate(lines, 1))


VIEWS: Final[tuple[Callable[[Sequence[str], random.Random], str], ...]] = (
    _plain, _numbered, _numbers_first, _alternating, _unindented, _in_a_browser, _as_a_diff, _blamed, _on_one_line,
    _in_cells,
)  # fmt: skip


def listings(folders: Sequence[Path], most: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield the file and the text of source listings: a part of each file, as one of ten viewers shows it.

    Args:
        folders: Hold source files, of any languages; what is no UTF-8 is left out.
        most: Listings.
        seed: Another one takes other files.
    """
    chance = random.Random(seed)  # noqa: S311  (nothing secret)
    files = [(str(path), lines) for path in sorted(_files(folders)) if len(lines := _lines_of(path)) >= _FEWEST_LINES]
    if not files:
        raise ExamplesError(f"{', '.join(map(str, folders))}: no source files of {_FEWEST_LINES} lines")
    for _ in range(most):
        path, lines = chance.choice(files)
        first = chance.randrange(len(lines) - _FEWEST_LINES + 1)
        shown = lines[first : first + chance.randrange(_FEWEST_LINES, 150)]
        yield path, chance.choice(VIEWS)(shown, chance)[:_LONGEST]


def _files(folders: Sequence[Path]) -> Iterator[Path]:
    return (path for folder in folders for path in folder.rglob("*") if path.is_file())


def _lines_of(path: Path) -> list[str]:
    """Return the lines of a file, but for very long ones; none of what is no UTF-8."""
    try:
        return [line for line in path.read_text(encoding="utf-8").split("\n") if len(line) <= _LONGEST_LINE]
    except UnicodeDecodeError:
        return []


def no_code(most: int, seed: int) -> Iterator[str]:
    """Yield texts that are no code: lines of logs, tables of figures, lists of links, noise of bytes; made up."""
    chance = random.Random(seed)  # noqa: S311  (nothing secret)
    kinds = (_log, _table, _links, _noise, _figures)
    for number in range(most):
        yield kinds[number % len(kinds)](chance)


def _log(chance: random.Random) -> str:
    day = f"2026-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
    return "\n".join(
        f"{day} {chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02} {chance.choice(_LEVELS)}"
        f" {chance.choice(_EVENTS)} 10.0.{chance.randrange(256)}.{chance.randrange(256)}"
        for _ in range(chance.randrange(10, 60))
    )


def _table(chance: random.Random) -> str:
    columns = chance.randrange(3, 9)
    rows = [chance.sample(_NAMES, columns)]
    rows += [[chance.choice((f"{chance.random() * 1000:.2f}", str(chance.randrange(5000)), chance.choice(_NAMES)))
              for _ in range(columns)] for _ in range(chance.randrange(5, 60))]  # fmt: skip
    return "\n".join(chance.choice(("\t", "\t", " | ")).join(row) for row in rows)


def _links(chance: random.Random) -> str:
    return "\n".join(
        f"{chance.choice(_NAMES).title()} {chance.choice(_NAMES)} ({chance.randrange(400)})" for _ in range(40)
    )


def _noise(chance: random.Random) -> str:
    return bytes(chance.randrange(256) for _ in range(chance.randrange(300, 3000))).decode("latin-1")


def _figures(chance: random.Random) -> str:
    return json.dumps([round(chance.random() * 100, 1) for _ in range(200)])[1:-1].replace(
        ",", chance.choice(("", ";"))
    )
