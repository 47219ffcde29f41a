"""A page that hangs fails its task, goes on the run's list, and every later try, run and resume leaves it out."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.cells.parts import BatchStream
from pipeline.curation import Request, curate
from pipeline.engine.tables import FittedTables
from pipeline.errors import QuarantineError
from pipeline.heuristics.measuring import measure_text_signals
from pipeline.kernels.warc.records import Response
from pipeline.pii.redaction import measure_pii
from pipeline.plan import STAGES
from pipeline.results.explain import explain
from pipeline.runs.run import Run
from pipeline.stages.extract import ExtractParams, measure_extract
from pipeline.stages.ingest import IngestParams, measure_ingest
from tests.e2e.reading import decisions, hashes, rows
from tests.sample.warc import member, record

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LIMIT = "extract.max_page_cpu_seconds=0.5"


@wraps(measure_extract)
def trapped(rows: BatchStream, params: ExtractParams, fitted: FittedTables) -> BatchStream:
    """Measure as extract does, but for ever on pages whose address says so: the same name, so the same code."""
    from pipeline.stages import extract as module

    real = module._extracted

    def extracted(html: str | bytes, url: str, params: ExtractParams, *, xml: bool = False) -> Any:
        while "/hang" in url:
            pass
        return real(html, url, params, xml=xml)

    module._extracted = extracted
    try:
        yield from module.measure_extract(rows, params, fitted)
    finally:
        module._extracted = real


def spinning(measure: Callable[..., BatchStream]) -> Callable[..., BatchStream]:
    """Return a measure of texts that never ends where a text names the hang: the same name, so the same code."""

    @wraps(measure)
    def spins(rows: BatchStream, params: Any, fitted: FittedTables) -> BatchStream:
        def watched() -> BatchStream:
            for batch in rows:
                while any("mill of hang" in text for text in batch.column("text").to_pylist()):
                    pass
                yield batch

        yield from measure(watched(), params, fitted)

    return spins


def without_memory(measure: Callable[..., BatchStream]) -> Callable[..., BatchStream]:
    """Return a measure of texts whose memory does not suffice where a text names the hang."""

    @wraps(measure)
    def fails(rows: BatchStream, params: Any, fitted: FittedTables) -> BatchStream:
        def read() -> BatchStream:
            for batch in rows:
                if any("mill of hang" in text for text in batch.column("text").to_pylist()):
                    raise MemoryError
                yield batch

        yield from measure(read(), params, fitted)

    return fails


@wraps(measure_ingest)
def ingest_that_spins(rows: BatchStream, params: IngestParams, fitted: FittedTables) -> BatchStream:
    """Measure as ingest does, but for ever on a record whose body names the hang."""
    from pipeline.stages import ingest as module

    real = module._read

    def read(response: Response, *others: Any) -> Any:
        while b"mill of hang" in response.payload:
            pass
        return real(response, *others)

    module._read = read  # type: ignore[assignment]
    try:
        yield from module.measure_ingest(rows, params, fitted)
    finally:
        module._read = real


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    stages = tuple(replace(one, measure=trapped) if one.name == "extract" else one for one in STAGES)
    monkeypatch.setattr("pipeline.plan.STAGES", stages)
    return monkeypatch


def write_warc(path: Path, *pages: str) -> Path:
    """Write pages of their names and dates, `name` or `name@day`."""
    path.parent.mkdir(exist_ok=True)
    content = b""
    for page in pages:
        name, _, day = page.partition("@")
        body = f"<title>{name}</title><p>The mill of {name} ground corn for the whole valley until the river fell dry."
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        url = (("WARC-Target-URI", f"https://mill.test/{name}"), ("Content-Type", "application/http; msgtype=response"))
        when = f"2024-03-{int(day or 1):02}T00:00:00Z"
        content += member(record("response", f"<urn:{path.stem}:{page}>", when, url, f"{head}{body}".encode()))
    path.write_bytes(content)
    return path


def request(folder: Path, run: str = "run", last: str = "route", limit: str = LIMIT, **options: Any) -> Request:
    inputs = (str(folder / "crawl" / "*"),)
    return Request(str(folder / run), inputs, assignments=(limit,), last=last, **options)


def fates(run: Path) -> Counter[str | None]:
    return Counter(row["reason"] for row in decisions(run).values())


def entries(run: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in sorted((run / "_quarantine").iterdir())]


def results(run: Path) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Return what a run comes to: its decisions to the byte, and the rows that are left."""
    return hashes(run / "decisions"), rows(run, "route")


