"""Archives against the run of archives that were crawled before them."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.curation import Request, curate
from pipeline.runs.funnel import records_in
from pipeline.runs.run import Run
from tests.e2e.reading import decisions, rows

pytestmark = pytest.mark.slow


@pytest.mark.long
def test_a_crawl_that_was_crawled_before_leaves_nothing_and_names_what_it_had(
    finished: Path, sample: Path, tmp_path: Path
) -> None:
    shutil.copytree(sample, tmp_path / "again")
    curate(Request(str(tmp_path / "run"), (str(tmp_path / "again" / "*"),), against=(str(finished),)))
    before, result = decisions(finished), decisions(tmp_path / "run")
    assert set(before) == set(result)
    assert rows(tmp_path / "run", "dedup_url") == []
    for name, row in result.items():
        if row["stage"] != "ingest":
            survivor = row["survivor_record_id"]
            assert (row["reason"], before[survivor]["url"]) == ("newer_capture", row["url"])
            assert before[survivor]["stage"] != "dedup_url"
            assert before[name]["fetch_time"] <= before[survivor]["fetch_time"]
    assert not list((tmp_path / "run" / "superseded").glob("*.parquet"))


@pytest.mark.long
def test_files_one_after_the_other_hold_one_capture_of_an_address_in_all(sample: Path, tmp_path: Path) -> None:
    files = sorted(sample.iterdir())
    runs: list[Path] = []
    for number, some in enumerate((files[:2], files[2:])):
        run = tmp_path / str(number)
        curate(Request(str(run), tuple(map(str, some)), last="dedup_line", against=tuple(map(str, runs))))
        runs.append(run)
    first, second = (decisions(run) for run in runs)
    gone = {
        row["record_id"]
        for file in (runs[1] / "superseded").glob("*.parquet")
        for row in pq.read_table(file).to_pylist()
    }
    stays = [row for row in first.values() if row["kept"] and row["record_id"] not in gone]
    stays += [row for row in second.values() if row["kept"]]
    assert len({row["url"] for row in stays}) == len(stays)
    named = {**first, **second}
    for row in second.values():
        if row["stage"] in {"dedup_url", "dedup_document"}:
            assert named[row["survivor_record_id"]]["url"] == row["survivor_url"]
            assert row["survivor_record_id"] not in gone
    assert records_in(Run(str(runs[1])).tables()) == len(second)
