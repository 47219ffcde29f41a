"""A stage that breaks its promise is stopped by name."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipeline.cells.batches import with_columns
from pipeline.engine.deciding import decided
from pipeline.engine.recipes import Step
from pipeline.engine.stage import Params, Stage, stage
from pipeline.errors import ContractError
from pipeline.rows.reasons import dropped, first_reason
from pipeline.runs.table import Table
from schemas.columns import Column
from tests.spark.stages import drops_in, run_stage
from tests.tables import all_rows, first_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

WORDS = Column("words", pa.int32(), "given")
SCORE = Column("score", pa.float32(), "promised")


class NoParams(Params):
    pass


def scored(rows: Iterator[pa.RecordBatch], params: NoParams, _: Any) -> Iterator[pa.RecordBatch]:
    for batch in rows:
        yield with_columns(batch, {SCORE: pc.multiply(batch.column("words"), 2).cast(pa.float32())})


@stage(needs=(WORDS,), adds=(SCORE,), measure=scored, decides_by=(WORDS,))
def odd(docs: "DataFrame", params: NoParams) -> "DataFrame":
    return first_reason(docs, deep(docs))


def deep(docs: "DataFrame") -> Any:
    from pyspark.sql import functions as F  # noqa: N812

    return F.when(docs["score"] > 6, dropped("odd", "deep", docs["score"], 6))


def decide(change: str, **columns: str) -> Stage:
    """Return the stage with a body that adds some columns, as SQL, and drops one."""

    def body(docs: "DataFrame", params: Any) -> "DataFrame":
        from pyspark.sql import functions as F  # noqa: N812

        for name, expression in columns.items():
            docs = docs.withColumn(name, F.expr(expression))
        return docs.drop(change)

    return replace(odd, decide=body)


@pytest.mark.parametrize(
    ("each", "message"),
    [
        (decide("words"), "stage 'odd' lost words"),
        (decide("drop"), "stage 'odd' lost drop"),
        (decide("", more="1", also="2"), "stage 'odd' added also, more, which its contract does not name"),
        (decide("", words="'one'"), "stage 'odd' changed the type of 'words' from .*Integer.* to .*String"),
        (decide("", drop="'one'"), "stage 'odd' changed the type of 'drop'"),
        (decide("", Words="1"), "stage 'odd' added Words"),
    ],
)
def test_column_logic_that_breaks_its_promise_is_told_with_stage_and_column(
    spark: "SparkSession", each: Stage, message: str
) -> None:
    docs = spark.createDataFrame([("t", 1)], "text string, words int")
    with pytest.raises(ContractError, match=message):
        decided(docs, Step(each, NoParams()))


def test_the_first_reason_stands(spark: "SparkSession") -> None:
    from pyspark.sql import functions as F  # noqa: N812

    docs = spark.createDataFrame([(1, "old"), (2, None), (3, None), (4, None)], "n int, drop string")
    docs = first_reason(docs, F.when(F.col("n") >= 3, F.lit("a")), F.when(F.col("n") != 4, F.lit("b")))
    assert [row["drop"] for row in docs.orderBy("n").collect()] == ["old", "b", "a", "a"]


@pytest.fixture
def before(tmp_path: Path) -> Table:
    rows = {"p": [1, 4, 3], "q": [], "r": [9]}
    return first_table(
        str(tmp_path), [WORDS], {part: [{"words": n} for n in several] for part, several in rows.items()}
    )


def test_a_kept_promise_passes_and_the_stage_leaves_its_columns_and_drops(spark: "SparkSession", before: Table) -> None:
    outcome = run_stage(spark, odd, NoParams(), before)
    assert len(outcome.computed) == 3
    assert list(all_rows(outcome.table, "words", "score")) == [
        {"part": "p", "__row": 0, "words": 1, "score": 2},
        {"part": "p", "__row": 2, "words": 3, "score": 6},
    ]
    told = [(row["part"], row["row"], row["drop"] and row["drop"]["value"]) for row in drops_in(outcome.table)]
    assert told == [("p", 0, None), ("p", 1, 8), ("p", 2, None), ("r", 0, 18)]
    assert outcome.table.manifest.dropped() == {"deep": 2}
    again = run_stage(spark, odd, NoParams(), before)
    assert not again.computed
    assert again.table.manifest.files == outcome.table.manifest.files


def body(change: Any) -> Stage:
    return replace(odd, decide=lambda docs, _: change(first_reason(docs, deep(docs))))


def measuring(change: Any) -> Stage:
    return replace(odd, measure=lambda rows, params, fitted: change(scored(rows, params, fitted)))


def turned_round(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    return (batch.take(pa.array(range(batch.num_rows)[::-1])) for batch in batches)


def test_a_row_that_column_logic_filters_away_stays(spark: "SparkSession", before: Table) -> None:
    table = run_stage(spark, body(lambda docs: docs.where("words != 1")), NoParams(), before).table
    assert [row["words"] for row in all_rows(table, "words")] == [1, 3]


@pytest.mark.parametrize(
    ("each", "message"),
    [
        (body(lambda docs: docs.union(docs)), "dropped one twice|come in pieces|moves rows between partitions"),
        (measuring(lambda batches: (batch.slice(1) for batch in batches)), "lost rows, doubled them|gave 0 rows for 1"),
        (measuring(lambda batches: [*batches][:0]), "gave 0 rows for [13]"),
        (measuring(lambda batches: (b for batch in batches for b in (batch, batch))), "lost rows, doubled them"),
        (measuring(turned_round), "changed their order"),
        (measuring(lambda batches: (batch.drop_columns(["score"]) for batch in batches)), "left out column 'score'"),
        (replace(odd, measure=None), "promised 'score', and neither fit nor measure gives it|no stage has added"),
    ],
)
def test_a_stage_that_doubles_loses_or_turns_rows_or_forgets_a_column_commits_nothing(
    spark: "SparkSession", before: Table, each: Stage, message: str
) -> None:
    with pytest.raises(Exception, match=message):
        run_stage(spark, each, NoParams(), before)
    assert not list(Path(before.root, "stages", "odd").glob("*.json"))
