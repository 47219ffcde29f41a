"""A stage that breaks its promise is stopped by name."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pipeline.engine.segment import _decide

from pipeline.engine.recipes import Step
from pipeline.engine.stage import Params, Stage, first_reason, stage
from pipeline.errors import ContractError
from schemas.columns import Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

SCORE = Column("score", pa.float32(), "promised")


class NoParams(Params):
    pass


@stage(adds=(SCORE,))
def odd(docs: "DataFrame", params: NoParams) -> "DataFrame":
    return docs


def after(spark: "SparkSession", one: Stage) -> "DataFrame":
    docs = spark.createDataFrame([("t", 1, None)], "text string, words int, drop string")
    return _decide(docs, Step(one, NoParams()))


def decide(change: str, **columns: str) -> Stage:
    """Return the stage with a body that adds some columns, as SQL, and drops one."""

    def body(docs: "DataFrame", params: Any) -> "DataFrame":
        from pyspark.sql import functions as F  # noqa: N812

        for name, expression in columns.items():
            docs = docs.withColumn(name, F.expr(expression))
        return docs.drop(change)

    return replace(odd, decide=body)


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (decide("words", score="float(1)"), "stage 'odd' lost or never added words"),
        (decide("drop", score="float(1)"), "stage 'odd' lost or never added drop"),
        (decide(""), "stage 'odd' lost or never added score"),
        (decide("", score="float(1)", more="1", also="2"), "stage 'odd' added also, more, which its contract does not"),
        (
            decide("", score="float(1)", words="'one'"),
            "stage 'odd' changed the type of 'words' from .*Integer.* to .*String",
        ),
        (decide("", score="double(1)"), "stage 'odd' promised 'score' as float, not .*Double"),
        (decide("", score="float(1)", Words="1"), "stage 'odd' added Words"),
    ],
)
def test_a_broken_promise_is_told_with_stage_and_column(spark: "SparkSession", one: Stage, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        after(spark, one)


def test_a_kept_promise_passes(spark: "SparkSession") -> None:
    found = after(spark, decide("", score="float(1)", words="words + 1"))
    assert found.columns == ["text", "words", "drop", "score"]


def test_the_first_reason_stands(spark: "SparkSession") -> None:
    from pyspark.sql import functions as F  # noqa: N812

    docs = spark.createDataFrame([(1, "old"), (2, None), (3, None), (4, None)], "n int, drop string")
    docs = first_reason(docs, F.when(F.col("n") >= 3, F.lit("a")), F.when(F.col("n") != 4, F.lit("b")))
    assert [row["drop"] for row in docs.orderBy("n").collect()] == ["old", "b", "a", "a"]
