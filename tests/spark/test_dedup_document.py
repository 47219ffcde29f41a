"""Which documents stay is what the plainest program says, however the work is spread."""

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.duplicates import (
    ENOUGH,
    PERMUTATIONS,
    Document,
    Plain,
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

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.usefixtures("spark")


def chain() -> list[list[str]]:
    """Return three versions of a text: the middle one is like both others, which are not alike."""
    draw = random.Random(4)
    first = prose(draw, 122)
    second = [*first[8:], *prose(draw, 7)]
    return [first, second, [*second[8:], *prose(draw, 7)]]


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    draw = random.Random(9)
    pages = templated(draw, 2000, 0.6, first=100_000)
    near = [page | {"url": f"near-{page['url']}", "text": page["text"] + " mill"} for page in draw.sample(pages, 20)]
    result = [*corpus(), *pages, *near]
    result += [
        {**result[0], "url": f"chain-{number}", "text": " ".join(words), "language": "ch"}
        for number, words in enumerate(chain())
    ]
    draw.shuffle(result)
    return result


@pytest.fixture(scope="module")
def run(documents: list[Document], spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Path:
    return curated(tmp_path_factory.mktemp("documents") / "one", [documents])


@pytest.fixture(scope="module")
def plain(run: Path, documents: list[Document]) -> Plain:
    return Plain(documents, ids_of(run))


def test_a_document_goes_exactly_if_it_is_like_an_earlier_one_that_stays(run: Path, plain: Plain) -> None:
    expected = {url for url, fate in plain.fates().items() if fate.survivor is None}
    assert len(expected) < len(plain.urls) - 500
    assert kept(run) ^ expected == set()


def test_what_goes_names_a_kept_earlier_document_that_it_is_like(run: Path, plain: Plain) -> None:
    result = decided(run)
    for url, row in result.items():
        if row["kept"]:
            continue
        survivor = row["survivor_url"]
        assert result[survivor]["kept"]
        assert result[survivor]["record_id"] == row["survivor_record_id"]
        assert plain.order[survivor] < plain.order[url]
        assert row["similarity"] == row["value"] == plain.matches(url, survivor) / PERMUTATIONS
        assert row["similarity"] >= row["limit"] == 0.8
        is_copy = (plain.texts[plain.order[url]] == plain.texts[plain.order[survivor]]).all()
        assert row["reason"] == ("exact_duplicate" if is_copy else "near_duplicate")


def test_the_survivor_stays_and_is_mostly_the_one_that_is_most_alike(run: Path, plain: Plain) -> None:
    """In a band that many share, what goes at first was compared with the first of the band alone, which is named."""
    expected = plain.fates()
    result = decided(run)
    others = 0
    for url, row in result.items():
        if not row["kept"]:
            survivor = row["survivor_url"]
            assert result[survivor]["kept"]
            assert plain.order[survivor] < plain.order[url]
            assert ENOUGH <= plain.matches(url, survivor) <= expected[url].matches
            others += survivor != expected[url].survivor
    assert others < 0.1 * sum(not row["kept"] for row in result.values())


def test_what_is_like_only_a_document_that_goes_is_kept(run: Path, plain: Plain) -> None:
    first, second, third = (f"chain-{number}" for number in range(3))
    assert plain.matches(first, third) < ENOUGH <= min(plain.matches(first, second), plain.matches(second, third))
    assert plain.order[first] < plain.order[second] < plain.order[third]
    result = decided(run)
    assert [result[url]["kept"] for url in (first, second, third)] == [True, False, True]
    assert result[second]["survivor_url"] == first


def test_of_a_template_only_planted_copies_go(run: Path, documents: list[Document]) -> None:
    result = decided(run)
    pages = [one["url"] for one in documents if one["language"] == "tt"]
    gone = {url for url in pages if not result[url]["kept"]}
    assert len(gone) == 20
    assert {frozenset((url, result[url]["survivor_url"])) for url in gone} == {
        frozenset((url, url.removeprefix("near-"))) for url in pages if url.startswith("near-")
    }


def test_the_report_says_what_is_true(run: Path, plain: Plain) -> None:
    said = notes(run)
    assert (said["permutations"], said["bands"], said["rows_a_band"]) == (128, 16, 8)
    assert said["compared_at"]["0.80"] == pytest.approx(1 - (1 - 0.8**8) ** 16, abs=1e-4)
    gone = [row for row in decided(run).values() if row["reason"] == "near_duplicate"]
    assert said["comparisons"] >= said["comparisons_alike"] > 0
    assert said["comparisons_alike"] >= len({row["url"] for row in gone if not _is_copy_of_any(plain, row["url"])})
    assert (said["comparisons_left_out"], said["alike_left_out_estimate"], said["unsettled_documents"]) == (0, 0, 0)
    assert 1 <= said["large_band_rounds"] <= 10
    checked = said["checked"]
    assert checked["pairs"] == 200
    assert 0 < checked["mean_error"] <= checked["largest_error"] < 0.2
    assert checked["mean_error"] < 2 * checked["expected_error"]
    assert abs(checked["bias"]) <= checked["mean_error"]


def _is_copy_of_any(plain: Plain, url: str) -> bool:
    at = plain.order[url]
    return bool((plain.texts[:at] == plain.texts[at]).all(axis=1).any())


def fates(run: Path) -> dict[str, tuple[Any, ...]]:
    names = ("kept", "reason", "survivor_url", "similarity")
    return {url: tuple(row[name] for name in names) for url, row in decided(run).items()}


def spread(
    spark: "SparkSession", folder: Path, documents: list[list[Document]], partitions: str, driver_edges: str
) -> Path:
    before = spark.conf.get("spark.sql.shuffle.partitions")
    spark.conf.set("spark.sql.shuffle.partitions", partitions)
    try:
        return curated(folder / "other", documents, f"dedup_document.driver_edges={driver_edges}")
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", str(before))


@pytest.mark.long
def test_resolving_in_spark_and_other_partitions_change_no_fate(spark: "SparkSession", tmp_path: Path) -> None:
    some = [corpus(seed=6, size=300)]
    assert fates(spread(spark, tmp_path, some, "3", "0")) == fates(curated(tmp_path / "one", some))


@pytest.mark.long
def test_resolving_many_documents_in_spark_changes_no_fate(
    run: Path, documents: list[Document], spark: "SparkSession", tmp_path: Path
) -> None:
    assert fates(spread(spark, tmp_path, [documents], "3", "0")) == fates(run)


@pytest.mark.long
@pytest.mark.parametrize(
    ("files", "partitions", "driver_edges"),
    [(7, "40", "100"), (1, "1", "0"), (7, "8", "5000000"), (3, "1", "1")],
)
def test_no_way_of_spreading_the_work_keeps_another_document(
    run: Path,
    documents: list[Document],
    spark: "SparkSession",
    tmp_path: Path,
    files: int,
    partitions: str,
    driver_edges: str,
) -> None:
    other = spread(spark, tmp_path, split(documents, files, files), partitions, driver_edges)
    assert kept(other) ^ kept(run) == set()
