"""Thinning: a part whose rows are a subset of an earlier version's is made from that, not measured again.

An added WARC takes rows away from the others (an older capture loses its place) but gives them none; where every row
is decided by itself, what stays is what it was.
"""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pipeline import storage
from pipeline.manifest import UNITS
from pipeline.parts import KEPT, Part, PartRecord, PartWriter, read_part
from pipeline.stage import arrow_schema
from schemas.columns import DROP, WARC_OFFSET

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from pipeline.partwise import PartwiseJob, Wanted


def thin_parts(
    spark: "SparkSession", job: "PartwiseJob", wanted: Sequence["Wanted"], earlier: Sequence[str]
) -> list[PartRecord]:
    """Write the parts that an earlier version holds with more rows.

    Args:
        spark: The session.
        job: What is to be written.
        wanted: Parts that are not up to date.
        earlier: Version directories, the latest first.

    Returns:
        Records of the parts that could be made this way.
    """
    from pipeline.partwise import record_of  # noqa: PLC0415  (partwise calls this module)

    found = []
    for one in wanted:
        if not one.may_thin:
            continue
        last = list(one.origins)[-1]
        for directory in earlier:
            old = record_of(directory, one.part)
            if old is not None and old.origins.get(last) == one.origins[last]:
                found.append((one.part, one.record, directory, old))
                break
    if not found:
        return []
    root, places, schema = job.root, job.places, arrow_schema(job.writes)

    def thin(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                part, record, directory, old = found[number]
                writer = PartWriter(root, record, places, schema)
                if _thin(part, directory, old, writer):
                    line = json.dumps(writer.close(UNITS).to_json())
                    yield pa.record_batch([pa.array([line])], names=["line"])

    rows = spark.range(0, len(found), 1, len(found)).mapInArrow(thin, "line string").collect()
    return [PartRecord(**json.loads(row.line)) for row in rows]


def _thin(part: Part, directory: str, old: PartRecord, writer: PartWriter) -> bool:
    """Write an earlier part's rows that are still in the input; refuse where the input has others."""
    wanted = _offsets(part.files)
    files = {file["fate"]: storage.join(directory, file["path"]) for file in old.files}
    if not np.isin(wanted, _offsets(tuple(files.values()))).all():
        return False
    for fate, path in sorted(files.items()):
        known = fate if fate in writer.places else KEPT
        for batch in _read_all(path):
            rows = batch.filter(pa.array(np.isin(batch.column(WARC_OFFSET.name).to_numpy(), wanted)))
            if known == KEPT and DROP.name in rows.schema.names:
                drop = rows.schema.get_field_index(DROP.name)
                rows = rows.set_column(drop, DROP.name, pa.nulls(rows.num_rows, DROP.type))
            writer.write(pa.Table.from_batches([rows]))
    return True


def _offsets(files: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    part = Part("", "", "", 0, "", files=files)
    found = [batch.column(0).to_numpy() for batch in read_part(part, [WARC_OFFSET.name])]
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _read_all(path: str) -> Iterator[pa.RecordBatch]:
    import pyarrow.parquet as pq  # noqa: PLC0415

    with storage.open_for_reading(path) as stream:
        yield from pq.ParquetFile(stream).iter_batches(batch_size=1024)
