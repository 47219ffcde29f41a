"""The map of the repository, a line per module: `python -m tests.map > docs/map.md`."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOP = ("jobs", "pipeline", "classifiers", "schemas")
_WIDTH = 24


def summary(file: Path) -> str:
    """Return the first sentence of a module's docstring."""
    text = ast.get_docstring(ast.parse(file.read_text())) or ""
    return " ".join(text.split("\n\n", 1)[0].split()).removesuffix(".")


def packages() -> Iterator[Path]:
    """Yield every package, parents before children."""
    for top in TOP:
        yield from sorted(init.parent for init in (ROOT / top).rglob("__init__.py"))


def map_lines() -> Iterator[str]:
    """Yield the lines of `docs/map.md`."""
    yield "# Map"
    yield ""
    yield "Every module and what it is for. Made by `python -m tests.map > docs/map.md`; a test compares."
    for package in packages():
        yield ""
        yield f"## {package.relative_to(ROOT)}/"
        yield ""
        yield summary(package / "__init__.py")
        yield ""
        yield "```text"
        for file in sorted(package.glob("*.py")):
            if file.name != "__init__.py":
                yield f"{file.name:<{_WIDTH}}{summary(file)}"
        yield "```"


if __name__ == "__main__":
    print("\n".join(map_lines()))
