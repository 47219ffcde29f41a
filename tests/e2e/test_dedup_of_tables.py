"""Tables that de-duplication has to cope with: columns of any name, texts without a word, parameters that change."""

import random
from pathlib import Path
from typing import Any

import pytest

from pipeline.curation import Request, curate
from tests.duplicates import DAY, Document, decided, kept, prose, write_table

pytestmark = pytest.mark.usefixtures("spark")


def pages(**more: Any) -> list[Document]:
    """Return three pages, the last of which is like the first."""
    draw = random.Random(6)
    texts = [prose(draw, 80), prose(draw, 80)]
    texts.append([*texts[0], "mill"])
    return [
        {"url": f"page-{number}", "text": " ".join(words), "language": "en", "fetch_time": DAY, **more}
        for number, words in enumerate(texts)
    ]


def run_on(folder: Path, files: list[list[Document]], *assignments: str, **request: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    inputs = tuple(write_table(folder / f"{number}.parquet", some) for number, some in enumerate(files))
    curate(Request(str(folder / "run"), inputs, assignments=assignments, **{"last": "dedup_document", **request}))
    return folder / "run"


@pytest.mark.long
def test_a_table_may_have_columns_that_are_named_as_ours_are(tmp_path: Path) -> None:
    run = run_on(tmp_path, [pages(**dict.fromkeys(("doc", "age", "lack", "units", "signature", "row"), 3))])
    assert kept(run) == {"page-1", "page-2"}


def test_the_place_in_a_file_may_be_the_order(tmp_path: Path) -> None:
    run = run_on(tmp_path, [pages()], "dedup_document.keep=-warc_offset", first="dedup_document")
    assert kept(run) == {"page-0", "page-1"}


def test_texts_without_a_word_are_kept_also_where_a_file_has_no_others(tmp_path: Path) -> None:
    empty = [{**one, "url": f"empty-{number}", "text": "—!?"} for number, one in enumerate(pages()[:2])]
    run = run_on(tmp_path, [pages(), empty], first="dedup_document")
    assert kept(run) == {"page-1", "page-2", "empty-0", "empty-1"}


def test_the_document_level_alone_goes_by_an_earlier_run(tmp_path: Path) -> None:
    first = run_on(tmp_path / "a", [pages()[:2]], first="dedup_document")
    second = run_on(tmp_path / "b", [pages()[2:]], first="dedup_document", against=(str(first),))
    assert decided(second)["page-2"]["survivor_url"] == "page-0"


def test_decisions_tell_the_limit_of_the_last_run(tmp_path: Path) -> None:
    for threshold in (0.8, 0.81):
        run = run_on(tmp_path, [pages()], f"dedup_document.threshold={threshold}", first="dedup_document")
        assert kept(run) == {"page-1", "page-2"}
        assert decided(run)["page-0"]["limit"] == threshold


@pytest.mark.long
def test_a_run_without_a_row_goes_by_an_earlier_one_all_the_same(tmp_path: Path) -> None:
    first = run_on(tmp_path / "a", [pages()])
    nothing = [{**one, "text": ""} for one in pages()]
    second = run_on(tmp_path / "b", [nothing], against=(str(first),))
    assert {row["reason"] for row in decided(second).values()} == {"no_text"}
