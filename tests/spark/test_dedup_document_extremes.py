"""The orders that documents may be kept by, and corpora that are mostly one page, one template or one text."""

import math
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.duplicates import (
    DAY,
    ENOUGH,
    Key,
    Plain,
    changed,
    corpus,
    curated,
    decided,
    ids_of,
    kept,
    notes,
    prose,
    split,
    templated,
)

pytestmark = pytest.mark.usefixtures("spark")


def last_if_none(value: float | None, sign: int) -> float:
    if value is None:
        return math.inf
    return 1e9 if math.isnan(value) else sign * value


ORDERS: dict[str, Key] = {
    "newest": lambda one: last_if_none(one["fetch_time"] and (one["fetch_time"] - DAY).days, -1),
    "quality": lambda one: last_if_none(one["quality"], -1),
    "votes": lambda one: last_if_none(one["votes"], -1),
    "-votes": lambda one: last_if_none(one["votes"], 1),
    "-fetch_time": lambda one: last_if_none(one["fetch_time"] and (one["fetch_time"] - DAY).days, 1),
}


LANES = {
    "newest": pytest.mark.long,
    "quality": pytest.mark.long,
    "votes": pytest.mark.long,
    "-fetch_time": pytest.mark.long,
}


@pytest.mark.long
@pytest.mark.parametrize("keep", [pytest.param(name, marks=LANES.get(name, ())) for name in ORDERS])
def test_any_column_can_say_which_of_two_stays(tmp_path: Path, keep: str) -> None:
    some = corpus(seed=3, size=600)
    other = curated(tmp_path / "other", split(some, 2, 2), f"dedup_document.keep={keep}")
    expected = Plain(some, ids_of(other), ORDERS[keep]).fates()
    assert kept(other) == {url for url, fate in expected.items() if fate.survivor is None}
    assert Counter(row["reason"] for row in decided(other).values())["near_duplicate"] > 50


def test_a_bounded_band_says_how_many_pairs_it_left_out_and_what_that_may_cost(tmp_path: Path) -> None:
    draw = random.Random(4)
    pages = templated(draw, 400, 0.8)
    near = [{**page, "url": f"near-{page['url']}", "text": page["text"] + " mill"} for page in pages[:40]]
    bounded = curated(tmp_path / "bounded", [[*pages, *near]], "dedup_document.max_band_documents=2")
    said = notes(bounded)
    assert said["comparisons_left_out"] > 1000
    assert 0 <= said["alike_left_out_estimate"] <= said["comparisons_left_out"]
    plain = Plain([*pages, *near], ids_of(bounded))
    for url, row in decided(bounded).items():
        if not row["kept"]:
            assert plain.matches(url, row["survivor_url"]) >= ENOUGH
            assert plain.order[row["survivor_url"]] < plain.order[url]


@pytest.mark.long
def test_a_page_that_is_half_the_corpus_and_a_text_of_megabytes_are_no_trouble(tmp_path: Path) -> None:
    draw = random.Random(8)
    page, story = prose(draw, 150), prose(draw, 150)
    texts = [" ".join(page)] * 3000
    texts += [" ".join(changed(draw, story, draw.randint(0, 3))) for _ in range(1500)]
    texts += [" ".join(prose(draw, 60)) for _ in range(1500)]
    huge = " ".join(prose(draw, 900_000))
    texts += [huge, huge + " mill"]
    assert len(huge) > 3_500_000
    some = [{"url": f"page-{number}", "text": text, "language": "en"} for number, text in enumerate(texts)]
    skewed = curated(tmp_path / "skewed", split(some, 3, 5))
    expected = Plain(some, ids_of(skewed)).fates()
    assert kept(skewed) == {url for url, fate in expected.items() if fate.survivor is None}
    reasons = Counter(row["reason"] for row in decided(skewed).values())
    assert reasons["exact_duplicate"] >= 2999
    assert notes(skewed)["unsettled_documents"] == 0
