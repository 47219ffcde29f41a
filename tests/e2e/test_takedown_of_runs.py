"""A takedown with --run: tables, indexes and later runs hold no text of it, and copies are named or go too."""

import json
import random
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from pipeline.curation import Request, curate
from pipeline.errors import ConfigError, ManifestError
from pipeline.release.verify import verify
from pipeline.results.explain import explain
from pipeline.results.locations import locate
from pipeline.runs.run import Run
from pipeline.stores import storage
from pipeline.takedown import Takedown, take_down
from tests.e2e.reading import decisions
from tests.spark import mixes

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PROSE = """mill river stone grain water wheel flour bread house garden summer winter road bridge field market story
letter school music window table morning evening the of and to in that have with from"""
WORDS = PROSE.split()
SETTINGS = (
    "mix.shard_bytes=6000",
    "mix.validation.share=0",
    "mix.weights={general: 1.0}",
    "mix.write_tokens=megatron",
)
HOST = "gone.example"

pytestmark = pytest.mark.slow


def text_of(number: int, mark: str) -> str:
    draw = random.Random(number)
    lines = [" ".join(draw.choices(WORDS, k=14)).capitalize() + "." for _ in range(12)]
    return "\n".join([*lines[:6], f"The mark of this page is {mark}.", *lines[6:]])


def row(number: int, url: str, mark: str) -> dict[str, str]:
    return {"url": url, "text": text_of(number, mark)}


def marks_in(folder: Path, marks: Sequence[str]) -> set[tuple[str, str]]:
    """Return (mark, file) of the marks that stand in any column of any Parquet file, or in any other file."""
    seen = set()
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if path.suffix == ".parquet":
                content = json.dumps(pq.read_table(path).to_pylist(), default=str).encode()
            seen |= {(mark, str(path.relative_to(folder))) for mark in marks if mark.encode() in content}
    return seen


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, spark: "SparkSession") -> Path:
    folder = tmp_path_factory.mktemp("takedown")
    rows = [row(n, f"https://site{n % 9}.example/{n}", f"mark-{n:03d}-kept") for n in range(60)]
    rows += [row(100 + n, f"https://www.{HOST}/{n}", f"mark-{n:03d}-host") for n in range(4)]
    rows += [
        row(200, "https://one.example/page", "mark-000-page"),
        row(201, "https://one.example/page/2", "mark-below"),
    ]
    rows += [row(300, "https://a-first.example/x", "mark-copied"), row(300, "https://b-copy.example/x", "mark-copied")]
    random.Random(1).shuffle(rows)
    (folder / "tables").mkdir()
    for number in range(2):
        lines = rows[number::2]
        (folder / "tables" / f"{number}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    curate(Request(str(folder / "run"), (str(folder / "tables" / "*"),), assignments=SETTINGS))
    return folder


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "run", tmp_path / "run", copy_function=shutil.copy2)
    return tmp_path / "run"


def taken(run: Path, urls: Sequence[str] = (), hosts: Sequence[str] = (), **more: Any) -> list[str]:
    lists: dict[str, Any] = {}
    for name, entries in (("urls", urls), ("hosts", hosts)):
        if entries:
            lists[name] = str(run.parent / f"{name}.txt")
            Path(lists[name]).write_text("\n".join(entries))
    lines: list[str] = []
    take_down(Takedown(str(run), run=str(run), assignments=SETTINGS, **lists, **more), lines.append)
    return lines


def released(run: Path) -> set[str]:
    return set(ds.dataset(run / "release" / "data").to_table()["url"].to_pylist())


def measured(run: Path, url: str) -> set[str]:
    """Return what stages after the screening measured of a page and of no other: cells that are 8 bytes or longer."""
    row = next(row for row in decisions(run).values() if row["url"] == url)
    cells: set[str] = set()
    others = {value for name in ("ingest", "url_screen") for value in all_cells(run, name)}
    for table in Run(str(run)).tables()[2:]:
        part = next(part.name for part in table.parts if part.source == row["warc_file"])
        for record in table.manifest.sets.values():
            for piece in record.pieces.get(part, ()) if record.by_row else ():
                rows = pq.read_table(run / piece.columns.file).to_pylist()
                for number, values in enumerate(rows):
                    is_own = piece.columns.first <= number < piece.columns.first + piece.columns.rows
                    is_page = is_own and values.pop("__row") == row["warc_offset"]
                    (cells if is_page else others).update(map(repr, values.values()))
    return {cell for cell in cells - others if len(cell) > 8}


def all_cells(run: Path, stage: str = "") -> set[str]:
    files = (run / "stages" / stage).rglob("*.parquet")
    return {repr(value) for file in files for row in pq.read_table(file).to_pylist() for value in row.values()}


def wrong(run: Path) -> list[str]:
    lines: list[str] = []
    verify(str(run), lines.append)
    return [line for line in lines if line.startswith("wrong")]


