"""What a stage cost, as a line of the run's ledger."""

from datetime import UTC, datetime, timedelta

from pipeline.runs.funnel import records_in
from pipeline.runs.ledger import RESULTS, StageCost
from pipeline.runs.table import Table
from pipeline.spark.meter import Reading


def cost_of(table: Table, reading: Reading, name: str, computed: int, slots: int) -> StageCost:
    """Return what a stage cost.

    Args:
        table: What came of it.
        reading: What its work cost.
        name: Of the stage, or `RESULTS`.
        computed: Parts of which anything was computed.
        slots: Tasks that ran at once.
    """
    begun = datetime.now(UTC) - timedelta(seconds=reading.wall_seconds)
    return StageCost(
        stage=name,
        key=table.manifest.key,
        started=begun.isoformat(timespec="seconds"),
        wall_seconds=round(reading.wall_seconds, 3),
        python_cpu_seconds=round(reading.python_cpu_seconds, 3),
        jvm_cpu_seconds=round(reading.jvm_cpu_seconds, 3),
        peak_bytes=reading.peak_bytes,
        rows_in=_rows_in(table, name),
        rows_out=table.rows,
        parts=len(table.parts),
        parts_computed=computed,
        input_bytes=sum(max(part.bytes, 0) for part in table.parts),
        stored_bytes=sum(int(size) for _, size, _ in table.manifest.files.values()),
        slots=slots,
    )


def _rows_in(table: Table, name: str) -> int:
    if name == RESULTS:
        return table.rows
    return table.before.rows if len(table.chain) > 1 else records_in([table])
