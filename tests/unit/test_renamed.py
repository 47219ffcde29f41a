"""Names that have changed are taken under their old spelling, with a warning."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.engine.config import known_stage, load_settings, make_params, params_for
from pipeline.engine.stage import Params, Stage, WatchedParams
from pipeline.engine.stage import stage as stage_of
from pipeline.errors import ContractError
from pipeline.inputs.files import resolve
from pipeline.inputs.table_columns import table_columns
from pipeline.plan import STAGES, stages_without
from pipeline.planning import Selection
from schemas import renamed
from schemas.columns import TEXT, column_named

NAMES = [stage.name for stage in STAGES]


def test_every_new_name_is_one_and_no_old_name_is_any_more() -> None:
    assert {*renamed.STAGES.values()} <= {*NAMES}
    assert not {*renamed.STAGES} & {*NAMES}
    assert all(column_named(new) is not None and column_named(old) is None for old, new in renamed.COLUMNS.items())
    fields = {stage.name: {*stage.params.model_fields} for stage in STAGES}
    for stage, names in renamed.PARAMETERS.items():
        assert {*names.values()} <= fields[stage]
        assert not {*names} & fields[stage]
    watched = {stage for stage, names in fields.items() if "max_page_cpu_seconds" in names}
    assert watched == {stage for stage, names in renamed.PARAMETERS.items() if "quarantine_after" in names}


def test_files_and_assignments_are_read_under_old_names(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "old.yaml").write_text("repeated_lines:\n  min_lines: 7\npii:\n  quarantine_after: 12\n")
    assigned = ["extract.quarantine_after=9", "repeated_lines.min_chars_left=5"]
    params = params_for(STAGES, load_settings([str(tmp_path / "old.yaml")], assigned))
    log_lines = params["log_lines"].model_dump()
    assert (log_lines["min_lines"], log_lines["min_chars_left"]) == (7, 5)
    assert params["pii"].model_dump()["max_page_cpu_seconds"] == 12
    assert params["extract"].model_dump()["max_page_cpu_seconds"] == 9
    said = "\n".join(caplog.messages)
    assert "'repeated_lines' is called 'log_lines' now" in said
    assert "'quarantine_after' is called 'max_page_cpu_seconds' now" in said


def test_a_stage_of_the_users_own_may_have_a_parameter_of_an_old_name(caplog: pytest.LogCaptureFixture) -> None:
    class OldParams(Params):
        quarantine_after: int = 1
        crowd: int = 2

    settings = load_settings([], ["my_stage.quarantine_after=9", "my_stage.crowd=3"])
    made = make_params(replace(STAGES[0], name="my_stage", params=OldParams), settings["my_stage"])
    assert made.model_dump() == {"quarantine_after": 9, "crowd": 3}
    assert not caplog.messages


def test_a_watched_stage_of_the_users_own_takes_the_old_name(caplog: pytest.LogCaptureFixture) -> None:
    class OwnParams(WatchedParams):
        pass

    made = make_params(replace(STAGES[0], name="my_stage", params=OwnParams), {"quarantine_after": 9})
    assert made.model_dump() == {"max_page_cpu_seconds": 9}
    assert "'quarantine_after' is called 'max_page_cpu_seconds' now" in caplog.text


def test_a_later_layer_wins_under_whichever_name(tmp_path: Path) -> None:
    (tmp_path / "new.yaml").write_text("log_lines:\n  min_lines: 7\n")
    assert load_settings([str(tmp_path / "new.yaml")], ["repeated_lines.min_lines=8"])["log_lines"] == {"min_lines": 8}


def test_stages_are_selected_under_old_names(caplog: pytest.LogCaptureFixture) -> None:
    assert known_stage("repeated_lines", STAGES) == "log_lines"
    asked = Selection.of(STAGES, "repeated_lines", "repeated_lines")
    assert [name for name in NAMES if name in asked] == ["log_lines"]
    assert caplog.messages


@pytest.mark.parametrize("has_both", [False, True])
def test_a_table_of_an_earlier_version_brings_its_columns(
    tmp_path: Path, has_both: bool, caplog: pytest.LogCaptureFixture
) -> None:
    columns = {"url": ["https://a.test/"], "text": ["A text."], "declared_licence": ["cc0-1.0"]}
    columns |= {"declared_license": ["cc-by-4.0"]} if has_both else {}
    pq.write_table(pa.table(columns), tmp_path / "old.parquet")
    names = [column.name for column in table_columns(resolve([str(tmp_path / "old.parquet")]), "url", "text", None)]
    assert "declared_license" in names
    assert ("declared_licence" in names) == has_both
    assert bool(caplog.messages) != has_both


def test_sections_of_both_names_are_put_together(tmp_path: Path) -> None:
    (tmp_path / "both.yaml").write_text("repeated_lines:\n  min_lines: 7\nlog_lines:\n  min_chars_left: 5\n")
    settings = load_settings([str(tmp_path / "both.yaml")], [])
    assert settings == {"log_lines": {"min_lines": 7, "min_chars_left": 5}}


def test_a_stage_of_the_users_own_is_made_with_old_clauses(caplog: pytest.LogCaptureFixture) -> None:
    def old(docs: Any, params: Params) -> Any:
        return docs

    old.__annotations__ = {"params": Params}
    made = stage_of(satisfied_by=(TEXT,), reads_inputs=True)(old)
    assert (made.skip_if_present, made.rereads_source) == ((TEXT,), True)
    assert len(caplog.messages) == 2
    with pytest.raises(ContractError, match="'satisfied_by' is called 'skip_if_present' now, and both are given"):
        stage_of(satisfied_by=(TEXT,), skip_if_present=(TEXT,))(old)
    assert {field.name for field in fields(Stage)} >= {*renamed.CLAUSES.values()}


def test_a_stage_is_left_out_under_its_old_name() -> None:
    assert "log_lines" not in [stage.name for stage in stages_without(STAGES, ["repeated_lines"])]
