"""What tasks had finished when a driver died is used by the next one."""

from pathlib import Path

import pytest

from pipeline.curation import Request, curate
from pipeline.runs.run import Head, manifest_path
from tests.e2e.reading import hashes


def uncommitted(run: Path, stage: str) -> Path:
    """Take a stage's commit away; return the directory of what its tasks had finished."""
    Path(manifest_path(str(run), stage, Head.load(str(run)).stages[stage])).unlink()
    return run / "stages" / stage / "units"


def test_parts_that_a_crash_left_whole_are_not_computed_again(
    run_copy: Path, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    units = uncommitted(run_copy, "extract")
    with monkeypatch.context() as dying:  # all tasks are done, and what they finished is not taken away
        dying.setattr("pipeline.engine.stage_run.remove_units", lambda run, stage: None)
        curate(Request(output=str(run_copy)))
    lines = sorted(units.iterdir())
    assert len(lines) > 1
    uncommitted(run_copy, "extract")
    lines[0].unlink()
    before = {file.name for file in (run_copy / "stages" / "extract" / "files").glob("columns-*")}
    curate(Request(output=str(run_copy)))
    after = {file.name for file in (run_copy / "stages" / "extract" / "files").glob("columns-*")}
    assert len(after - before) == len(before - after) == 1  # what no line names is gone, and its part is written anew
    assert not units.exists()
    for result in ("release", "decisions"):
        assert hashes(run_copy / result) == hashes(finished / result)
