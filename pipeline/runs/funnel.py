"""The funnel: how many rows each stage was handed, kept and dropped, and why."""

from collections.abc import Sequence

from pipeline.runs.table import Table

Step = tuple[str, int, int, dict[str, int]]
"""Stage, rows in, rows kept, dropped by reason."""


def records_in(tables: Sequence[Table]) -> int:
    """Return how many records the first stage was handed, as its own count of the files says."""
    return sum(part.report.get("responses", 0) for part in tables[0].parts)


def funnel(tables: Sequence[Table]) -> list[Step]:
    """Return (stage, rows in, rows kept, dropped by reason) of every stage of a chain."""
    rows = records_in(tables)
    steps = []
    for table in tables:
        steps.append((table.stage, rows, table.rows, table.manifest.dropped()))
        rows = table.rows
    return steps
