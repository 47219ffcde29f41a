"""What a stage cost, as a line of the run's ledger."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.cells.table_file import Written
from pipeline.release.published import manifest_of
from pipeline.runs.funnel import records_in
from pipeline.runs.ledger import RESULTS, StageCost
from pipeline.runs.table import Table
from pipeline.spark.meter import Reading
from pipeline.stores import storage


def cost_of_stage(table: Table, reading: Reading, computed: Collection[str], slots: int) -> StageCost:
    """Return what a stage cost.

    Args:
        table: What came of it.
        reading: What its work cost.
        computed: Names of the parts of which anything was computed.
        slots: Tasks that ran at once.
    """
    if len(table.chain) > 1:
        rows_in, rows_computed = table.before.rows, sum(table.before.rows_of(part) for part in computed)
    else:
        rows_in = records_in([table])
        rows_computed = sum(part.report.get("responses", 0) for part in table.parts if part.name in computed)
    stored = sum(int(size) for _, size, _ in table.manifest.files.values())
    return _cost(table, reading, (table.stage, rows_in, stored), (rows_computed, len(computed)), slots)


def cost_of_results(table: Table, release: Mapping[str, Any] | None, reading: Reading, slots: int) -> StageCost:
    """Return what decisions and shards cost.

    Args:
        table: The last one of the chain.
        release: Manifest of the release; None where there is none.
        reading: What the work cost.
        slots: Tasks that ran at once.
    """
    decisions = manifest_of(storage.join(table.root, "decisions")) or {"files": ()}
    stored = sum(int(Written(*file).bytes) for file in decisions["files"])
    stored += sum(int(shard["bytes"]) for shard in release["shards"]) if release is not None else 0
    return _cost(table, reading, (RESULTS, table.rows, stored), (table.rows, len(table.parts)), slots)


def _cost(
    table: Table, reading: Reading, what: tuple[str, int, int], computed: tuple[int, int], slots: int
) -> StageCost:
    name, rows_in, stored = what
    begun = datetime.now(UTC) - timedelta(seconds=reading.wall_seconds)
    return StageCost(
        stage=name,
        key=table.manifest.key,
        started=begun.isoformat(timespec="seconds"),
        wall_seconds=round(reading.wall_seconds, 3),
        python_cpu_seconds=round(reading.python_cpu_seconds, 3),
        jvm_cpu_seconds=round(reading.jvm_cpu_seconds, 3),
        peak_bytes=reading.peak_bytes,
        rows_in=rows_in,
        rows_out=table.rows,
        rows_computed=computed[0],
        parts=len(table.parts),
        parts_computed=computed[1],
        input_bytes=sum(max(part.bytes, 0) for part in table.parts),
        stored_bytes=stored,
        slots=slots,
    )
