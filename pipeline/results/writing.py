"""What a run ends in: decisions, what stages publish, and the release; each is written where it is not up to date."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.engine.stage import Stage
from pipeline.engine.tables import FittedTables
from pipeline.errors import DamageError
from pipeline.release.published import sha256_of
from pipeline.release.writing import write_release
from pipeline.results.decisions import write_decisions
from pipeline.results.export import EXPORTS, remove_stale_exports
from pipeline.runs.table import Table
from pipeline.stores import storage

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def write_results(
    session: "Callable[[], SparkSession]", tables: Sequence[Table], stages: Sequence[Stage], say: Callable[[str], None]
) -> dict[str, Any] | None:
    """Write decisions, the release and what stages publish; return the release's manifest where there is one.

    Args:
        session: Gives the SparkSession; not asked where all is up to date.
        tables: The chain.
        stages: Of the plan.
        say: Told which published files were not what had been written, and are made anew.
    """
    run = tables[0].root
    write_decisions(session, run, tables, say)
    by_name = {stage.name: stage for stage in stages}
    for table in tables:
        for name in by_name[table.stage].publishes:
            _publish(table, name)
    remove_stale_exports(storage.join(run, EXPORTS), tables)
    drawn = [table for table in tables if by_name[table.stage].release is not None]
    if not drawn:
        return None
    mixed, release = drawn[-1], by_name[drawn[-1].stage].release
    assert release is not None
    fitted = FittedTables({name: mixed.files(mixed.stage, name) for name in mixed.manifest.tables})
    return write_release(session, tables, release(mixed.manifest.params, fitted), say)


def _publish(table: Table, name: str) -> None:
    """Put the files of a small table where users find them; there are none where the stage left none.

    Raises:
        DamageError: They are not what the stage left.
    """
    target = storage.join(table.root, name)
    storage.remove(target)
    record = table.manifest.tables.get(name)
    for path, sha256 in record.files if record is not None else ():
        source = storage.join(table.root, path)
        if sha256_of(source) != sha256:
            raise DamageError(source)
        storage.link(source, storage.join(target, path.rsplit("/", 1)[-1]))
