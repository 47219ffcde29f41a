"""Where our definitions and datatrove's disagree on a run's English documents, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipeline.engine.saved import save_rows
from pipeline.engine.tables import NO_TABLES
from pipeline.errors import ManifestError
from pipeline.heuristics.datatrove import DatatroveParams, datatrove_rules
from pipeline.heuristics.measuring import ENGLISH, TEXT_SIGNAL_COLUMNS, SignalParams, measure_text_signals
from pipeline.heuristics.params import HeuristicsParams
from pipeline.heuristics.rule import Rule, failed
from pipeline.heuristics.rules import our_verdict
from pipeline.inspection.stored_signals import params_of
from pipeline.runs.run import Run
from pipeline.spark.cells import cells_frame
from pipeline.spark.meter import map_batches
from pipeline.spark.types import spark_schema
from pipeline.stores import storage
from schemas.columns import CATEGORY, DOC_ID, LANGUAGE, PAGE_TYPE, SOURCE_URL, SPANS, TEXT, Column

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame, SparkSession

_THEIRS = "their_"
_NAMES = (SOURCE_URL, DOC_ID, LANGUAGE, CATEGORY, PAGE_TYPE)
DIRECTORY = "disagreements"
_OF_TOKENS = frozenset({"max_token_outlier_score", "max_token_outlier_rank"})
_LONGEST = 100


@dataclass(frozen=True)
class Report:
    """How far both agree.

    Attributes:
        documents: English documents.
        both_keep: Documents that both keep.
        both_drop: Documents that both drop, for whatever reasons.
        ours: Reason → documents that we alone drop.
        theirs: Reason → documents that datatrove alone drops.
        path: Directory of the list, a row for each of these.
        sample: Rows of the list with the lowest doc_ids.
    """

    documents: int
    both_keep: int
    both_drop: int
    ours: dict[str, int]
    theirs: dict[str, int]
    path: str
    sample: list[dict[str, Any]]


def find_disagreements(spark: "SparkSession", run: str, sample: int = 5) -> Report:
    """Judge the documents that a run's heuristics read by both definitions, and list where the verdicts differ.

    Tokens are not judged, for datatrove knows no such rule. The list is written to `RUN/disagreements`.

    Args:
        spark: The session.
        run: The run directory.
        sample: Rows of the list to return.

    Raises:
        ManifestError: The run has no committed `heuristics`.
    """
    tables = Run(run).tables()
    names = [table.stage for table in tables]
    if "heuristics" not in names:
        raise ManifestError(f"{run} has no committed 'heuristics' (it has: {', '.join(names)})")
    at = names.index("heuristics")
    params = params_of(tables[at])
    before = tables[at - 1]
    columns = [column for column in before.columns if column.name in {wanted.name for wanted in (*_NAMES, TEXT, SPANS)}]
    docs = cells_frame(spark, before.cells([column.name for column in columns]), columns)
    judged = _judged(_measured(docs, params), params).cache()
    differing = judged.where("(ours is null) != (theirs is null)")
    path = storage.join(run, DIRECTORY)
    listed = _written(differing.select(*(column.name for column in _NAMES), *_why()), path)
    keep = judged.where("ours is null and theirs is null").count()
    drop = judged.where("ours is not null and theirs is not null").count()
    ours, theirs = (_by_reason(differing, side) for side in ("ours", "theirs"))
    rows = listed.orderBy(DOC_ID.name, SOURCE_URL.name).limit(sample).collect()
    report = Report(judged.count(), keep, drop, ours, theirs, path, [row.asDict() for row in rows])
    judged.unpersist()
    return report


def _written(rows: "DataFrame", path: str) -> "DataFrame":
    """Write rows into a directory instead of what stood there, and return them as read back."""
    storage.remove(path)
    root, _, name = path.rpartition("/")
    return save_rows(rows, root, name, is_named=True, at_least_one=True).frame()


def _measured(docs: "DataFrame", params: HeuristicsParams) -> "DataFrame":
    """Return English documents with both definitions' signals, datatrove's under names of their own."""
    from pyspark.sql import functions as F  # noqa: N812

    lists = {"dirty_words": params.dirty_words, "dirty_words_digest": params.dirty_words_digest}
    settings = SignalParams(**lists), SignalParams(**lists, datatrove=params.datatrove.measured())
    theirs = tuple(Column(_THEIRS + column.name, column.type, column.comment, None) for column in TEXT_SIGNAL_COLUMNS)
    columns = (*_NAMES, *TEXT_SIGNAL_COLUMNS, *theirs)

    def measure(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            first, second = (
                next(measure_text_signals(iter([batch]), signal_params, NO_TABLES)) for signal_params in settings
            )
            arrays = [first.column(column.name) for column in (*_NAMES, *TEXT_SIGNAL_COLUMNS)]
            arrays += [second.column(column.name) for column in TEXT_SIGNAL_COLUMNS]
            yield pa.record_batch(arrays, names=[column.name for column in columns])

    english = docs.where(F.coalesce(LANGUAGE.name, F.lit("und")).isin(*ENGLISH))
    return map_batches(english, measure, spark_schema(columns))


def _their_rules(params: DatatroveParams) -> list[Rule]:
    return [rule._replace(signal=_THEIRS + rule.signal) for rule in datatrove_rules(params)]


def _judged(docs: "DataFrame", params: HeuristicsParams) -> "DataFrame":
    """Return the documents with both verdicts."""
    from pyspark.sql import functions as F  # noqa: N812

    docs, ours = our_verdict(docs, params, _OF_TOKENS)
    docs = docs.withColumn("ours", ours).withColumn("theirs", failed(_their_rules(params.datatrove)))
    their_signal = F.substring("theirs.signal", len(_THEIRS) + 1, _LONGEST)
    return docs.withColumn("signal", F.coalesce(F.col("ours.signal"), their_signal))


def _why() -> "list[SparkColumn]":
    """Return the columns of the list: the reason, and the signal that it rests on by both definitions."""
    from pyspark.sql import functions as F  # noqa: N812

    def value(prefix: str) -> "SparkColumn":
        shown = [F.when(F.col("signal") == c.name, F.col(prefix + c.name).cast("double")) for c in TEXT_SIGNAL_COLUMNS]
        return F.coalesce(*shown)

    return [
        F.when(F.col("ours").isNull(), F.lit("datatrove")).otherwise(F.lit("gristmill")).alias("dropped_by"),
        F.coalesce(F.col("ours.reason"), F.col("theirs.reason")).alias("reason"),
        F.col("signal"),
        value("").alias("by_our_definition"),
        value(_THEIRS).alias("by_datatroves"),
        F.coalesce(F.col("ours.limit"), F.col("theirs.limit")).alias("limit"),
    ]


def _by_reason(differing: "DataFrame", side: str) -> dict[str, int]:
    counts = differing.where(f"{side} is not null").groupBy(f"{side}.reason").count().collect()
    return dict(sorted(((row[0], row[1]) for row in counts), key=lambda pair: (-pair[1], pair[0])))


def report_lines(report: Report) -> Iterator[str]:
    """Yield a report in words."""
    yield f"{report.documents:,} English documents: both keep {report.both_keep:,}, both drop {report.both_drop:,}"
    for who, reasons in (("gristmill", report.ours), ("datatrove", report.theirs)):
        yield f"{sum(reasons.values()):,} are dropped by {who} alone"
        for reason, count in reasons.items():
            yield f"  {reason:<36}{count:>8,}"
    for row in report.sample:
        yield f"{row['source_url']}"
        yield f"  {row['dropped_by']} drops it: {row['reason']}, limit {row['limit']:.4g}"
        yield f"  {why_of(row)}"
    yield f"all of them: {report.path}"


def why_of(row: dict[str, Any]) -> str:
    """Return why both disagree on a document, in words.

    >>> why_of({"signal": "n_words", "by_our_definition": 48.0, "by_datatroves": 51.0})
    "n_words is 48 by our definition, 51 by datatrove's"
    >>> why_of({"signal": "n_sentences", "by_our_definition": 2.0, "by_datatroves": None})
    'n_sentences is 2; datatrove has no such rule'
    """
    ours, theirs = row["by_our_definition"], row["by_datatroves"]
    if ours is None:
        return f"{row['signal']} is {theirs:.4g}; gristmill has no such rule"
    if theirs is None:
        return f"{row['signal']} is {ours:.4g}; datatrove has no such rule"
    return f"{row['signal']} is {ours:.4g} by our definition, {theirs:.4g} by datatrove's"
