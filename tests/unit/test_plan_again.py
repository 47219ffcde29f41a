"""Which stages are done when a run is made again, which are not, and why."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cells.pieces import Piece, Stretch
from pipeline.errors import ConfigError
from pipeline.inputs.files import Inputs
from pipeline.plan import NAMES
from pipeline.planning import Plan, Planned, kept_results, make_plan
from pipeline.quarantine.listed import quarantine_of
from pipeline.runs.manifest import Manifest, PartRecord, SetRecord, encode_schema
from pipeline.runs.run import Head, manifest_path
from pipeline.runs.table import Table
from pipeline.spark.types import arrow_schema
from tests.unit.test_plan import PART, WARC, plan, plan_of


def commit(plan: Plan, *names: str, drops: bool = False) -> None:
    """Commit the stages of some names as if they had run: each adds what it says, of one part of one row."""
    before: Table | None = None
    for step, _ in plan.with_columns():
        if step.name not in names:
            break
        part = PartRecord("p", "p.warc.gz", "/p.warc.gz", 5, "d1", 1)
        cells = (Piece(Stretch(f"{step.name} {step.content_recipe}", 0, 1, step.content_recipe), None, ()),)
        own = SetRecord(
            tuple(c.name for c in step.stage.adds), tuple(c.name for c in step.stage.changes), pieces={"p": cells}
        )
        made = Manifest(
            step.name,
            step.stage.version,
            step.settings,
            plan.key(step, before),
            [column.name for column in step.stage.public],
            [column.name for column in step.stage.drops_columns],
            encode_schema(arrow_schema(step.stage.public)),
            code=dict(step.code),
            parts=[part] if before is None else [],
            sets={"": own},
        )
        made.save(manifest_path(plan.run.path, step.name, made.key))
        before = Table(plan.run.path, (*(before.chain if before is not None else ()), made))
    assert before is not None
    Head({each.stage: each.key for each in before.chain}).save(plan.run.path)


def states(planned: list[Planned]) -> dict[str, str]:
    return {each.step.name: each.state for each in planned if each.state != "left out"}


def why(planned: list[Planned], stage: str) -> str:
    return next(each.why for each in planned if each.step.name == stage)


UP_TO_ROUTE = NAMES[: NAMES.index("route") + 1]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    commit(plan_of(WARC, tmp_path), *UP_TO_ROUTE)
    return tmp_path


def test_what_is_committed_on_the_same_input_is_done(run: Path) -> None:
    assert states(plan(WARC, run, None, "route")) == dict.fromkeys(UP_TO_ROUTE, "done")
    planned = plan(WARC, run, "safety")
    assert why(planned, "route") == "committed with these parameters on this input"
    assert (why(planned, "safety"), why(planned, "pii")) == ("never run before", "safety is redone")


def test_a_changed_parameter_is_told_and_redoes_what_follows(run: Path) -> None:
    planned = plan(WARC, run, None, "route", language={"min_score": 0.9})
    assert states(planned) == {**dict.fromkeys(UP_TO_ROUTE, "done"), "language": "run", "route": "run"}
    assert (why(planned, "language"), why(planned, "route")) == ("min_score 0.5 → 0.9", "language is redone")
    with pytest.raises(ConfigError, match=r"'language' is not up to date \(min_score 0.5 → 0.9\): run it first, with"):
        plan(WARC, run, "route", "route", language={"min_score": 0.9})


def test_a_parameter_on_which_nothing_depends_redoes_nothing(run: Path) -> None:
    planned = plan(WARC, run, None, "route", extract={"max_page_cpu_seconds": 9})
    assert set(states(planned).values()) == {"done"}


def test_other_input_files_redo_all_and_a_page_on_the_quarantine_list_what_reads_it(run: Path) -> None:
    changed = Inputs("warc", (replace(PART, digest="d2"),))
    assert set(states(plan(changed, run, None, "route")).values()) == {"run"}
    quarantine_of(str(run), "extract").add({"part": "p", "warc_offset": 7, "doc_id": "0f"})
    planned = plan(WARC, run, None, "route")
    assert states(planned)["opt_out"] == "done"
    assert why(planned, "extract") == "its input or the quarantine list changed: stale"


def test_changed_code_is_told_by_file_and_its_results_can_be_kept(run: Path) -> None:
    code = {"language": {"kernels/a.py": "1", "kernels/b.py": "1"}}
    plan_now = plan_of(WARC, run, None, "route", code)
    assert why(make_plan(plan_now), "language") == "code changed: kernels/a.py and 1 more"
    kept = tuple(kept_results(plan_now.run, step) for step in plan_now.steps)
    assert set(states(make_plan(replace(plan_now, steps=kept))).values()) == {"done"}


def test_an_earlier_version_is_found_again(run: Path) -> None:
    before = plan_of(WARC, run, None, "route", language={"min_score": 0.9})
    commit(before, *UP_TO_ROUTE)
    assert set(states(plan(WARC, run, None, "route", language={"min_score": 0.9})).values()) == {"done"}
    assert set(states(plan(WARC, run, None, "route")).values()) == {"done"}


def key_of(plan: Plan, stage: str) -> str:
    """Return what a stage's table is known by once those before it are committed."""
    before: Table | None = None
    for step, _ in plan.with_columns():
        if step.name == stage:
            return plan.key(step, before)
        before = plan.committed(step, before)
        assert before is not None
    raise AssertionError(stage)


def test_a_stage_is_known_by_the_columns_that_it_reads_and_no_others(run: Path) -> None:
    default = key_of(plan_of(WARC, run), "safety")
    for other, is_same in (
        (plan_of(WARC, run, route={"min_code_share": 0.9}), True),
        (plan_of(WARC, run, language={"min_score": 0.9}), False),
    ):
        commit(other, *UP_TO_ROUTE)
        assert (key_of(other, "safety") == default) == is_same
