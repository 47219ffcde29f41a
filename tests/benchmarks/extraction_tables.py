"""The figures of `tests.benchmarks.extraction` as Markdown tables."""

from collections.abc import Iterable, Sequence
from typing import Any

Rows = dict[str, dict[str, dict[str, float]]]
"""Reader → row → measure → mean."""


def tables(found: dict[str, Any], ours: str) -> list[str]:
    """Return all tables.

    Args:
        found: What `tests.benchmarks.extraction.measure` returns.
        ours: Whose page types and confidence it tells of.
    """
    lines = [f"{found['pages']:,} pages, {found['megabytes']:.1f} MB; load before {found['load_before']:.2f}"]
    sets, kinds = found["sets"], found["page_types"]
    for title, rows, measures in (
        ("F1 by set", sets, ["F1"]),
        ("Snippets of the main content that are there, and of the rest that are not", sets, ["with", "without"]),
        ("Code blocks and formulas that are there, lines that look like markdown", sets, ["code", "math", "md"]),
        ("F1 by type of page", kinds, ["F1"]),
    ):
        lines += ["", f"{title}:", "", *measure_table(rows, measures)]
    lines += ["", "Speed, one core, CPU time from bytes to text:", "", *speed_table(found["speed"])]
    lines += ["", *confusion_table(found["confusion"])]
    return [*lines, "", f"Confidence of {ours} in fifths of the pages:", "", *reliability_table(found["reliability"])]


def measure_table(found: Rows, measures: Sequence[str]) -> list[str]:
    """Return a row for each set that has one of the measures, with a column for each measure of each reader."""
    names = list(found)
    of_first = found[names[0]]
    columns = [(measure, name) for measure in measures for name in names]
    titles = [name if len(measures) == 1 else f"{measure}: {name}" for measure, name in columns]
    lines = _head(["", "pages", *titles])
    for row, values in of_first.items():
        if any(measure in values for measure in measures):
            shown = [_number(found[name][row].get(measure)) for measure, name in columns]
            lines.append(_line([row, f"{values['pages']:,.0f}", *shown]))
    return lines


def speed_table(found: dict[str, dict[str, float]]) -> list[str]:
    """Return a row for each reader."""
    lines = _head(["reader", "pages/s/core", "p50 ms", "p99 ms", "max ms"])
    for name, of in found.items():
        values = [f"{of['pages_per_second']:.1f}", f"{of['p50_ms']:.1f}", f"{of['p99_ms']:.1f}", f"{of['max_ms']:.0f}"]
        lines.append(_line([name, *values]))
    return lines


def confusion_table(found: dict[str, dict[str, int]]) -> list[str]:
    """Return how often the type of a page is right, and a row for each true type."""
    pages = sum(sum(row.values()) for row in found.values())
    right = sum(row[true] for true, row in found.items())
    share = f"{right / pages:.3f}" if pages else "–"
    kinds = [kind for kind in next(iter(found.values())) if kind in found or any(row[kind] for row in found.values())]
    lines = [f"Types of pages: {share} of {pages:,} right; a row is the true type, a column what was found:", ""]
    lines += _head(["", *kinds, "right"])
    for true, row in found.items():
        if size := sum(row.values()):
            lines.append(_line([true, *(str(row[kind]) for kind in kinds), f"{row[true] / size:.3f}"]))
    return lines


def reliability_table(found: Sequence[dict[str, float]]) -> list[str]:
    """Return a row for each bin."""
    lines = _head(["confidence", "pages", "mean confidence", "mean F1"])
    for part in found:
        edges = f"{part['from']:.3f} to {part['to']:.3f}"
        lines.append(_line([edges, f"{part['pages']:,.0f}", _number(part["confidence"]), _number(part["F1"])]))
    return lines


def _head(titles: Sequence[str]) -> list[str]:
    return [_line(titles), "|---|" + "---:|" * (len(titles) - 1)]


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
