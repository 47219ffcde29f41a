"""Pages and the files of their sites brought together: each site's files are parsed once, as its pages stream by.

Neither the driver nor a worker holds the files of more than one site.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.cells.part_batches import PART
from pipeline.cells.part_cells import PartCells
from pipeline.cells.pieces import ROW
from pipeline.opt_out.files import ROBOTS, TDM, GivenFile, packed, site_files, unpacked
from pipeline.rows.exchange import from_parts
from pipeline.rows.row_ids import MeasuredPart, MeasuredParts
from pipeline.spark.meter import map_batches
from pipeline.spark.tasks import share, shuffle_partitions
from schemas.columns import SOURCE_URL, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from pipeline.kernels.opt_out.robots_txt import Robots

FORBIDDEN = Column("__forbidden", pa.string(), "what robots.txt says against the address, and to whom", None)
RESERVED = Column("__reserved", pa.bool_(), "whether tdmrep.json reserves the address", None)
JUDGED = f"{PART.name} int, {ROW} long, {FORBIDDEN.name} string, {RESERVED.name} boolean"
"""Of a part's rows those that a site's file opts out: what robots.txt says, and what tdmrep.json says."""
_ROWS = "site string, kind int, age long, part int, row long, content binary"
_NAMES = [piece.split()[0] for piece in _ROWS.split(",")]
_TYPES = (pa.string(), pa.int32(), pa.int64(), pa.int32(), pa.int64(), pa.binary())
_PAGE = 2
"""The kind of a page: it comes after the files of its site."""
_TASK_FILES = 2000
_BATCH_ROWS = 1000
_BATCH_BYTES = 8 << 20


class CrawlerPolicy(NamedTuple):
    """What is asked of robots files.

    Attributes:
        agents: For whom.
        all_of_them: Whether a page is out only where it is forbidden to all of them.
    """

    agents: tuple[str, ...]
    all_of_them: bool


def judge_pages(
    spark: "SparkSession", files: Sequence[GivenFile], parts: Sequence[PartCells], policy: CrawlerPolicy
) -> "DataFrame":
    """Return `JUDGED`: one row for each page that a file of its site opts out.

    Args:
        spark: The session.
        files: Files of robots, and of text and data mining.
        parts: The pages, read for their addresses.
        policy: What is asked of robots files.
    """
    rows = _given(spark, files).unionByName(_pages(spark, parts))

    def judge(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from judged(batches, policy)

    tasks = shuffle_partitions(spark)
    met = rows.repartition(tasks, "site").sortWithinPartitions("site", "kind", "age", "content")
    return map_batches(met, judge, JUDGED)


def _given(spark: "SparkSession", files: Sequence[GivenFile]) -> "DataFrame":
    """Return the files of sites as rows; a WARC file is a task of its own, small files go together."""
    large = [[file] for file in files if file.site is None]
    small = [file for file in files if file.site is not None]
    tasks = large + [small[first : first + _TASK_FILES] for first in range(0, len(small), _TASK_FILES)]
    shared = share(spark, tasks)

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for task in batch.column(0).to_pylist():
                rows = (
                    (site_file.site, file.kind, -site_file.time, None, None, packed(site_file.content))
                    for file in shared.value[task]
                    for site_file in site_files(file)
                )
                yield from _batches(rows)

    return map_batches(spark.range(0, len(tasks), 1, max(1, len(tasks))), read, _ROWS)


def _batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[pa.RecordBatch]:
    pending: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        pending.append(row)
        size += len(row[-1])
        if len(pending) >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield _batch(zip(*pending, strict=True))
            pending, size = [], 0
    if pending:
        yield _batch(zip(*pending, strict=True))


def _batch(columns: Any) -> pa.RecordBatch:
    arrays = [pa.array(column, kind) for column, kind in zip(columns, _TYPES, strict=True)]
    return pa.record_batch(arrays, names=_NAMES)


def _pages(spark: "SparkSession", parts: Sequence[PartCells]) -> "DataFrame":
    """Return the pages that have a site as rows, read from the columns of their parts."""
    tables = MeasuredParts(tuple(MeasuredPart(cells, (SOURCE_URL,)) for cells in parts))

    def read(numbers: Sequence[int], parts: MeasuredParts) -> Iterator[pa.RecordBatch]:
        for number in numbers:
            yield from pages_of(number, parts)

    def pages_of(number: int, parts: MeasuredParts) -> Iterator[pa.RecordBatch]:
        from pipeline.kernels.opt_out.sites import site_of

        for rows_of_batch, batch in parts.batches(number, [SOURCE_URL.name]):
            urls = batch.column(0)
            sites = pa.array([site_of(url or "") for url in urls.to_pylist()], pa.string())
            there = sites.is_valid()
            count = int(np.count_nonzero(there.to_numpy(zero_copy_only=False)))
            rows = pa.array(rows_of_batch).filter(there)
            same = [np.full(count, value) for value in (_PAGE, 0, number)]
            yield _batch([sites.filter(there), *same, rows, urls.cast(pa.binary()).filter(there)])

    return from_parts(spark, share(spark, tables), range(len(parts)), read, _ROWS)


def judged(batches: Iterator[pa.RecordBatch], policy: CrawlerPolicy) -> Iterator[pa.RecordBatch]:
    """Yield `JUDGED` for rows of whole sites, in which the files of each come first, the newest of them ahead."""
    from pipeline.kernels.opt_out.robots_txt import Robots, robots_text
    from pipeline.kernels.opt_out.tdm_file import TdmFile

    tables = ([column.to_pylist() for column in batch.columns] for batch in batches)
    lines = itertools.chain.from_iterable(zip(*table, strict=True) for table in tables)
    results: list[tuple[int, int, str | None, bool]] = []
    for _, rows in itertools.groupby(lines, key=lambda line: line[0]):
        robots: Robots | None = None
        mining: TdmFile | None = None
        for _, kind, _, part, row, content in rows:
            if kind == ROBOTS:
                robots = robots or Robots(robots_text(unpacked(content)), policy.agents)
            elif kind == TDM:
                mining = mining or TdmFile(unpacked(content))
            elif robots is None and mining is None:
                continue
            else:
                url = content.decode()
                says = _against(robots, url, policy) if robots is not None else None
                reserves = mining is not None and mining.reserves(url)
                if says is not None or reserves:
                    results.append((part, row, says, reserves))
                if len(results) >= _BATCH_ROWS:
                    yield _judged_batch(results)
                    results = []
    if results:
        yield _judged_batch(results)


def _against(robots: "Robots", url: str, policy: CrawlerPolicy) -> str | None:
    """Return what a site's robots.txt says against an address, None where that does not opt it out.

    Agents to which it is forbidden come first, then the preferences by which training is refused.
    """
    forbidden = robots.forbidden(url)
    refused = robots.refused(url)
    agents = {*forbidden, *refused}
    out = len(agents) == len(policy.agents) if policy.all_of_them else bool(agents)
    said = [", ".join(forbidden), *dict.fromkeys(refused.values())]
    return "; ".join(filter(None, said)) if out and agents else None


def _judged_batch(rows: Sequence[tuple[int, int, str | None, bool]]) -> pa.RecordBatch:
    names = [piece.split()[0] for piece in JUDGED.split(",")]
    kinds = (pa.int32(), pa.int64(), pa.string(), pa.bool_())
    arrays = [pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), kinds, strict=True)]
    return pa.record_batch(arrays, names=names)