def read(run: Path) -> dict[str, Any]:
    """Return file → where what was read of its pages lies."""
    table = Run(str(run)).table("extract")
    return {Path(part.source).name: table.manifest.sets[""].pieces[part.name] for part in table.parts}


def after(said: str, stage: str) -> str:
    """Return the line on what came of a stage."""
    return next(line for line in said.splitlines() if line.startswith(stage) and "→" in line)


def ran(said: str) -> list[str]:
    return [line.split()[0] for line in said.splitlines() if "→" in line and "dropped" in line]


@pytest.mark.long
def test_a_retry_leaves_the_page_out_and_a_deleted_entry_brings_it_back(
    spark: "SparkSession", tmp_path: Path, trap: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_warc(tmp_path / "crawl" / "a.warc.gz", "one", "hang", "two")
    write_warc(tmp_path / "crawl" / "b.warc.gz", "three", "four")
    run = tmp_path / "run"
    curate(request(tmp_path))
    assert fates(run) == {None: 4, "quarantined": 1}
    assert len(rows(run, "extract")) == 4
    [entry] = entries(run)
    (hung,) = (row for row in decisions(run).values() if row["reason"] == "quarantined")
    for field in ("warc_file", "warc_offset", "doc_id"):
        assert entry[field] == hung[field]
    assert (entry["url"], entry["stage"], entry["limit"]) == ("https://mill.test/hang", "extract", 0.5)
    assert any("It hung in an earlier try" in line for line in explain(str(run), "https://mill.test/hang"))

    before, files = results(run), hashes(run)
    capfd.readouterr()
    curate(request(tmp_path))
    assert ran(capfd.readouterr().out) == []
    assert (results(run), hashes(run)) == (before, files)

    fresh = tmp_path / "fresh"  # with the list from the start, the same bytes
    shutil.copytree(run / "_quarantine", fresh / "_quarantine")
    curate(request(tmp_path, "fresh"))
    assert results(fresh) == before
    capfd.readouterr()

    trap.undo()  # the hang is repaired, and an operator deletes the entry
    shutil.rmtree(run / "_quarantine")
    curate(request(tmp_path, dry_run=True))
    assert "extract         run       its input or the quarantine list changed: stale" in capfd.readouterr().out
    curate(request(tmp_path))
    said = capfd.readouterr().out
    assert ran(said)[0] == "extract"
    assert "1 of 2 parts unchanged" in said
    assert fates(run) == {None: 5}
    clean = tmp_path / "clean"
    curate(request(tmp_path, "clean"))
    assert results(clean) == results(run)


@pytest.mark.long
def test_more_hangs_than_tries_fail_the_run_and_the_next_run_goes_on(
    spark: "SparkSession", tmp_path: Path, trap: pytest.MonkeyPatch
) -> None:
    write_warc(tmp_path / "crawl" / "a.warc.gz", "one", *(f"hang/{number}" for number in range(5)), "two")
    run = tmp_path / "run"
    with pytest.raises(QuarantineError, match=r"extract: a page hung.*mill.test/hang/0 \(.*: run again") as caught:
        curate(request(tmp_path))
    assert str(run / "_quarantine") in str(caught.value)
    assert len(entries(run)) == 4
    curate(request(tmp_path))
    assert [entry["url"] for entry in sorted(entries(run), key=lambda entry: int(entry["warc_offset"]))] == [
        f"https://mill.test/hang/{number}" for number in range(5)
    ]
    assert fates(run) == {None: 2, "quarantined": 5}


@pytest.mark.long
def test_an_entry_of_a_page_that_is_no_longer_wanted_changes_no_part(
    spark: "SparkSession", tmp_path: Path, trap: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_warc(tmp_path / "crawl" / "a.warc.gz", "one@2", "hang@2", "two@2")
    run = tmp_path / "run"
    curate(request(tmp_path))
    assert fates(run) == {None: 2, "quarantined": 1}
    pages = read(run)["a.warc.gz"]
    trap.undo()
    write_warc(tmp_path / "crawl" / "b.warc.gz", "hang@3")  # a newer capture, in another place
    capfd.readouterr()
    curate(request(tmp_path))
    assert read(run)["a.warc.gz"] == pages
    assert fates(run) == {None: 3, "newer_capture": 1}
    before, every = results(run), read(run)
    shutil.rmtree(run / "_quarantine")
    capfd.readouterr()
    curate(request(tmp_path))
    said = capfd.readouterr().out
    assert ran(said) == ["extract"]
    assert "2 of 2 parts unchanged" in after(said, "extract")
    assert (results(run), read(run)) == (before, every)


@pytest.mark.long
def test_where_memory_does_not_suffice_for_a_batch_the_error_names_the_page_and_nothing_is_dropped(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_warc(tmp_path / "crawl" / "a.warc.gz", "one", "hang", "two")
    asked = request(tmp_path, last="pii", limit="pii.max_page_cpu_seconds=60")
    with monkeypatch.context() as patched:
        patched.setattr("pipeline.stages.pii.measure_pii", without_memory(measure_pii))
        with pytest.raises(Exception, match=r"out of memory at https://mill\.test/hang") as caught:
            curate(asked)
    assert "hung" not in str(caught.value)
    curate(asked)
    assert fates(tmp_path / "run") == {None: 3}


def test_a_record_that_hangs_in_ingest_is_left_out(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    stages = tuple(replace(one, measure=ingest_that_spins) if one.name == "ingest" else one for one in STAGES)
    monkeypatch.setattr("pipeline.plan.STAGES", stages)
    write_warc(tmp_path / "crawl" / "a.warc.gz", "one", "hang", "two")
    asked = request(tmp_path, last="ingest", limit="ingest.max_page_cpu_seconds=0.5")
    curate(asked)
    run = tmp_path / "run"
    assert fates(run) == {None: 2, "quarantined": 1}
    (entry,) = entries(run)
    (hung,) = (row for row in decisions(run).values() if row["reason"] == "quarantined")
    assert [entry[field] for field in ("stage", "url", "doc_id")] == [
        "ingest",
        "https://mill.test/hang",
        hung["doc_id"],
    ]
    assert hung["stage"] == "ingest"
    capfd.readouterr()
    curate(asked)
    assert ran(capfd.readouterr().out) == []


@pytest.mark.long
@pytest.mark.parametrize("stage", ["pii", "heuristics"])
def test_a_page_that_hangs_among_the_rows_of_a_batch_is_told_apart_and_left_out(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    monkeypatch.setattr("pipeline.stages.pii.measure_pii", spinning(measure_pii) if stage == "pii" else measure_pii)
    monkeypatch.setattr("pipeline.stages.heuristics.measure_text_signals", spinning(measure_text_signals))
    write_warc(tmp_path / "crawl" / "a.warc.gz", "one", "hang", "two")
    write_warc(tmp_path / "crawl" / "b.warc.gz", "three", "four")
    asked = {"last": stage, "limit": f"{stage}.max_page_cpu_seconds=4"}
    run = tmp_path / "run"
    curate(request(tmp_path, **asked))
    (hung,) = (row for row in decisions(run).values() if row["reason"] == "quarantined")
    assert (hung["stage"], hung["url"]) == (stage, "https://mill.test/hang")
    (entry,) = (entry for entry in entries(run) if "doc_id" in entry)
    assert [entry[field] for field in ("doc_id", "warc_offset", "url")] == [
        hung[field] for field in ("doc_id", "warc_offset", "url")
    ]
    rows_of_batch = [(entry["first_row"], entry["last_row"]) for entry in entries(run) if "first_row" in entry]
    assert rows_of_batch == [(0, 2)]
    assert "mill of hang" not in str(rows(run, stage))

    fresh = tmp_path / "fresh"  # with the page alone on the list, the same bytes
    (fresh / "_quarantine").mkdir(parents=True)
    (name,) = (path.name for path in (run / "_quarantine").iterdir() if "to" not in path.name.rpartition("-")[2])
    shutil.copy(run / "_quarantine" / name, fresh / "_quarantine")
    curate(request(tmp_path, "fresh", **asked))
    assert (hashes(fresh / "decisions"), rows(fresh, stage)) == (hashes(run / "decisions"), rows(run, stage))
