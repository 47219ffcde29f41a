"""The corpus of the de-duplication benchmark is seeded, made file by file, and has the copies that it says."""

import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.engine.config import params_for
from pipeline.inputs.files import resolve
from pipeline.plan import STAGES, steps_for
from tests.benchmarks import synthetic_corpus
from tests.benchmarks.datatrove_peer import Documents
from tests.benchmarks.synthetic_corpus import COPIES, EXACT, LEAST_SIMILAR, RECAPTURES, tables, write_corpus

COUNT, A_FILE = 3_000, 700


@pytest.fixture(scope="module")
def files() -> list[pa.Table]:
    return list(tables(COUNT, seed=3, documents_a_file=A_FILE))


@pytest.fixture(scope="module")
def rows(files: list[pa.Table]) -> list[dict[str, Any]]:
    return [row for table in files for row in table.to_pylist()]


def originals(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["url"]: row for row in rows if row["copy_of"] is None}


def test_the_same_seed_gives_the_same_files_and_another_gives_others(files: list[pa.Table]) -> None:
    assert list(tables(COUNT, seed=3, documents_a_file=A_FILE)) == files
    assert next(tables(COUNT, seed=4, documents_a_file=A_FILE))["text"] != files[0]["text"]


def test_each_file_is_made_when_it_is_asked_for_in_memory_that_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic_corpus, "_POOL", 100)
    peaks = []
    made = tables(COUNT, documents_a_file=300)
    assert next(made).num_rows == 300
    tracemalloc.start()
    try:
        for table in made:
            assert table.num_rows == 300
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.reset_peak()
    finally:
        tracemalloc.stop()
    assert len(peaks) == COUNT // 300 - 1
    assert max(peaks) < 1.6 * min(peaks)


def test_the_files_are_of_a_size_and_the_last_holds_the_rest(files: list[pa.Table]) -> None:
    assert [table.num_rows for table in files] == [700, 700, 700, 700, 200]


def test_copies_and_later_captures_have_their_shares(rows: list[dict[str, Any]]) -> None:
    of = originals(rows)
    copies = [row for row in rows if row["copy_of"] is not None]
    assert len(copies) / COUNT == pytest.approx(COPIES, abs=0.03)
    assert all(row["copy_of"] in of for row in copies)
    exact = sum(row["text"] == of[row["copy_of"]]["text"] for row in copies)
    assert exact / len(copies) == pytest.approx(EXACT, abs=0.1)
    assert (COUNT - len({row["url"] for row in rows})) / COUNT == pytest.approx(RECAPTURES, abs=0.01)
    assert max(Counter(row["copy_of"] for row in copies).values()) > 4


def test_a_capture_of_the_same_address_has_another_time(rows: list[dict[str, Any]]) -> None:
    times: dict[str, list[Any]] = {}
    for row in rows:
        times.setdefault(row["url"], []).append(row["fetch_time"])
    repeated = [result for result in times.values() if len(result) == 2]
    assert len(repeated) > 20
    assert sum(first != second for first, second in repeated) >= len(repeated) - 1


def test_copies_are_as_similar_as_wanted(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    of = originals(rows)
    copies = [row for row in rows if row["copy_of"] is not None and row["text"] != of[row["copy_of"]]["text"]]
    table = pa.Table.from_pylist([{**row, "id": row["url"]} for row in [*of.values(), *copies]])
    pq.write_table(table, tmp_path / "texts.parquet")
    documents = Documents(tmp_path, set(table["id"].to_pylist()))
    result = np.array([documents.similarity(row["url"], row["copy_of"]) for row in copies])
    assert np.quantile(result, 0.05) > LEAST_SIMILAR - 0.03
    assert result.min() > LEAST_SIMILAR - 0.2
    assert (result < 0.8).mean() > 0.1
    assert (result > 0.95).mean() > 0.1


def test_lengths_languages_and_lines_are_as_in_a_crawl(rows: list[dict[str, Any]]) -> None:
    assert np.mean([len(row["text"].split()) for row in rows]) == pytest.approx(500, abs=50)
    languages = Counter(row["language"] for row in rows)
    assert languages["en"] / COUNT == pytest.approx(0.8, abs=0.05)
    assert len(languages) == 5
    lines = Counter(line for row in rows for line in row["text"].split("\n"))
    assert lines.most_common(1)[0][1] > COUNT / 4
    assert sum(count for count in lines.values() if count > 6) > 0.2 * sum(lines.values())
    assert all(row["text"][: row["spans"][0]["end"]] == row["text"].split("\n")[0] for row in rows)


def test_a_run_on_it_needs_no_stage_that_reads_pages(tmp_path: Path) -> None:
    write_corpus(tmp_path, 40)
    assert pq.read_table(tmp_path) == next(tables(40))
    steps = steps_for(STAGES, resolve([str(tmp_path)]), params_for(STAGES, {}))
    assert [step.name for step in steps][:4] == ["ingest", "url_screen", "dedup_url", "opt_out"]
