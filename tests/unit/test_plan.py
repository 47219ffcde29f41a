"""Which stages run, and which are left out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cells.parts import Part
from pipeline.engine.config import params_for
from pipeline.engine.stage import Params
from pipeline.errors import ConfigError, ContractError, InputError
from pipeline.inputs.files import Inputs
from pipeline.plan import NAMES, STAGES, stages_named, steps_for
from pipeline.planning import Plan, Planned, Selection, make_plan
from pipeline.runs.run import Run
from pipeline.stages.ingest import IngestParams

PART = Part("p", "p.warc.gz", "/p.warc.gz", 5, "d1")
WARC = Inputs("warc", (PART,))


def table(**columns: pa.DataType) -> Inputs:
    part = Part("t", "t.parquet", "/t.parquet", 5, "d1")
    return Inputs("parquet", (part,), tuple(pa.field(name, kind) for name, kind in columns.items()))


TEXTS = table(url=pa.string(), text=pa.string())
PAGES = table(url=pa.string(), html=pa.string())


def params(**settings: Any) -> dict[str, Params]:
    return params_for(STAGES, settings)


def plan_of(
    inputs: Inputs,
    run: Path,
    first: str | None = None,
    last: str | None = None,
    code: Mapping[str, Mapping[str, str]] | None = None,
    **settings: Any,
) -> Plan:
    steps = tuple(
        replace(step, code=(code or {}).get(step.name, {})) for step in steps_for(STAGES, inputs, params(**settings))
    )
    return Plan(Run(str(run)), inputs, steps, Selection(NAMES, first, last))


def plan(inputs: Inputs, run: Path, *others: Any, **settings: Any) -> list[Planned]:
    return make_plan(plan_of(inputs, run, *others, **settings))


def asked(names: Sequence[str], first: str | None, last: str | None) -> Selection:
    return Selection(tuple(names), first, last)


@pytest.mark.parametrize(
    ("first", "last", "chosen"),
    [
        (None, None, NAMES),
        (None, "extract", ("ingest", "url_screen", "dedup_url", "opt_out", "extract")),
        ("heuristics", None, ("heuristics", "quality", "topic", "mix", "anneal")),
        ("language", "route", ("language", "route")),
        ("mix", "mix", ("mix",)),
        ("mix", "ingest", ()),
    ],
)
def test_a_selection_holds_what_lies_between_its_ends(
    first: str | None, last: str | None, chosen: tuple[str, ...]
) -> None:
    selection = asked(NAMES, first, last)
    assert tuple(name for name in NAMES if name in selection) == chosen


@given(st.sampled_from(NAMES), st.sampled_from([None, *NAMES]))
def test_a_stage_comes_before_is_in_or_comes_after_a_selection(first: str, last: str | None) -> None:
    selection = asked(NAMES, first, last)
    for name in NAMES:
        assert (name in selection) + selection.comes_after(name) + (NAMES.index(name) < NAMES.index(first)) >= 1
        assert not (name in selection and selection.comes_after(name))


def test_a_new_run_of_archives_runs_everything(tmp_path: Path) -> None:
    planned = plan(WARC, tmp_path)
    assert [one.step.name for one in planned] == list(NAMES)
    assert {one.state for one in planned} == {"run"}
    assert planned[0].why == "never run before"
    assert planned[1].why == "ingest is redone"


def test_what_comes_after_the_last_stage_that_was_asked_for_is_left_out(tmp_path: Path) -> None:
    states = {one.step.name: one.state for one in plan(WARC, tmp_path, None, "extract")}
    assert states == {**dict.fromkeys(NAMES, "left out"), **dict.fromkeys(NAMES[: NAMES.index("extract") + 1], "run")}


def test_archives_bring_nothing_so_earlier_stages_have_to_be_done(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"stage 'url_screen' is not up to date .*it first, with --from url_screen"):
        plan(WARC, tmp_path, "extract")


@pytest.mark.parametrize(
    ("inputs", "names"),
    [
        (WARC, NAMES),
        (TEXTS, tuple(name for name in NAMES if name != "extract")),
        (PAGES, NAMES),
        (table(url=pa.string(), text=pa.string(), html=pa.string()), tuple(n for n in NAMES if n != "extract")),
        (
            table(url=pa.string(), text=pa.string(), language=pa.string()),
            tuple(n for n in NAMES if n not in ("extract", "language")),
        ),
        (
            table(url=pa.string(), text=pa.string(), category=pa.string()),
            tuple(n for n in NAMES if n not in ("extract", "route")),
        ),
    ],
)
def test_a_table_needs_no_stage_whose_columns_it_brings(inputs: Inputs, names: tuple[str, ...]) -> None:
    assert tuple(step.name for step in steps_for(STAGES, inputs, params())) == names


def test_a_table_may_begin_anywhere_after_ingest(tmp_path: Path) -> None:
    planned = plan(TEXTS, tmp_path, "dedup_line", "heuristics")
    assert [one.step.name for one in planned if one.state == "run"] == [
        "ingest",
        "dedup_line",
        "decontaminate",
        "log_lines",
        "heuristics",
    ]


@pytest.mark.parametrize(
    ("inputs", "settings", "error", "message"),
    [
        (table(id=pa.string(), text=pa.string()), {}, ContractError, r"'url' \(--set ingest\.url_column=…\).*id, text"),
        (table(url=pa.string(), txt=pa.string()), {}, ContractError, r"neither 'text' .* nor 'html' .*url, txt"),
        (TEXTS, {"text_column": None, "html_column": None}, ContractError, "neither"),
        (table(url=pa.string(), text=pa.string(), fetch_time=pa.int64()), {}, InputError, "'fetch_time' is int64"),
        (table(url=pa.string(), text=pa.string(), spans=pa.string()), {}, InputError, "'spans' is string.*rename it"),
    ],
)
def test_a_table_that_lacks_what_is_needed_is_refused_with_the_key_to_set(
    inputs: Inputs, settings: dict[str, str | None], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        steps_for(STAGES, inputs, {"ingest": IngestParams(**settings)})


def test_stages_of_the_users_own_are_found_by_module_and_name() -> None:
    assert stages_named("") is STAGES
    assert stages_named("pipeline.plan:STAGES") == STAGES
    for place, message in (
        ("nowhere.at.all:STAGES", "No module named"),
        ("pipeline.plan:NAMES", "expected stages, the first of them `ingest`"),
        ("pipeline.plan:NONE", "no attribute"),
    ):
        with pytest.raises(ConfigError, match=message):
            stages_named(place)
