"""What a second run does: only what is not done yet, and it says so."""

import json
import os
import shutil
import socket
import time
from pathlib import Path

import pytest

from pipeline.curation import Request, curate
from pipeline.errors import ConfigError, ManifestError
from pipeline.plan import NAMES
from pipeline.results.locations import locate
from pipeline.runs.run import Head
from tests.e2e.copies import run_before
from tests.e2e.reading import decisions, hashes, rows
from tests.unit.stores.holders import holder

STAGES = list(NAMES)


def states(request: Request, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return stage → `done`, `run` or `left out`, as `--dry-run` prints it."""
    curate(Request(**{**vars(request), "dry_run": True}))
    lines = capsys.readouterr().out.splitlines()[1:]
    return {line.split()[0]: line[16:26].strip() for line in lines}


def ran(output: str) -> list[str]:
    """Return the stages that a run's lines say were computed."""
    return [line.split()[0] for line in output.splitlines() if " rows, " in line and "dropped" in line and "→" in line]


def test_a_second_run_skips_every_stage_and_leaves_every_byte(
    run_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = hashes(run_copy)
    curate(Request(output=str(run_copy)))
    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines() if "done already" in line] == STAGES
    assert hashes(run_copy) == before


def test_a_changed_threshold_redoes_its_stage_and_what_follows(
    run_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = Request(output=str(run_copy), assignments=("heuristics.min_words=150",))
    result = states(request, capsys)
    assert [stage for stage in STAGES if result[stage] == "run"] == ["heuristics", "quality", "topic", "mix", "anneal"]
    curate(request)
    assert ran(capsys.readouterr().out) == ["heuristics", "quality", "topic", "mix", "anneal"]
    few = [row for row in decisions(run_copy).values() if row["reason"] == "gopher.too_few_words"]
    assert few
    assert {row["limit"] for row in few} == {150.0}
    assert states(request, capsys) == dict.fromkeys(STAGES, "done")


def test_a_refitted_model_reads_every_page_anew_and_stops_where_the_texts_are_the_same(
    run_copy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.stages.extract.model_digest", lambda: "refitted")
    request = Request(output=str(run_copy))
    result = states(request, capsys)
    assert [stage for stage in STAGES if result[stage] == "run"] == STAGES[STAGES.index("extract") :]
    before = hashes(run_copy / "release")
    curate(request)
    said = capsys.readouterr().out
    assert ran(said) == ["extract"]
    assert "parts unchanged" not in said
    assert hashes(run_copy / "release") == before


@pytest.mark.long
@pytest.mark.parametrize("first", ["dedup_line", "ingest"])
def test_a_changed_threshold_gives_the_bytes_of_a_run_from_nothing(
    run_copy: Path, finished: Path, tmp_path: Path, first: str
) -> None:
    change = ("dedup_line.max_occurrences=20", "mix.seed=3")
    curate(Request(output=str(run_copy), assignments=change))
    fresh = run_before(first, finished, tmp_path / "fresh")
    curate(Request(output=str(fresh), assignments=change))
    assert hashes(run_copy / "release") == hashes(fresh / "release")
    assert hashes(run_copy / "decisions") == hashes(fresh / "decisions")


@pytest.mark.long
def test_an_added_file_is_the_only_one_read_again(sample: Path, tmp_path: Path, finished: Path) -> None:
    crawl = tmp_path / "crawl"
    crawl.mkdir()
    files = sorted(sample.iterdir())
    for file in files[:3]:
        shutil.copy2(file, crawl)
    run = tmp_path / "run"
    request = Request(output=str(run), inputs=(str(crawl / "*"),))
    curate(Request(**{**vars(request), "last": "extract"}))
    for file in sorted(crawl.iterdir()):  # whoever reads these again finds nothing in them
        stamp = file.stat()
        file.write_bytes(b"\0" * stamp.st_size)
        os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    shutil.copy2(files[3], crawl)
    curate(Request(**{**vars(request), "last": "extract"}))

    def by_url(which: Path) -> dict[str, str]:
        return {row["source_url"]: row["text"] for row in rows(which, "extract")}

    assert by_url(run) == by_url(finished)


@pytest.mark.long
def test_after_only_later_stages_are_stale_and_decisions_end_with_the_stage(
    run_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change = ("heuristics.min_words=150",)
    curate(Request(output=str(run_copy), assignments=change, first="heuristics", last="heuristics"))
    assert "the release there is of an earlier chain" in capsys.readouterr().out
    assert list(Head.load(str(run_copy)).stages)[-1] == "heuristics"
    assert {row["stage"] for row in rows(run_copy, "decisions")} <= {None, *STAGES[: STAGES.index("heuristics") + 1]}
    capsys.readouterr()
    curate(Request(output=str(run_copy), assignments=change, dry_run=True))
    said = capsys.readouterr().out
    assert "quality         run       its input changed: stale" in said
    curate(Request(output=str(run_copy), assignments=change))
    assert list(Head.load(str(run_copy)).stages) == STAGES


def test_only_refuses_where_an_earlier_stage_is_not_up_to_date(run_copy: Path) -> None:
    with pytest.raises(ConfigError, match=r"'dedup_line' is not up to date.*max_occurrences 6 → 9.*--from dedup_line"):
        curate(Request(output=str(run_copy), assignments=("dedup_line.max_occurrences=9",), first="mix", last="mix"))


def test_one_stage_alone_gives_the_table_that_the_whole_run_gave(run_copy: Path, finished: Path) -> None:
    curate(
        Request(
            output=str(run_copy),
            assignments=("route.min_code_share=0.9", "route.model=null"),
            first="route",
            last="route",
        )
    )
    assert {row["category"] for row in rows(run_copy, "route")} == {"general", "math", "multilingual"}
    curate(Request(output=str(run_copy), first="route", last="route"))

    def key(row: dict[str, str]) -> str:
        return str(row["record_id"])

    assert sorted(rows(run_copy, "route"), key=key) == sorted(rows(finished, "route"), key=key)


def test_a_second_driver_is_refused_with_host_pid_and_age(run_copy: Path) -> None:
    lock = run_copy / "_lock.json"
    lock.write_bytes(holder(started=time.time() - 60))
    with pytest.raises(ManifestError, match=rf"in use by process {os.getpid()} on {socket.gethostname()}, for 6\d s"):
        curate(Request(output=str(run_copy)))


def test_the_lock_of_a_dead_driver_is_taken_over(run_copy: Path) -> None:
    (run_copy / "_lock.json").write_bytes(holder(pid=2**22 - 3, started=0))
    curate(Request(output=str(run_copy)))
    assert not (run_copy / "_lock.json").exists()


def test_located_tables_hold_the_rows_that_passed_and_no_others(finished: Path) -> None:
    before = None
    for stage in STAGES:
        kept = {row["record_id"] for row in rows(finished, stage)}
        if before is not None:
            assert kept <= before
        before = kept
    assert before == {row["record_id"] for row in rows(finished, "decisions") if row["kept"]}
    assert locate(str(finished), "release") == str(finished / "release")


def test_a_later_stage_is_stale_after_only_and_not_forgotten(
    run_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change = ("dedup_line.max_occurrences=3",)
    curate(Request(output=str(run_copy), assignments=change, first="dedup_line", last="dedup_line"))
    capsys.readouterr()
    curate(Request(output=str(run_copy), assignments=change, dry_run=True))
    assert "log_lines       run       its input changed: stale" in capsys.readouterr().out
    with pytest.raises(ManifestError, match="'release' is stale"):
        locate(str(run_copy), "release")
    curate(Request(output=str(run_copy)))  # the old parameter: what later stages had given is still there
    assert ran(capsys.readouterr().out) == ["dedup_line"]


def test_a_file_that_changed_under_its_name_is_read_again(spark: object, tmp_path: Path) -> None:
    table = tmp_path / "pages.jsonl"
    for word in ("one", "two"):
        table.write_text(json.dumps({"url": f"https://a.example/{word}", "text": "The miller is in."}) + "\n")
        curate(Request(output=str(tmp_path / "run"), inputs=(str(table),), last="dedup_url"))
        assert [row["url"] for row in rows(tmp_path / "run", "dedup_url")] == [f"https://a.example/{word}"]


def test_pages_whose_text_alone_changed_are_extracted_again(spark: object, tmp_path: Path) -> None:
    table = tmp_path / "pages.jsonl"
    run = Request(output=str(tmp_path / "run"), inputs=(str(table),), last="extract")
    for word in ("first", "other"):
        page = f"<html><body><main><p>The {word} grain is brought to the mill before the rain.</p></main></body></html>"
        table.write_text(json.dumps({"url": "https://a.example/", "html": page}) + "\n")
        curate(run)
        assert [word in row["text"] for row in rows(tmp_path / "run", "extract")] == [True]


@pytest.mark.long
def test_a_removed_file_gives_its_place_back_to_older_captures(sample: Path, tmp_path: Path) -> None:
    crawl = tmp_path / "crawl"
    shutil.copytree(sample, crawl)
    request = Request(output=str(tmp_path / "run"), inputs=(str(crawl / "*"),), last="extract")
    curate(request)
    (crawl / "sample-00003.warc.gz").unlink()
    curate(request)
    curate(Request(**{**vars(request), "output": str(tmp_path / "fresh")}))

    def texts(run: str) -> dict[str, str]:
        return {row["source_url"]: row["text"] for row in rows(tmp_path / run, "extract")}

    assert texts("run") == texts("fresh")
