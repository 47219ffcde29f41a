"""Scores that were made elsewhere, joined to documents by doc_id, record_id or URL: keys travel, texts do not.

URLs of a table are brought into the canonical form that the column `url` has (`canonical_url`), and must be equal then.
A key without a score has none; a key with two different ones that a document has is an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from classifiers.model_folder import ModelError
from classifiers.score_table import ScoreTable, score_table
from pipeline.cells.part_batches import PART
from pipeline.cells.parts import digest
from pipeline.cells.pieces import ROW
from pipeline.engine.fitting import FitContext
from pipeline.errors import ConfigError, InputError
from pipeline.inputs.files import expand, part_of
from pipeline.spark.tasks import run_tasks, slots
from pipeline.stores import storage
from schemas.columns import URL, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ROWS: Final = 1 << 16
"""Rows of a table that are read at once."""
_SCORES: Final = "key string, score float"


def tables_among(parameter: str, models: Sequence[str]) -> dict[str, ScoreTable]:
    """Return those of some models that are tables of scores, by name.

    Raises:
        ConfigError: A table's description is not there, or wrong.
    """
    try:
        tables = {model: score_table(model) for model in models}
    except ModelError as error:
        raise ConfigError(f"{parameter}: {error}") from error
    return {model: table for model, table in tables.items() if table is not None}


def tables_digest(parameter: str, tables: Mapping[str, ScoreTable]) -> str | None:
    """Return a hash of what tables of scores are and hold, wherever they lie; None of no tables.

    Raises:
        ConfigError: A table is not there, or lacks its columns.
    """
    if not tables:
        return None
    known_by = []
    for model, table in tables.items():
        files = score_files(parameter, table)
        for file in files:
            _check_columns(f"{parameter}: {model}", table, file)
        hashes = sorted(_hash_of(file, part_of(file).digest) for file in files)
        known_by.append([table.model_dump(mode="json", exclude={"table"}), hashes])
    return digest(known_by)


@lru_cache(maxsize=4096)
def _hash_of(file: str, _state: str) -> str:
    """Return the hash of a file, taken once a process as long as it has the same size and time."""
    with storage.open_for_reading(file) as stream:
        return storage.hash_of(stream, sha256)


def score_files(parameter: str, table: ScoreTable) -> list[str]:
    """Return the Parquet files of a table, sorted.

    Raises:
        ConfigError: There are none.
    """
    try:
        files = sorted(storage.absolute(file) for file in expand(table.table) if file.lower().endswith(".parquet"))
    except InputError as error:
        raise ConfigError(f"{parameter}: {error}") from error
    if not files:
        raise ConfigError(f"{parameter}: no Parquet file in {table.table}")
    return files


def _check_columns(who: str, table: ScoreTable, file: str) -> None:
    """Refuse a file without the table's columns, before anything runs."""
    with storage.open_for_reading(file) as stream:
        try:
            schema = pq.ParquetFile(stream).schema_arrow
        except pa.ArrowInvalid as error:
            raise ConfigError(f"{who}: {file} is no Parquet file: {error}") from None
    for path in (table.key_path, table.column):
        kind = _type_at(schema, path)
        if kind is None:
            raise ConfigError(f"{who}: {file} has no column '{path}'; there are: {', '.join(schema.names)}")
        if path == table.column and not (
            pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        ):
            raise ConfigError(f"{who}: '{path}' of {file} holds {kind}, no numbers")


def _type_at(schema: pa.Schema, path: str) -> Any:
    """Return the type of a column, or of a field of a struct; None where there is none."""
    first, *inner = [path] if path in schema.names else path.split(".")
    kind: Any = schema.field(first).type if first in schema.names else None
    for name in inner:
        kind = kind.field(name).type if pa.types.is_struct(kind) and kind.get_field_index(name) >= 0 else None
        if kind is None:
            break
    return kind


def read_scores(spark: "SparkSession", table: ScoreTable, files: Sequence[str]) -> "DataFrame":
    """Return the scores of a table that are there, as `_SCORES`, read by tasks: the higher the better."""
    count = min(len(files), 4 * slots(spark))
    return run_tasks(spark, [list(files[number::count]) for number in range(count)], partial(_rows, table), _SCORES)


