"""A stage does anew what is new, and nothing else: rows, limits, parts, and what a killed run had finished."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipeline.cells.batches import with_columns
from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import Params, Stage, stage
from pipeline.rows.reasons import dropped, first_reason
from pipeline.runs.table import Table
from schemas.columns import TEXT, TITLE, Column
from tests.spark.stages import drops_in, run_stage
from tests.tables import all_rows, first_table, without

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

CHARS = Column("chars", pa.int32(), "what is added")
MARK = Column("__mark", pa.string(), "what the fit says of few rows", None)
TEXTS = {"p": ["corn", "oats and rye", "barley"], "q": ["wheat"], "r": []}


class LimitParams(Params):
    least: int = 0
    log: str = ""
    loud: bool = True
    limits: ClassVar[frozenset[str]] = frozenset({"least"})


def shout(rows: Iterator[pa.RecordBatch], params: LimitParams, _: Any) -> Iterator[pa.RecordBatch]:
    for batch in rows:
        with Path(params.log).open("a", encoding="utf-8") as stream:
            stream.writelines(f"{text}\n" for text in batch.column("text").to_pylist())
        texts = batch.column("text")
        loud = pc.if_else(pc.equal(pc.binary_length(texts), 4), pc.utf8_upper(texts), texts)
        yield with_columns(batch, {CHARS: pc.utf8_length(texts), TEXT: loud if params.loud else texts})


@stage(needs=(TEXT,), adds=(CHARS,), changes=(TEXT,), measure=shout)
def shouting(docs: "DataFrame", params: LimitParams) -> "DataFrame":
    from pyspark.sql import functions as F  # noqa: N812

    return first_reason(docs, F.when(docs["chars"] < params.least, dropped("shouting", "short", docs["chars"])))


@pytest.fixture
def before(tmp_path: Path) -> Table:
    parts = {name: [{"text": text, "title": "t"} for text in several] for name, several in TEXTS.items()}
    return first_table(str(tmp_path / "run"), [TEXT, TITLE], parts)


@pytest.fixture
def params(tmp_path: Path) -> LimitParams:
    return LimitParams(log=str(tmp_path / "log"))


def measured(params: LimitParams) -> list[str]:
    """Return the texts that were measured since the last look, sorted."""
    log = Path(params.log)
    texts = sorted(log.read_text().split("\n")[:-1]) if log.exists() else []
    log.unlink(missing_ok=True)
    return texts


def left(table: Table) -> list[str]:
    return [row["text"] for row in all_rows(table, "text")]


def test_another_limit_measures_nothing_and_rows_come_back_as_they_were(
    spark: "SparkSession", before: Table, params: LimitParams
) -> None:
    first = run_stage(spark, shouting, params, before)
    assert left(first.table) == ["CORN", "oats and rye", "barley", "wheat"]
    assert measured(params) == sorted(text for several in TEXTS.values() for text in several)
    stricter = run_stage(spark, shouting, params.model_copy(update={"least": 6}), before)
    assert left(stricter.table) == ["oats and rye", "barley"]
    assert measured(params) == []
    assert stricter.table.manifest.sets == first.table.manifest.sets
    back = run_stage(spark, shouting, params, before)
    assert left(back.table) == left(first.table)
    assert (back.computed, measured(params)) == (frozenset(), [])
    assert back.table.manifest == first.table.manifest


def test_rows_that_reach_the_stage_for_the_first_time_are_measured_alone(
    spark: "SparkSession", before: Table, params: LimitParams
) -> None:
    fewer = without(before, "screen", {"p": {0: None, 2: None}, "q": {0: None}})
    assert left(run_stage(spark, shouting, params, fewer).table) == ["oats and rye"]
    measured(params)
    more = without(before, "screen", {"p": {1: None}})
    assert left(run_stage(spark, shouting, params, more).table) == ["CORN", "barley", "wheat"]
    assert measured(params) == ["barley", "corn", "wheat"]
    assert left(run_stage(spark, shouting, params, before).table) == ["CORN", "oats and rye", "barley", "wheat"]
    assert measured(params) == []


def test_a_stage_after_it_is_known_by_the_columns_that_it_reads(
    spark: "SparkSession", before: Table, params: LimitParams
) -> None:
    titled = replace(shouting, name="titled", needs=(TITLE,), changes=(), measure=None, decide=None, adds=())
    quiet, loud = (run_stage(spark, shouting, params.model_copy(update={"loud": how}), before) for how in (False, True))
    after = [run_stage(spark, titled, LimitParams(), each.table) for each in (quiet, loud)]
    assert after[0].table.manifest.key == after[1].table.manifest.key
    reading = [run_stage(spark, replace(titled, needs=(TEXT,)), LimitParams(), each.table) for each in (quiet, loud)]
    assert reading[0].table.manifest.key != reading[1].table.manifest.key


def test_what_a_killed_run_finished_is_not_measured_again(
    spark: "SparkSession", before: Table, params: LimitParams
) -> None:
    def kill() -> None:
        raise RuntimeError("killed")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.engine.stage_run.StageRun._decide", lambda _: kill())
        with pytest.raises(RuntimeError, match="killed"):
            run_stage(spark, shouting, params, before)
    assert len(measured(params)) == 4
    done = run_stage(spark, shouting, params, before)
    assert left(done.table) == ["CORN", "oats and rye", "barley", "wheat"]
    assert measured(params) == []
    assert not list(Path(before.root, "stages", "shouting").rglob("unit-*"))


def fit_marks(context: FitContext, params: Params) -> None:
    """Mark the longest text of all, and drop the shortest."""
    from pyspark.sql import functions as F  # noqa: N812

    context.measure("lengths", lengths, (CHARS,), (TEXT,))
    rows = context.frame(CHARS, TEXT)
    most = rows.agg(F.max("chars")).collect()[0][0]
    context.save_small("most", rows.where(F.col("chars") == most).select("text"))
    marked = rows.where(F.col("chars") == most).select("__part", "__row", F.lit("longest").alias(MARK.name))
    context.save_cells("marks", marked, (MARK,))
    context.note(most=most)


def lengths(rows: Iterator[pa.RecordBatch], *_: Any) -> Iterator[pa.RecordBatch]:
    for batch in rows:
        yield with_columns(batch, {CHARS: pc.utf8_length(batch.column("text"))})


def test_a_fit_s_cells_are_read_by_its_stage_alone_and_null_where_it_said_nothing(
    spark: "SparkSession", before: Table
) -> None:
    def by_mark(docs: "DataFrame", params: Params) -> "DataFrame":
        return first_reason(docs, pick(docs))

    def pick(docs: "DataFrame") -> Any:
        from pyspark.sql import functions as F  # noqa: N812

        return F.when(F.col(MARK.name) == "longest", dropped("marking", "longest", docs["chars"]))

    marking = Stage("marking", Params, needs=(TEXT,), adds=(CHARS,), fit=fit_marks, decide=by_mark, decides_by=(MARK,))
    table = run_stage(spark, marking, Params(), before).table
    assert [(row["part"], row["row"]) for row in drops_in(table) if row["drop"]] == [("p", 1)]
    assert next(all_rows(table, "chars")) == {"part": "p", "__row": 0, "chars": 4}
    assert MARK.name not in [column.name for column in table.columns]
    assert table.manifest.notes == {"most": 12}
    assert [len(table.files("marking", name)) for name in ("most", "none")] == [1, 0]
    assert run_stage(spark, marking, Params(), before).table.manifest.sets["lengths"] == table.manifest.sets["lengths"]


def test_a_fit_s_drops_are_all_there_are_in_the_order_of_the_rows(spark: "SparkSession", before: Table) -> None:
    def fit(context: FitContext, params: Params) -> None:
        from pyspark.sql import functions as F  # noqa: N812

        rows = context.frame(TEXT).where("text like '%e%'")
        fields = dropped("even", "has_e")
        named = [fields[name].alias(name) for name in ("stage", "reason", "value", "limit", "survivor_record_id",
                 "survivor_url", "survivor_run", "similarity")]  # fmt: skip
        context.drop(rows.select("__part", "__row", *named).orderBy(F.desc("__row")))

    table = run_stage(spark, Stage("even", Params, needs=(TEXT,), fit=fit), Params(), before).table
    assert left(table) == ["corn"]
    assert table.manifest.dropped() == {"has_e": 3}
