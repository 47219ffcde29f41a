"""Prints what the cards of the models that ship say was measured: `python -m tests.benchmarks.cards`.

Each line is a model, a label and a measure, as `python -m classifiers.evaluate` and training wrote them into the card.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MODELS = Path(__file__).resolve().parents[2] / "classifiers" / "models"
_JSON = re.compile(r"^```(?:json)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def numbers(values: dict[str, Any], path: str) -> Iterator[tuple[str, float]]:
    """Yield each number of nested measures with its path."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from numbers(value, f"{path}.{name}")
        elif isinstance(value, int | float):
            yield f"{path}.{name}", value


def main() -> None:
    """Print a line a measure."""
    print("| measure | value |\n|---|---:|")
    for card in sorted(MODELS.glob("*/card.md")):
        blocks = _JSON.findall(card.read_text(encoding="utf-8"))
        for path, value in numbers(json.loads(blocks[0]), card.parent.name) if blocks else ():
            print(f"| {path} | {value:g} |")


if __name__ == "__main__":
    main()
