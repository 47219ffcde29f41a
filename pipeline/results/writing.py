"""What a run ends in: decisions, what stages publish, and the release; each is written where it is not up to date."""

from collections.abc import Sequence
from typing import Any

from pipeline.engine.stage import Stage
from pipeline.engine.tables import FittedTables
from pipeline.results.decisions import chain_digest, write_decisions
from pipeline.results.export import EXPORTS, remove_stale_exports
from pipeline.results.release import write_release
from pipeline.runs.table import Table
from pipeline.spark.session import start_session
from pipeline.spark.tasks import label
from pipeline.stores import storage


def write_results(tables: Sequence[Table], stages: Sequence[Stage]) -> dict[str, Any] | None:
    """Write decisions, the release and what stages publish; return the release's manifest where there is one."""
    run, last = tables[0].root, tables[-1]
    written = storage.read_json(storage.join(run, "decisions", "_manifest.json"))
    if written is None or written["chain"] != chain_digest(tables):
        spark = start_session()
        label(spark, "decisions")
        write_decisions(spark, run, tables)
    by_name = {stage.name: stage for stage in stages}
    for table in tables:
        for name in by_name[table.stage].publishes:
            _publish(table, name)
    remove_stale_exports(storage.join(run, EXPORTS), tables)
    draw = by_name[last.stage].release
    if draw is None:
        return None
    fitted = FittedTables({name: last.files(last.stage, name) for name in last.manifest.tables})
    return write_release(start_session, last, draw(last.manifest.params, fitted))


def _publish(table: Table, name: str) -> None:
    """Put the files of a small table where users find them; there are none where the stage left none."""
    target = storage.join(table.root, name)
    storage.remove(target)
    for path in table.files(table.stage, name):
        storage.link(path, storage.join(target, path.rsplit("/", 1)[-1]))
