"""Side tables: what a stage learnt of the whole corpus, committed beside its table and read by workers as files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.engine.quarantine import NO_QUARANTINE, Quarantine
from pipeline.errors import ManifestError
from pipeline.kernels.urls.addresses import row_key
from pipeline.runs import storage
from pipeline.runs.parts import Part


class PartFiles(NamedTuple):
    """The files of one part in a side table that was measured part by part.

    Attributes:
        name: Name of the part.
        part_id: By which rows know the part.
        files: In order.
    """

    name: str
    part_id: int
    files: tuple[str, ...]


def part_files(directory: str, records: Sequence[Mapping[str, Any]]) -> list[PartFiles]:
    """Return the files of every part of a measured side table, in order of the parts' names.

    Args:
        directory: Of the side table.
        records: The parts, as its manifest has them.
    """
    return [
        PartFiles(
            record["part"],
            row_key(record["source"]),
            tuple(storage.join(directory, file["path"]) for file in record["files"]),
        )
        for record in sorted(records, key=lambda record: str(record["part"]))
    ]


def part_id_of(part: Part) -> int:
    """Return by which number rows know their part: Spark's `xxhash64` of `warc_file`."""
    return row_key(part.source)


def bucket_name(number: int) -> str:
    """Return the name of a bucket's file without its ending.

    >>> bucket_name(3)
    'bucket-00003'
    """
    return f"bucket-{number:05d}"


@dataclass(frozen=True)
class SideReader:
    """Reads a version's side tables; small enough to travel with every task.

    Attributes:
        directory: The version's `_side` directory.
        whole: side table → its files, for tables that are read whole.
        quarantine: Pages that the stage is not to read again.
    """

    directory: str
    whole: Mapping[str, tuple[str, ...]]
    quarantine: Quarantine = NO_QUARANTINE

    def table(self, name: str) -> pa.Table:
        """Return a whole side table; a worker reads it once.

        Raises:
            ManifestError: There is no such side table.
        """
        return _read_whole(self.files(name))

    def files(self, name: str) -> tuple[str, ...]:
        """Return the files of a whole side table, in order.

        Raises:
            ManifestError: There is no such side table.
        """
        if name not in self.whole:
            raise ManifestError(f"no side table '{name}' in {self.directory}; there are: {', '.join(self.whole)}")
        return tuple(storage.join(self.directory, name, file) for file in self.whole[name])

    def slice(self, name: str, part: Part) -> pa.Table | None:
        """Return a by-part side table's rows for one part, None where it has none."""
        path = storage.join(self.directory, name, f"{part.name}.parquet")
        try:
            with storage.open_for_reading(path) as stream:
                return pq.read_table(stream)
        except FileNotFoundError:
            return None


@lru_cache(maxsize=8)
def _read_whole(paths: tuple[str, ...]) -> pa.Table:
    tables = []
    for path in paths:
        with storage.open_for_reading(path) as stream:
            tables.append(pq.read_table(stream))
    return pa.concat_tables(tables)


NO_SIDES = SideReader("", {})
