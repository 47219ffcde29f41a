"""The contract of a stage: made by the decorator, checked along the chain before anything runs."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa
import pytest

from pipeline.engine.recipes import Step
from pipeline.engine.stage import Params, Stage, check_chain, stage
from pipeline.errors import ContractError
from pipeline.plan import STAGES
from pipeline.spark.types import arrow_schema
from schemas.columns import Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

TEXT = Column("text", pa.string(), "needed")
TITLE = Column("title", pa.string(), "may be absent", None)
SCORE = Column("score", pa.float64(), "added")
SCRATCH = Column("__scratch", pa.int32(), "for the stage's own logic")


class SomeParams(Params):
    limit: int = 3
    words: int = 5
    tasks: int = 2
    runtime: ClassVar[frozenset[str]] = frozenset({"tasks"})
    limits: ClassVar[frozenset[str]] = frozenset({"limit"})


@stage(needs=(TEXT,), adds=(SCRATCH, SCORE), version=4)
def score_text(docs: "DataFrame", params: SomeParams) -> "DataFrame":
    return docs


@stage(needs=(SCORE,), drops_columns=(TEXT,))
def use_score(docs: "DataFrame", params: SomeParams) -> "DataFrame":
    return docs


@stage(needs=(TITLE,), decides=False)
def use_title(docs: "DataFrame", params: SomeParams) -> "DataFrame":
    return docs


def names(columns: list[Column]) -> list[str]:
    return [column.name for column in columns]


def test_a_stage_takes_its_name_and_parameters_from_its_function() -> None:
    assert isinstance(score_text, Stage)
    assert (score_text.name, score_text.params, score_text.version) == ("score_text", SomeParams, 4)
    assert (score_text.fit, score_text.measure, score_text.rereads_source) == (None, None, False)
    assert score_text.decide is not None
    assert use_title.decide is None
    assert names(list(score_text.public)) == ["score"]


@pytest.mark.parametrize("annotation", [None, int, dict[str, Any], "SomeParams"])
def test_a_function_whose_params_are_no_params_model_makes_no_stage(annotation: object) -> None:
    def odd(docs: Any, params: Any) -> Any:
        return docs

    odd.__annotations__ = {"params": annotation}
    with pytest.raises(ContractError, match="stage 'odd': annotate its 'params' with a Params model, not"):
        stage()(odd)


@pytest.mark.parametrize(
    ("one", "before", "after"),
    [
        (score_text, [TEXT], ["text", "score"]),
        (score_text, [TITLE, TEXT, SCORE], ["title", "text", "score"]),
        (use_score, [TEXT, SCORE, TITLE], ["score", "title"]),
        (use_title, [], []),
    ],
)
def test_the_columns_after_a_stage_keep_their_order_and_lose_scratch(
    one: Stage, before: list[Column], after: list[str]
) -> None:
    assert names(one.columns_after(before)) == after


def test_a_chain_that_holds_returns_its_last_columns() -> None:
    assert names(check_chain([score_text, use_score], [TEXT])) == ["score"]


def test_a_need_that_no_earlier_stage_adds_is_named_with_the_near_miss() -> None:
    texts = Column("texts", pa.string(), "misspelt")
    message = (
        r"stage 'score_text' needs column 'text', which no earlier stage adds \(there are: texts, title\);"
        r" did you mean 'texts'\?"
    )
    with pytest.raises(ContractError, match=message):
        check_chain([score_text], [texts, TITLE])


def test_a_column_that_a_stage_drops_is_missing_afterwards() -> None:
    with pytest.raises(ContractError, match=r"stage 'score_text' needs column 'text', .* \(there are: score\)$"):
        check_chain([score_text, use_score, score_text], [TEXT])


def test_only_a_table_of_the_users_own_may_lack_a_column_with_a_default() -> None:
    assert names(check_chain([use_title], [], defaults=True)) == ["title"]
    with pytest.raises(ContractError, match="'use_title' needs column 'title'"):
        check_chain([use_title], [])
    with pytest.raises(ContractError, match="'score_text' needs column 'text'"):
        check_chain([score_text], [], defaults=True)


def test_the_plan_itself_holds_for_archives() -> None:
    check_chain(STAGES, [])


@pytest.mark.parametrize("left_out", ["ingest", "extract", "language", "route"])
def test_the_plan_does_not_hold_without_a_stage_that_others_build_on(left_out: str) -> None:
    with pytest.raises(ContractError, match="which no earlier stage adds"):
        check_chain([one for one in STAGES if one.name != left_out], [])


def test_every_stage_of_the_plan_says_what_its_parameters_default_to_and_documents_its_columns() -> None:
    for one in STAGES:
        one.params()
        for column in (*one.needs, *one.uses, *one.adds, *one.changes, *one.decides_by):
            assert column.comment, (one.name, column.name)


def test_arrow_schemas_carry_the_comments() -> None:
    schema = arrow_schema((TEXT, SCORE))
    assert schema.field("text").metadata == {b"comment": b"needed"}
    assert schema.names == ["text", "score"]


def test_results_depend_on_all_but_what_only_runs_and_cells_on_no_limit() -> None:
    params = SomeParams(limit=9, tasks=7)
    assert params.result_settings() == {"limit": 9, "words": 5}
    assert params.content_settings() == {"words": 5}
    others = (SomeParams(), SomeParams(tasks=9), SomeParams(limit=9), SomeParams(words=6))
    steps = [Step(score_text, one) for one in others]
    assert [step.recipe == steps[0].recipe for step in steps] == [True, True, False, False]
    assert [step.content_recipe == steps[0].content_recipe for step in steps] == [True, True, True, False]


def test_a_stage_s_parameters_may_make_another_stage_of_it() -> None:
    def by_limit(one: Stage, params: SomeParams) -> Stage:
        return one if params.limit < 5 else replace(one, changes=(TEXT,))

    varied = replace(score_text, variant=by_limit)
    assert varied.for_params(SomeParams()).changes == ()
    assert varied.for_params(SomeParams(limit=5)).changes == (TEXT,)
    assert score_text.for_params(SomeParams(limit=5)) is score_text
