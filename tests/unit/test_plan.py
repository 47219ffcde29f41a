"""Which stages run, which are left out, and where a segment ends."""

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.config import params_for
from pipeline.errors import ConfigError, ContractError, InputError
from pipeline.inputs.files import Inputs
from pipeline.plan import NAMES, STAGES, Planned, Selection, make_plan, next_segment, source_of, stages_for
from pipeline.runs.manifest import Manifest, Member
from pipeline.runs.parts import Part
from pipeline.stages.ingest import IngestParams

if TYPE_CHECKING:
    from pipeline.engine.recipes import Step

PART = Part("p", "p.warc.gz", "/p.warc.gz", 5, "d1")
WARC = Inputs("warc", (PART,))


def table(**columns: pa.DataType) -> Inputs:
    part = Part("t", "t.parquet", "/t.parquet", 5, "d1")
    return Inputs("parquet", (part,), tuple(pa.field(name, kind) for name, kind in columns.items()))


TEXTS = table(url=pa.string(), text=pa.string())
PAGES = table(url=pa.string(), html=pa.string())


def plan(inputs: Inputs, run: Path, first: str | None = None, last: str | None = None) -> list[Planned]:
    return make_plan(str(run), inputs, params_for(STAGES, {}), Selection(first, last))


def steps(*names: str) -> "list[Step]":
    planned = plan(WARC, Path("nowhere"))
    return [one.step for one in planned if not names or one.step.stage.name in names]


@pytest.mark.parametrize(
    ("first", "last", "chosen"),
    [
        (None, None, NAMES),
        (None, "extract", ("ingest", "url_screen", "dedup_url", "opt_out", "extract")),
        ("heuristics", None, ("heuristics", "mix")),
        ("language", "route", ("language", "route")),
        ("mix", "mix", ("mix",)),
        ("mix", "ingest", ()),
    ],
)
def test_a_selection_holds_what_lies_between_its_ends(
    first: str | None, last: str | None, chosen: tuple[str, ...]
) -> None:
    asked = Selection(first, last)
    assert tuple(name for name in NAMES if name in asked) == chosen


@given(st.sampled_from(NAMES), st.sampled_from([None, *NAMES]))
def test_a_stage_comes_before_is_in_or_comes_after_a_selection(first: str, last: str | None) -> None:
    asked = Selection(first, last)
    for name in NAMES:
        assert (name in asked) + asked.comes_after(name) + (NAMES.index(name) < NAMES.index(first)) >= 1
        assert not (name in asked and asked.comes_after(name))


def test_a_new_run_of_archives_runs_everything(tmp_path: Path) -> None:
    planned = plan(WARC, tmp_path)
    assert [one.step.stage.name for one in planned] == list(NAMES)
    assert {one.state for one in planned} == {"run"}
    assert planned[0].why == "never run before"
    assert planned[1].why == "ingest is redone"


def test_what_comes_after_the_last_stage_that_was_asked_for_is_left_out(tmp_path: Path) -> None:
    states = {one.step.stage.name: one.state for one in plan(WARC, tmp_path, last="extract")}
    assert states == {**dict.fromkeys(NAMES, "left out"), **dict.fromkeys(NAMES[: NAMES.index("extract") + 1], "run")}


def test_archives_bring_nothing_so_earlier_stages_have_to_be_done(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"stage 'url_screen' is not up to date .*it first, with --from url_screen"):
        plan(WARC, tmp_path, first="extract")


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
    assert tuple(one.name for one in stages_for(inputs, IngestParams())) == names


def test_a_table_may_begin_anywhere_after_ingest(tmp_path: Path) -> None:
    planned = plan(TEXTS, tmp_path, first="dedup_line", last="heuristics")
    assert [one.step.stage.name for one in planned if one.state == "run"] == [
        "ingest",
        "dedup_line",
        "repeated_lines",
        "heuristics",
    ]


@pytest.mark.parametrize(
    ("inputs", "params", "error", "message"),
    [
        (table(id=pa.string(), text=pa.string()), {}, ContractError, r"'url' \(--set ingest\.url_column=…\).*id, text"),
        (table(url=pa.string(), txt=pa.string()), {}, ContractError, r"neither 'text' .* nor 'html' .*url, txt"),
        (TEXTS, {"text_column": None, "html_column": None}, ContractError, "neither"),
        (table(url=pa.string(), text=pa.string(), fetch_time=pa.int64()), {}, InputError, "'fetch_time' is int64"),
        (table(url=pa.string(), text=pa.string(), spans=pa.string()), {}, InputError, "'spans' is string.*rename it"),
    ],
)
def test_a_table_that_lacks_what_is_needed_is_refused_with_the_key_to_set(
    inputs: Inputs, params: dict[str, str | None], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        source_of(inputs, IngestParams(**params))


def test_the_source_is_known_by_its_parts() -> None:
    changed = Inputs("warc", (Part("p", "p.warc.gz", "/p.warc.gz", 5, "d2"),))
    assert source_of(WARC, IngestParams()).digest == source_of(WARC, IngestParams()).digest
    assert source_of(WARC, IngestParams()).digest != source_of(changed, IngestParams()).digest


def test_segments_are_cut_before_a_fit_and_before_the_inputs_are_read_again(tmp_path: Path) -> None:
    left, segments = steps(), []
    while left:
        segment = next_segment(left, str(tmp_path))
        segments.append([step.stage.name for step in segment])
        left = left[len(segment) :]
    assert segments == [
        ["ingest"],
        ["url_screen"],
        ["dedup_url"],
        ["opt_out"],
        ["extract", "language", "route"],
        ["safety"],
        ["pii"],
        ["dedup_document"],
        ["dedup_line"],
        ["repeated_lines"],
        ["heuristics"],
        ["mix"],
    ]


def commit(run: Path, version: str, members: "list[Step]") -> None:
    told = [Member(step.stage.name, step.stage.version, step.settings, "f") for step in members]
    Manifest(told, "s", {}, "", []).save(str(run / "stages" / members[0].stage.name / version))


def test_a_segment_ends_where_its_longest_earlier_version_agrees(tmp_path: Path) -> None:
    wanted = steps("extract", "language", "route")
    changed = params_for(STAGES, {"route": {"min_code_share": 0.9}, "language": {"min_score": 0.9}})
    other = [type(step)(step.stage, changed[step.stage.name]) for step in wanted]
    commit(tmp_path, "a", [other[0], other[1]])
    assert [step.stage.name for step in next_segment(wanted, str(tmp_path))] == ["extract"]
    commit(tmp_path, "b", [wanted[0], wanted[1], other[2]])
    assert [step.stage.name for step in next_segment(wanted, str(tmp_path))] == ["extract", "language"]
    commit(tmp_path, "c", wanted)
    assert next_segment(wanted, str(tmp_path)) == wanted
