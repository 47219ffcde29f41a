"""A run against several earlier ones, of which the later have gone by the earlier."""

import random
from pathlib import Path

import pytest

from tests.duplicates import decided, kept, prose
from tests.e2e.test_against import page, run_on, superseded

pytestmark = pytest.mark.usefixtures("spark")


@pytest.mark.long
def test_a_text_that_one_earlier_run_superseded_in_another_may_be_kept_elsewhere(tmp_path: Path) -> None:
    draw = random.Random(3)
    texts = [prose(draw, 80) for _ in range(3)]
    first = run_on(tmp_path / "a", [[page("moves", texts[0], 1)]], last="dedup_document")
    second = run_on(tmp_path / "b", [[page("moves", texts[1], 2)]], against=(first,), last="dedup_document")
    some = [page("new", texts[0], 3), page("copy", texts[1], 3)]
    third = run_on(tmp_path / "c", [some], against=(first, second), last="dedup_document")
    assert set(superseded(second)) == {"moves"}
    assert decided(third)["copy"]["survivor_url"] == "moves"
    assert kept(third) == {"new"}


@pytest.mark.long
def test_captures_of_a_run_that_went_by_another_are_superseded_and_named_by_a_third(tmp_path: Path) -> None:
    draw = random.Random(5)
    first = run_on(tmp_path / "a", [[page("first", prose(draw, 60), 1)]], last="dedup_url")
    some = [page(url, prose(draw, 60), 2) for url in ("old", "new")]
    second = run_on(tmp_path / "b", [some], against=(first,), last="dedup_url")
    texts = [page("old", prose(draw, 60), 1), page("new", prose(draw, 60), 3)]
    third = run_on(tmp_path / "c", [texts], against=(first, second), last="dedup_url")
    assert kept(third) == {"new"}
    assert decided(third)["old"]["survivor_url"] == "old"
    assert [(url, row["run"], row["fetch_time"].day) for url, row in superseded(third).items()] == [
        ("new", str(second), 3)
    ]