def test_tables_and_indexes_lose_it_and_later_runs_leave_it_out(made: Path, run: Path) -> None:
    page, copy = "https://one.example/page", "https://b-copy.example/x"
    gone = ["mark-000-page", *(f"mark-{n:03d}-host" for n in range(4))]
    cells = measured(run, page)
    assert cells
    assert cells <= all_cells(run)
    assert {mark for mark, _ in marks_in(run, gone)} == set(gone)
    before = released(run)

    said = taken(run, [page, copy], [HOST])
    assert any("a-first.example" in line and "kept in place of" in line for line in said)
    assert marks_in(run, gone) == set()
    assert cells & all_cells(run) == set()
    assert {mark for mark, _ in marks_in(run / "stages", ["mark-below", "mark-copied"])} == {
        "mark-below",
        "mark-copied",
    }
    assert wrong(run) == []
    assert released(run) == {url for url in before if HOST not in url and url != page}
    receipt = storage.read_json(str(run / "release" / mixes.manifest(run)["takedowns"][0]["receipt"]))
    assert receipt is not None
    survivor = next(row for row in decisions(run).values() if "a-first" in row["url"])
    assert [(c["doc_id"], c["in_release"], c["removed"]) for c in receipt["copies"]] == [
        (survivor["doc_id"], True, False)
    ]
    with pytest.raises(ManifestError, match="stale"):
        locate(str(run), "release")
    assert any("listed.takedown" in line for line in explain(str(run), page))

    new = [row(400, f"https://sub.{HOST}/new", "mark-new-host"), row(401, "https://two.example/", "mark-two-kept")]
    (run.parent / "new.jsonl").write_text("\n".join(map(json.dumps, new)))
    curate(Request(str(run), (str(made / "tables" / "*"), str(run.parent / "new.jsonl")), assignments=SETTINGS))
    assert marks_in(run, [*gone, "mark-new-host"]) == set()
    assert cells & all_cells(run) == set()
    kept = released(run)
    assert {"https://two.example/", "https://one.example/page/2", "https://a-first.example/x"} <= kept
    assert not any(HOST in url for url in kept | {page} & kept)
    assert wrong(run) == []
    reasons = {row["url"]: row["reason"] for row in decisions(run).values() if not row["kept"]}
    left = (run / "takedown" / "urls.txt").read_text()
    (run / "takedown" / "urls.txt").write_text(copy)
    with pytest.raises(ConfigError, match="1 entries were taken off the lists"):
        curate(Request(str(run), assignments=SETTINGS))
    (run / "takedown" / "urls.txt").write_text(left)
    assert reasons[page] == reasons[copy] == reasons[f"https://sub.{HOST}/new"] == "listed.takedown"


@pytest.mark.long
def test_copies_go_too_where_that_is_asked_for(run: Path) -> None:
    said = taken(run, ["https://b-copy.example/x"], with_copies=True, later=True)
    assert any("a-first.example" in line for line in said)
    assert "https://a-first.example/x" not in released(run)
    assert wrong(run) == []
    assert "https://a-first.example/x" in (run / "takedown" / "urls.txt").read_text().splitlines()
    assert marks_in(run / "stages", ["mark-copied"])  # --later
    curate(Request(str(run), assignments=SETTINGS))
    assert marks_in(run, ["mark-copied"]) == set()


@pytest.mark.long
def test_a_run_that_was_made_otherwise_is_refused_before_anything_changes(run: Path) -> None:
    lists = run.parent / "urls.txt"
    lists.write_text("https://one.example/page")
    with pytest.raises(ConfigError, match=r"heuristics\.min_words = 50, not 40"):
        take_down(Takedown(str(run), urls=str(lists), run=str(run), assignments=("heuristics.min_words=40",)), print)
    assert not (run / "takedown").exists()
    assert "https://one.example/page" in released(run)


def test_a_run_without_the_screen_is_refused(spark: "SparkSession", tmp_path: Path) -> None:
    run = mixes.run(tmp_path, documents=mixes.DOCUMENTS[:40], files=1)
    lists = tmp_path / "urls.txt"
    lists.write_text(mixes.DOCUMENTS[0]["url"])
    with pytest.raises(ConfigError, match="no committed 'url_screen'"):
        take_down(Takedown(str(run), urls=str(lists), run=str(run)), print)
    (run / "takedown").mkdir()
    shutil.copy(lists, run / "takedown" / "urls.txt")
    with pytest.raises(ConfigError, match="start it from that stage"):
        curate(Request(str(run), first="mix"))


@pytest.mark.long
def test_a_crawl_is_purged_without_being_read_again(run_copy: Path, tmp_path: Path) -> None:
    rows = ds.dataset(run_copy / "release" / "data").to_table(columns=["url", "text"]).to_pylist()
    texts = Counter(line for text in {row["url"]: row["text"] for row in rows}.values() for line in text.split("\n"))
    page, line = next(
        (row["url"], line)
        for row in sorted(rows, key=lambda row: str(row["url"]))
        for line in row["text"].split("\n")
        if texts[line] == 1 and len(line) > 60 and line.isascii() and '"' not in line and "\\" not in line
    )
    assert marks_in(run_copy / "stages", [line])
    ingested = Run(str(run_copy)).table("ingest").manifest.key
    lists = tmp_path / "urls.txt"
    lists.write_text(page)
    take_down(Takedown(str(run_copy), urls=str(lists), run=str(run_copy)), print)
    assert marks_in(run_copy, [line]) == set()
    assert wrong(run_copy) == []
    assert Run(str(run_copy)).table("ingest").manifest.key == ingested
    assert page not in released(run_copy)
    curate(Request(str(run_copy)))
    assert marks_in(run_copy, [line]) == set()
    assert released(run_copy)
    assert page not in released(run_copy)