def _rows(table: ScoreTable, files: Sequence[str]) -> Iterator[pa.RecordBatch]:
    for file in files:
        with storage.open_for_reading(file) as stream:
            for batch in pq.ParquetFile(stream).iter_batches(_ROWS, columns=[table.key_path, table.column]):
                yield keyed_scores(batch, table)


def keyed_scores(batch: pa.RecordBatch, table: ScoreTable) -> pa.RecordBatch:
    """Return the keys and scores of rows that have both: `key` as text, `score` in float32.

    >>> batch = pa.RecordBatch.from_pydict({"url": ["http://A.org/", None], "q": [{"edu": 2}, {"edu": 3}]})
    >>> keyed_scores(batch, ScoreTable(table="t", key="url", column="q.edu", good="low")).to_pylist()
    [{'key': 'http://a.org/', 'score': -2.0}]
    """
    keys = _array_at(batch, table.key_path).cast(pa.string())
    scores = _array_at(batch, table.column).cast(pa.float32(), safe=False)
    there = pc.and_(pc.is_valid(keys), pc.fill_null(pc.is_finite(scores), False))  # noqa: FBT003  (Arrow's signature)
    keys, scores = keys.filter(there), scores.filter(there)
    if table.key == URL.name:
        from pipeline.kernels.urls.addresses import canonical_url

        keys = pa.array([canonical_url(url) for url in keys.to_pylist()], pa.string())
    return pa.record_batch([keys, scores if table.good == "high" else pc.negate(scores)], names=["key", "score"])


def _array_at(batch: pa.RecordBatch, path: str) -> Any:
    first, *inner = [path] if path in batch.schema.names else path.split(".")
    array = batch.column(first)
    return pc.struct_field(array, inner) if inner else array


def match_scores(documents: "DataFrame", scores: "DataFrame") -> "DataFrame":
    """Return PART, ROW, `key`, and the lowest and the highest score of that key, of documents that have any.

    Args:
        documents: PART, ROW and `key`.
        scores: Rows of `_SCORES`.

    Returns:
        PART, ROW, `key`, `score` (the lowest) and `other` (the highest).
    """
    from pyspark.sql import functions as F  # noqa: N812

    by_key = scores.groupBy("key").agg(F.min("score").alias("score"), F.max("score").alias("other"))
    return documents.join(by_key, on="key", how="inner").select(PART.name, ROW, "key", "score", "other")


def join_scores(context: FitContext, parameter: str, columns: Mapping[str, Column]) -> None:
    """Commit a column for each table of scores, and note how many documents have none.

    Args:
        context: The stage that is being fitted.
        parameter: What names the tables.
        columns: Table → the column that its scores become.

    Raises:
        ConfigError: A table gives the key of a document two different scores.
    """
    notes = {}
    for model, table in tables_among(parameter, list(columns)).items():
        column = columns[model]
        keys = context.frame(table.key).withColumnRenamed(table.key, "key")
        scores = read_scores(context.spark, table, score_files(parameter, table))
        matched = context.save_rows(f"matched-{column.name}", match_scores(keys, scores))
        clash = matched.frame("key", "score", "other").where("score <> other").orderBy("key").limit(1).collect()
        for row in clash:
            raise ConfigError(
                f"{parameter}: {model} gives the {table.key} '{row.key}' several scores, from {row.score:g} to "
                f"{row.other:g}: a key has one; leave the one that counts in {table.table}"
            )
        cells = matched.frame(PART.name, ROW, "score").withColumnRenamed("score", column.name)
        context.save_cells(f"table-{column.name}", cells, (column,))
        notes[column.name] = [model, context.rows - matched.count(), context.rows]
    if notes:
        context.note(**{NOTE: notes})


NOTE: Final = "scores_of_tables"
"""Column → its table, documents without a score, documents."""


def report_tables(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield how many documents a table of scores says nothing of: a run ends with it where there are any."""
    for column, (model, without, documents) in notes.get(NOTE, {}).items():
        sign = "warning: " if without else ""
        yield f"{sign}{column}: {without:,} of {documents:,} documents have no score in {model}"
