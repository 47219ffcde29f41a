"""Tables of stages written out for any reader: on demand, whole, and never stale."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.cli.looking import EXPORT, LOCATE
from pipeline.cli.process import main
from pipeline.curation import Request, curate
from pipeline.runs.run import Run


def located(run: Path, stage: str, capsys: pytest.CaptureFixture[str]) -> tuple[Path, str]:
    """Return the directory that the job prints, and what it says beside it."""
    capsys.readouterr()
    assert main(LOCATE, [str(run), stage]) == 0
    said = capsys.readouterr()
    (line,) = said.out.splitlines()
    return Path(line), said.err


def test_an_exported_table_has_the_rows_and_columns_of_the_stage(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(EXPORT, [str(finished), "pii", str(tmp_path / "out")]) == 0
    table = Run(str(finished)).table("pii")
    assert capsys.readouterr().out == f"{table.rows:,} rows of 'pii' in {tmp_path / 'out'}\n"
    written = pq.read_table(tmp_path / "out")
    assert written.num_rows == table.rows > 0
    assert written.schema.names == [column.name for column in table.columns]
    assert written["text"].null_count == 0


def test_a_directory_that_holds_something_is_not_written_into(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main(EXPORT, [str(finished), "pii", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path} is not empty: name a new directory\n"
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_locate_writes_a_table_once_and_says_so_beside_the_directory(
    run_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory, said = located(run_copy, "safety", capsys)
    assert directory == run_copy / "exports" / "safety"
    assert said == "written: the table of 'safety'\n"
    assert pq.read_table(directory).num_rows == Run(str(run_copy)).table("safety").rows
    assert located(run_copy, "safety", capsys) == (directory, "")


def test_a_table_that_a_run_changes_is_no_longer_there_and_the_others_stay(
    run_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {stage: pq.read_table(located(run_copy, stage, capsys)[0]) for stage in ("dedup_url", "heuristics")}
    change = ("heuristics.min_words=150",)
    curate(Request(output=str(run_copy), assignments=change, last="heuristics"))
    assert sorted(place.name for place in (run_copy / "exports").iterdir()) == ["dedup_url"]
    directory, said = located(run_copy, "heuristics", capsys)
    assert said == "written: the table of 'heuristics'\n"
    assert pq.read_table(directory).num_rows < before["heuristics"].num_rows
    assert pq.read_table(run_copy / "exports" / "dedup_url").equals(before["dedup_url"])
