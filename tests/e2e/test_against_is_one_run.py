"""Crawl after crawl, each against those before it, keeps what one run over all of them keeps."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.curation import Request, curate
from pipeline.runs.run import Run
from tests.duplicates import Document, Plain, corpus, decided, ids_of, kept, write_table

pytestmark = pytest.mark.usefixtures("spark")


def crawls(sizes: list[int], seed: int) -> list[list[Document]]:
    """Return crawls that share no URL, numbered in their order."""
    documents = corpus(seed, sum(sizes))[: sum(sizes)]
    random.Random(seed).shuffle(documents)
    places: Iterator[Document] = iter(documents)
    return [[{**next(places), "crawl": number} for _ in range(size)] for number, size in enumerate(sizes)]


def run_on(folder: Path, files: list[list[Document]], *against: Path, first: str | None = None) -> Path:
    """Keep what came first; within a crawl the ranks are equal, so that the doc_id decides."""
    folder.mkdir(parents=True)
    inputs = tuple(write_table(folder / f"{number}.parquet", some) for number, some in enumerate(files))
    settings = ("dedup_document.keep=-crawl",)
    earlier = tuple(str(run) for run in against)
    output, last = str(folder / "run"), "dedup_document"
    curate(Request(output, inputs, assignments=settings, first=first, last=last, against=earlier))
    return folder / "run"


def one_after_the_other(folder: Path, parts: list[list[Document]], first: str | None = None) -> list[Path]:
    result: list[Path] = []
    for number, some in enumerate(parts):
        result.append(run_on(folder / str(number), [some[::2], some[1::2]], *result, first=first))
    return result


def buckets(run: Path, name: str) -> int:
    return Run(str(run)).table("dedup_document").manifest.tables[name].buckets


def check(runs: list[Path], together: set[str]) -> None:
    one_by_one = set[str]().union(*(kept(run) for run in runs))
    assert one_by_one ^ together == set()
    fates: dict[str, dict[str, Any]] = {}
    for run in runs:
        fates |= decided(run)
        for row in decided(run).values():
            assert row["kept"] or fates[row["survivor_url"]]["kept"]
            assert row["kept"] or fates[row["survivor_url"]]["record_id"] == row["survivor_record_id"]


def expected(parts: list[list[Document]], runs: list[Path]) -> set[str]:
    ids: dict[str, str] = {}
    for run in runs:
        ids |= ids_of(run)
    plain = Plain([one for part in parts for one in part], ids, lambda one: float(one["crawl"]))
    return {url for url, fate in plain.fates().items() if fate.survivor is None}


@pytest.mark.long
@pytest.mark.parametrize("sizes", [[150, 1100], [1100, 150]], ids=str)
def test_a_crawl_after_another_keeps_what_the_plainest_program_keeps_of_both(tmp_path: Path, sizes: list[int]) -> None:
    parts = crawls(sizes, 31)
    first, second = runs = one_after_the_other(tmp_path, parts)
    assert buckets(first, "bands") <= buckets(second, "bands")  # an index is never read by fewer tasks than wrote it
    check(runs, expected(parts, runs))
    across = [row for row in decided(second).values() if not row["kept"] and row["survivor_url"] in decided(first)]
    assert len(across) > 20


@pytest.mark.long
def test_a_third_crawl_goes_by_a_second_that_went_by_a_first(tmp_path: Path) -> None:
    parts = crawls([60, 60, 60], 7)
    runs = one_after_the_other(tmp_path, parts, first="dedup_document")
    check(runs, expected(parts, runs))


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([60, 300, 100], marks=pytest.mark.long),
        *(pytest.param(sizes, marks=pytest.mark.long) for sizes in ([60, 700, 300], [500, 500], [300, 20, 20, 400])),
    ],
    ids=str,
)
def test_crawls_one_after_the_other_keep_exactly_what_one_run_over_all_keeps(tmp_path: Path, sizes: list[int]) -> None:
    parts = crawls(sizes, 7)
    runs = one_after_the_other(tmp_path / "each", parts)
    check(runs, kept(run_on(tmp_path / "all", parts)))


@pytest.mark.long
def test_an_index_of_many_more_buckets_is_read_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = crawls([400, 200], 12)
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.dedup.documents.buckets_for", lambda rows, spark: 128)
        patch.setattr("pipeline.stages.dedup_url.buckets_for", lambda rows, spark: 64)
        first = run_on(tmp_path / "first", [parts[0]])
    assert buckets(first, "bands") == 128
    second = run_on(tmp_path / "second", [parts[1]], first)
    check([first, second], kept(run_on(tmp_path / "all", parts)))
    report = json.loads((second / "report.json").read_text())
    assert {"superseded": 0} in [stage["notes"] for stage in report["stages"]]
