"""A run against earlier runs: what these hold is not released twice, and newer captures take the place of theirs."""

import random
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds
import pytest

from pipeline.cli.curating import CURATE
from pipeline.cli.process import main
from pipeline.curation import Request, curate
from pipeline.errors import ConfigError
from pipeline.kernels.urls.addresses import document_id
from pipeline.runs.run import Run, manifest_path
from tests.duplicates import DAY, Document, changed, kept, prose, write_table
from tests.e2e.reading import rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.usefixtures("spark")
COOKIES = "We use cookies and you will like every one of them"
LAST = "dedup_line"


def page(url: str, words: Sequence[str], day: int, lines: Sequence[str] = ()) -> Document:
    text = "\n".join([" ".join(words), *lines])
    return {"url": url, "text": text, "language": "en", "fetch_time": DAY + timedelta(days=day)}


def run_on(
    folder: Path,
    files: Sequence[Sequence[Document]],
    *assignments: str,
    against: tuple[Path, ...] | None = None,
    last: str = LAST,
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    inputs = tuple(write_table(folder / f"{number}.parquet", some) for number, some in enumerate(files))
    earlier = None if against is None else tuple(str(run) for run in against)
    curate(Request(str(folder / "run"), inputs, assignments=assignments, last=last, against=earlier))
    return folder / "run"


def superseded(run: Path) -> dict[str, dict[str, Any]]:
    if not (run / "superseded").exists():
        return {}
    result = ds.dataset(run / "superseded", format="parquet").to_table().to_pylist()
    assert len({row["url"] for row in result}) == len(result)
    return {row["url"]: row for row in result}


def both_crawls() -> tuple[list[list[Document]], list[list[Document]]]:
    """Return an earlier crawl and a later one that knows some of its pages, copies others, and repeats its lines."""
    draw = random.Random(21)
    texts = {number: prose(draw, 90) for number in range(40)}
    cookies = [COOKIES]
    old = [page(f"page-{number}", texts[number], 5, cookies if number < 4 else ()) for number in range(40)]
    old += [page("lost-in-a", changed(draw, texts[39], 1)[:-1], 5)]
    new = [
        page("page-0", changed(draw, texts[0], 1), 9, cookies),  # newer, and like the capture that it supersedes
        page("page-1", prose(draw, 90), 9, cookies),  # newer, with another text
        page("page-2", prose(draw, 90), 1),  # older
        page("page-3", texts[3], 5),  # as old, as long: the higher doc_id, which is the same
        page("moved", texts[1], 9, cookies),  # the text of a capture that is superseded
        page("copy", texts[10], 9),
        page("near", changed(draw, texts[11], 1), 9),
        page("far", prose(draw, 90), 9, cookies),
        page("of-the-lost", changed(draw, texts[39], 1), 9),
    ]
    nothing = page("nothing", [], 5)
    return [[nothing], old[:25], old[25:]], [new[:5], new[5:], [nothing]]


@pytest.fixture(scope="module")
def earlier(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_on(tmp_path_factory.mktemp("a"), both_crawls()[0])


@pytest.fixture(scope="module")
def later(earlier: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_on(tmp_path_factory.mktemp("b"), both_crawls()[1], against=(earlier,))


def test_newer_captures_stay_and_older_ones_name_the_capture_of_the_earlier_run(later: Path) -> None:
    result = {row["url"]: row for row in rows(later, "decisions") if row["url"] != "nothing"}
    for url in ("page-0", "page-1"):
        assert result[url]["kept"], result[url]
    for url in ("page-2", "page-3"):
        assert (result[url]["stage"], result[url]["reason"]) == ("dedup_url", "newer_capture")
        assert result[url]["survivor_url"] == result[url]["survivor_record_id"] == url


def test_what_is_superseded_is_listed_with_all_that_identifies_both(earlier: Path, later: Path) -> None:
    old, new = decided_once(earlier), decided_once(later)
    result = superseded(later)
    assert set(result) == {"page-0", "page-1"}
    names = ("record_id", "fetch_time", "warc_file", "warc_offset")
    for url, row in result.items():
        assert row["run"] == str(earlier)
        assert {name: row[name] for name in (*names, "doc_id")} == {name: old[url][name] for name in (*names, "doc_id")}
        assert {name: row[f"newer_{name}"] for name in names} == {name: new[url][name] for name in names}
    assert superseded(earlier) == {}


def decided_once(run: Path) -> dict[str, dict[str, Any]]:
    return {row["url"]: row for row in rows(run, "decisions") if row["url"] != "nothing"}


def test_a_text_like_one_that_the_earlier_run_kept_goes_and_names_it(earlier: Path, later: Path) -> None:
    before, result = decided_once(earlier), decided_once(later)
    for url, survivor in {"copy": "page-10", "near": "page-11"}.items():
        assert (result[url]["stage"], result[url]["survivor_url"]) == ("dedup_document", survivor)
        assert result[url]["similarity"] >= 0.8
    assert before["lost-in-a"]["reason"] == "near_duplicate"
    assert result["of-the-lost"]["survivor_url"] == "page-39"
    assert result["far"]["kept"]


def test_a_text_whose_capture_is_superseded_may_be_kept_elsewhere(later: Path) -> None:
    assert decided_once(later)["moved"]["kept"]


def test_lines_are_counted_in_both_runs_together(earlier: Path, later: Path) -> None:
    before = {row["url"]: row for row in rows(earlier, LAST)}
    assert all(COOKIES in before[f"page-{number}"]["text"] for number in range(4))  # four times: not frequent there
    after = {row["url"]: row for row in rows(later, LAST)}
    for url in ("page-0", "page-1", "moved", "far"):  # four more make eight
        assert COOKIES not in after[url]["text"]
        assert after[url]["lines_removed"] == 1


def test_a_second_time_everything_is_done_and_the_earlier_runs_are_remembered(
    later: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = superseded(later)
    curate(Request(str(later), last=LAST))
    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines() if "done already" in line][-3:] == [
        "pii",
        "dedup_document",
        "dedup_line",
    ]
    assert superseded(later) == before


def planned(run: Path, capsys: pytest.CaptureFixture[str], against: tuple[str, ...] | None = None) -> dict[str, str]:
    curate(Request(str(run), last=LAST, dry_run=True, against=against))
    lines = capsys.readouterr().out.splitlines()[1:]
    return {line.split()[0]: line[16:26].strip() for line in lines}


def test_without_its_earlier_runs_it_is_another_run(later: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_them, without = planned(later, capsys), planned(later, capsys, ())
    levels = ("dedup_url", "dedup_document", "dedup_line")
    assert {with_them[level] for level in levels} == {"done"}
    assert {without[level] for level in levels} == {"run"}


@pytest.mark.long
def test_an_earlier_run_that_changes_makes_what_goes_by_it_stale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = random.Random(2)
    some = [page(f"page-{number}", prose(draw, 60), 1) for number in range(6)]
    first = run_on(tmp_path / "a", [some[:3]])
    second = run_on(tmp_path / "b", [some[3:], [{**some[0], "url": "copy"}]], against=(first,))
    assert kept(second) == {"page-3", "page-4", "page-5"}
    capsys.readouterr()
    run_on(tmp_path / "a", [some[1:3]])
    capsys.readouterr()
    assert planned(second, capsys)["dedup_url"] == "run"
    curate(Request(str(second), last=LAST))
    assert kept(second) == {"page-3", "page-4", "page-5", "copy"}
    curate(Request(str(second), last=LAST, against=()))
    assert superseded(second) == {}


@pytest.fixture(scope="module")
def begun(earlier: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run against the earlier one that has got to what is before the document level."""
    folder = tmp_path_factory.mktemp("begun")
    table = write_table(folder / "0.parquet", [page("new", prose(random.Random(1), 60), 1)])
    curate(Request(str(folder / "run"), (table,), last="pii", against=(str(earlier),)))
    return folder / "run"


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("dedup_document.permutations=64", r"dedup_document\.permutations is 128 there and 64 here"),
        ("dedup_document.shingle=3", r"dedup_document\.shingle is 5 there and 3 here"),
        ("dedup_document.threshold=0.9", r"dedup_document\.bands is 16 there and \d+ here"),
        ("dedup_line.min_line_chars=9", r"dedup_line\.min_line_chars is 1 there and 9 here"),
    ],
)
def test_a_run_with_other_parameters_is_refused_in_words(
    earlier: Path, begun: Path, assignment: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=rf"--against {earlier}: {message}"):
        curate(Request(str(begun), assignments=(assignment,), last=LAST))


@pytest.mark.long
def test_a_run_whose_keys_another_function_made_is_refused_unless_its_results_are_kept(
    earlier: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(earlier, other)
    run = Run(str(other))
    manifest = run.table("dedup_document").manifest
    function = "pipeline/kernels/near_duplicates/minhash.py:sketch"
    assert manifest.compared_by[function]
    assert "pipeline/kernels/near_duplicates/minhash.py:band_keys" in manifest.compared_by
    manifest.compared_by[function] = "of another day"
    manifest.save(manifest_path(run.path, "dedup_document", run.head.stages["dedup_document"]))
    some = [page("new", prose(random.Random(1), 60), 1)]
    with pytest.raises(ConfigError, match=f"--against {other}: {function}, by .* say --keep-results dedup_document"):
        run_on(tmp_path / "new", [some], against=(other,))
    inputs = (str(tmp_path / "new" / "0.parquet"),)
    curate(Request(str(tmp_path / "new" / "run"), inputs, last=LAST, against=(str(other),), kept=("dedup_document",)))
    assert kept(tmp_path / "new" / "run") == {"new"}


def test_a_run_goes_neither_by_itself_nor_by_what_is_no_run(
    later: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for against, message in [(str(later), "that is this run itself"), (str(tmp_path), "it holds no committed run")]:
        assert main(CURATE, ["--output", str(later), "--against", against]) == 2
        assert capsys.readouterr().err == f"error: --against {against}: {message}\n"
    assert main(CURATE, ["--output", f"{later}/", "--against", f"{later}/"]) == 2


def test_none_is_a_word_for_no_earlier_run(later: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(CURATE, ["--output", str(later), "--against", "none", "--to", LAST, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert [line[16:26].strip() for line in said.splitlines() if line.startswith("dedup_document")] == ["run"]


@pytest.mark.long
def test_lines_are_counted_together_where_the_runs_have_different_numbers_of_buckets(tmp_path: Path) -> None:
    draw = random.Random(4)
    setting = "dedup_line.bucket_documents=4"
    halves: list[list[str]] = [[], []]
    for number in range(100):
        url = f"b-{number}"
        halves[int(document_id(url, url)[:15], 16) % 2].append(url)
    first = run_on(tmp_path / "a", [[page(f"a-{n}", prose(draw, 60), 1, [COOKIES]) for n in range(4)]], setting)
    new = [page(url, prose(draw, 60), 1, [COOKIES]) for half in halves for url in half[:4]]
    second = run_on(tmp_path / "b", [new], setting, against=(first,))
    removed = {row["url"]: row["lines_removed"] for row in rows(second, LAST)}
    assert removed == {one["url"]: 1 for one in new}  # four times in either bucket here, and four times there
