"""The fit of `url_screen`: lists read by tasks into one table of entries, and what the run's report says of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from xxhash import xxh3_128

from pipeline.engine.fitting import FitContext
from pipeline.spark.tasks import run_tasks
from pipeline.stores import storage
from pipeline.url_screen.list_entries import entries_in
from pipeline.url_screen.list_files import ListFile
from pipeline.url_screen.shared_table import KEY, SET
from schemas.columns import URL_CATEGORIES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LISTS = "lists"
"""Small table: all entries, sorted by key."""
_READ = "list_entries"
_SCHEMA: Final = pa.schema([("file", pa.int32()), (KEY, pa.int64()), ("category", pa.string()), ("broken", pa.int64())])


def save_lists(lists: Sequence[ListFile], context: FitContext) -> str:
    """Commit the entries of some files as the small table `lists`, say so in the report, and return its hash."""
    from pyspark.sql import functions as F  # noqa: N812

    read = context.save_rows(_READ, _read_files(context.spark, lists)).frame()
    entries = read.where(F.col(KEY).isNotNull())
    categories = F.concat_ws(",", F.array_sort(F.array_remove(F.collect_set("category"), "")))
    table = context.save_small(LISTS, entries.groupBy(KEY).agg(categories.alias(SET)), decides=False)
    broken = read.where("broken > 0").groupBy("file").agg(F.sum("broken").alias("lines")).collect()
    context.note(
        list_files=len(lists),
        entries=counted(table.frame(SET), SET),
        broken_lines={lists[row.file].path: row.lines for row in sorted(broken, key=lambda row: int(row.file))},
    )
    return _hash_of(context.files(LISTS))


def counted(table: "DataFrame", column: str) -> dict[str, int]:
    """Return how many rows of a table have each of the categories that a column joins by ','."""
    from pyspark.sql import functions as F  # noqa: N812

    rows = table.where(F.col(column) != "").groupBy(column).count().collect()
    counts: dict[str, int] = {}
    for row in rows:
        for name in row[column].split(","):
            counts[name] = counts.get(name, 0) + row["count"]
    return dict(sorted(counts.items()))


def note_pages(measured: "DataFrame", context: FitContext) -> None:
    """Say in the report how many pages meet entries of each category, whether these are dropped or not."""
    context.note(pages=counted(measured, URL_CATEGORIES.name))


def report_screened(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the lists hold, and how many pages meet them."""
    entries, pages = notes["entries"], notes["pages"]
    shown = ", ".join(f"{name} {count:,}" for name, count in entries.items()) or "none"
    yield f"entries of {notes['list_files']:,} list files: {shown}"
    if broken := sum(notes["broken_lines"].values()):
        yield f"{broken:,} lines of {len(notes['broken_lines']):,} of them are no entries and were left out"
    met = ", ".join(f"{name} {count:,}" for name, count in pages.items()) or "no entry"
    yield f"pages that meet entries, dropped or not: {met}"


def _read_files(spark: "SparkSession", files: Sequence[ListFile]) -> "DataFrame":
    """Return the entries of files, each of which one task reads."""

    def read(task: tuple[int, ListFile]) -> Iterator[pa.RecordBatch]:
        yield from _entries(*task)

    return run_tasks(spark, list(enumerate(files)), read, f"file int, {KEY} long, category string, broken long")


def _entries(number: int, file: ListFile) -> Iterator[pa.RecordBatch]:
    from pipeline.kernels.urls.url_keys import entry_keys

    for category, entries_of_file in entries_in(file):
        keys, marks = entry_keys(entries_of_file.entries)
        yield _batch(number, np.unique(keys), category)
        yield _batch(number, np.unique(marks[marks >= 0]), "")
        yield pa.record_batch([[number], [None], [category], [entries_of_file.broken]], schema=_SCHEMA)


def _batch(number: int, keys: np.ndarray[Any, Any], category: str) -> pa.RecordBatch:
    rows = len(keys)
    names = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), pa.array([category])).cast(pa.string())
    columns = [pa.array(np.full(rows, number, np.int32)), pa.array(keys), names, pa.nulls(rows, pa.int64())]
    return pa.record_batch(columns, schema=_SCHEMA)


def _hash_of(files: Sequence[str]) -> str:
    hasher = xxh3_128()
    for file in files:
        with storage.open_for_reading(file) as stream:
            storage.hash_of(stream, lambda: hasher)
    return hasher.hexdigest()
