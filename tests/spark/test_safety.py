"""Sites go as a whole by the dirty words of their pages, by what `url_screen` dropped of them, and by both together."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from pipeline.curation import Request, curate
from pipeline.engine.tables import NO_TABLES
from pipeline.errors import ConfigError
from pipeline.stages.safety import SafetyParams, ToxicityParams, score_toxicity
from schemas.columns import TOXICITY_SCORE
from tests.e2e.reading import decisions, rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Fate = tuple[str | None, str | None]
Case = tuple[str, str, Fate]
KEPT, GONE, LISTED = (None, None), ("safety", "unsafe_site"), ("url_screen", "listed.gambling")
NAMES = ("grobble", "snarkle", "wifflewort", "drubbish", "plunkett moor")
CLEAN = "Nobody remembers who built the weir, and the miller says that it was his grandfather. "
DIRTY = f"{CLEAN}Here a Grobble, there a snarkle, wifflewort and drubbish. "  # four words of the list among 24
THREE = f"{CLEAN}Here a grobble, there a snarkle and wifflewort. " * 4  # many, but only three different ones
THIN = DIRTY + CLEAN * 30  # four different ones, of 474 words
CASES: list[Case] = [
    # By dirty words alone: three of five, on hosts of one registered domain.
    ("https://www.foul-mill.co.uk/1", DIRTY, GONE),
    ("https://www.foul-mill.co.uk/2", DIRTY, GONE),
    ("https://shop.foul-mill.co.uk/3", DIRTY, GONE),
    ("https://shop.foul-mill.co.uk/4", CLEAN, GONE),
    ("https://foul-mill.co.uk/last", CLEAN, GONE),
    ("https://other-mill.co.uk/", CLEAN, KEPT),
    # Too few flagged pages, though all are.
    ("https://few-mill.org/1", DIRTY, KEPT),
    ("https://few-mill.org/2", DIRTY, KEPT),
    # Enough of them, but less than half.
    *((f"https://share-mill.org/{number}", DIRTY, KEPT) for number in range(3)),
    *((f"https://share-mill.org/clean{number}", CLEAN, KEPT) for number in range(4)),
    # Just half.
    *((f"https://half-mill.org/{number}", DIRTY, GONE) for number in range(3)),
    *((f"https://half-mill.org/clean{number}", CLEAN, GONE) for number in range(3)),
    # Neither many different words nor a large share is enough alone.
    *((f"https://three-mill.org/{number}", THREE, KEPT) for number in range(4)),
    *((f"https://thin-mill.org/{number}", THIN, KEPT) for number in range(4)),
    # By what url_screen dropped alone, from other hosts of the site.
    *((f"https://bets.list-mill.org/{number}", CLEAN, LISTED) for number in range(3)),
    ("https://www.list-mill.org/", CLEAN, GONE),
    # By both: two that url_screen dropped, one by its words, of five; either alone is too little.
    *((f"https://both-mill.org/bets/{number}", CLEAN, LISTED) for number in range(2)),
    ("https://both-mill.org/words", DIRTY, GONE),
    ("https://both-mill.org/clean1", CLEAN, GONE),
    ("https://both-mill.org/clean2", CLEAN, GONE),
    # Two that url_screen dropped are too few.
    *((f"https://pair-mill.org/bets/{number}", CLEAN, LISTED) for number in range(2)),
    ("https://pair-mill.org/clean", CLEAN, KEPT),
    # Sites that only share a host for anybody's pages.
    *((f"https://foul.github.io/{number}", DIRTY, GONE) for number in range(3)),
    ("https://clean.github.io/", CLEAN, KEPT),
    # Ids that are no URLs have no site.
    *((f"book-{number}", DIRTY, KEPT) for number in range(4)),
]
LIMITS = ("safety.site_min_pages=3", "safety.site_min_share=0.5")


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    (folder / "en.txt").write_text("\n".join(NAMES))
    return folder


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ut1")
    (folder / "gambling").mkdir()
    (folder / "gambling" / "domains").write_text("bets.list-mill.org\n")
    (folder / "gambling" / "urls").write_text("both-mill.org/bets/\npair-mill.org/bets/\n")
    return folder


def run(folder: Path, pages: Sequence[tuple[str, str]], *settings: str, first: str = "url_screen") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"url": url, "text": text, "language": "en"}) for url, text in pages]
    (folder / "pages.jsonl").write_text("\n".join(lines))
    inputs = (str(folder / "pages.jsonl"),)
    curate(Request(str(folder / "run"), inputs, first=first, last="safety", assignments=settings))
    return folder / "run"


def fates(run: Path) -> dict[str, Fate]:
    return {row["source_url"]: (row["stage"], row["reason"]) for row in decisions(run).values()}


def notes(run: Path) -> dict[str, Any]:
    (stage,) = (one for one in json.loads((run / "report.json").read_text())["stages"] if one["stage"] == "safety")
    return dict(stage["notes"])


PAGES = [(url, text) for url, text, _ in CASES]


@pytest.fixture(scope="module")
def judged(spark: "SparkSession", words: Path, lists: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    places = (f"safety.dirty_words={words}", f"url_screen.lists=[{lists}]")
    return run(tmp_path_factory.mktemp("judged"), PAGES, *places, *LIMITS)


def test_sites_go_for_their_words_their_addresses_and_both_with_their_last_clean_page(judged: Path) -> None:
    assert fates(judged) == {url: fate for url, _, fate in CASES}
    assert {row["source_url"] for row in rows(judged, "safety")} == {url for url, _, fate in CASES if fate == KEPT}


def test_a_page_of_such_a_site_is_told_with_the_share_and_its_limit(judged: Path) -> None:
    result = {row["source_url"]: (row["value"], row["limit"]) for row in decisions(judged).values()}
    assert result["https://foul-mill.co.uk/last"] == (0.6, 0.5)
    assert result["https://both-mill.org/clean1"] == (0.6, 0.5)
    assert result["https://www.list-mill.org/"] == (0.75, 0.5)


def test_the_report_counts_sites_and_the_pages_that_they_still_had(judged: Path) -> None:
    gone = [url for url, _, fate in CASES if fate == GONE]
    assert notes(judged) == {"sites": 5, "pages_of_sites": len(gone)}


def test_without_lists_of_words_only_addresses_speak(spark: "SparkSession", lists: Path, tmp_path: Path) -> None:
    settings = ("safety.dirty_words=null", f"url_screen.lists=[{lists}]", *LIMITS)
    result = fates(run(tmp_path, PAGES, *settings))
    assert {url for url, fate in result.items() if fate == GONE} == {"https://www.list-mill.org/"}


def test_alone_and_on_other_limits_the_stage_decides_by_words(
    spark: "SparkSession", words: Path, tmp_path: Path
) -> None:
    place = f"safety.dirty_words={words}"
    result = fates(run(tmp_path, PAGES, place, *LIMITS, first="safety"))
    assert {url for url, fate in result.items() if fate == GONE} == {
        url for url, _, fate in CASES if fate == GONE and not url.startswith(("https://www.list", "https://both"))
    }
    looser = (place, "safety.site_min_pages=4", "safety.site_min_share=0", "safety.max_distinct_dirty_words=2")
    result = fates(run(tmp_path, PAGES, *looser, first="safety"))
    assert {url.split("/")[2] for url, fate in result.items() if fate == GONE} == {"three-mill.org"}


def test_where_nothing_is_screened_and_nothing_is_dirty_nothing_goes(
    spark: "SparkSession", words: Path, lists: Path, tmp_path: Path
) -> None:
    settings = (f"safety.dirty_words={words}", f"url_screen.lists=[{lists}]", *LIMITS)
    pages = [(f"https://a-mill.org/{number}", f"{CLEAN}{number}") for number in range(4)]
    result = run(tmp_path, pages, *settings)
    assert set(fates(result).values()) == {KEPT}
    assert notes(result) == {"sites": 0, "pages_of_sites": 0}


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no folder"):
        run(tmp_path, PAGES[:1], f"safety.dirty_words={tmp_path / 'nowhere'}")


def test_pages_that_another_list_condemns_tell_against_their_site_even_where_no_text_was_in_them(
    spark: "SparkSession", words: Path, tmp_path: Path
) -> None:
    """Other addresses are flagged, and what reaches the stage is the same: its verdicts are not."""
    lists = tmp_path / "ut1"
    (lists / "gambling").mkdir(parents=True)
    place = lists / "gambling" / "urls"
    place.write_text("unseen-mill.org/bets/\n")
    article = "".join(f"<p>{CLEAN} Page {number} of the book says so.</p>" for number in range(8))
    pages = [(f"https://a-mill.org/bets/{number}", "<html><body></body></html>") for number in range(3)]
    pages.append(("https://a-mill.org/clean", f"<html><body><main><article>{article}</article></main></body></html>"))
    (tmp_path / "pages.jsonl").write_text("\n".join(json.dumps({"url": url, "html": html}) for url, html in pages))
    settings = (f"safety.dirty_words={words}", f"url_screen.lists=[{lists}]", *LIMITS)
    output, inputs = tmp_path / "run", (str(tmp_path / "pages.jsonl"),)
    curate(Request(str(output), inputs, last="safety", assignments=settings))
    result = fates(output)
    assert result["https://a-mill.org/clean"] == KEPT
    assert result["https://a-mill.org/bets/0"][0] == "extract"
    place.write_text("a-mill.org/bets/\n")
    curate(Request(str(output), inputs, last="safety", assignments=settings))
    result = fates(output)
    assert result["https://a-mill.org/bets/0"] == LISTED
    assert result["https://a-mill.org/clean"] == GONE


# Toxic pages, by a model.

INSULT = "You stupid bitch, shut the fuck up, you worthless piece of shit. "


def toxicities(texts: Sequence[str | None], language: str | None = "en", **changes: Any) -> list[float | None]:
    table = pa.table({"text": pa.array(texts, pa.string()), "language": pa.array([language] * len(texts), pa.string())})
    batches = score_toxicity(iter(table.to_batches()), ToxicityParams(**changes), NO_TABLES)
    return [score for batch in batches for score in batch.column(TOXICITY_SCORE.name).to_pylist()]


def test_toxic_pages_are_dropped_and_tell_against_their_site(spark: "SparkSession", tmp_path: Path) -> None:
    pages = [
        *(("https://rude-mill.org/insult", INSULT * 3), ("https://rude-mill.org/clean", CLEAN * 3)),
        *((f"https://vile-mill.org/{number}", INSULT * 3) for number in range(3)),
        ("https://vile-mill.org/clean", CLEAN * 3),
    ]
    settings = ("safety.dirty_words=null", *LIMITS)
    output = run(tmp_path, pages, *settings, first="safety")
    toxic = ("safety", "toxic_page")
    assert fates(output) == {
        "https://rude-mill.org/insult": toxic,
        "https://rude-mill.org/clean": KEPT,
        **{f"https://vile-mill.org/{name}": GONE for name in (0, 1, 2, "clean")},
    }
    told = {row["source_url"]: (row["value"], row["limit"]) for row in decisions(output).values()}
    (score,) = toxicities([INSULT * 3])
    assert told["https://rude-mill.org/insult"] == (score, 0.9)
    scores = {row["source_url"]: row["toxicity_score"] for row in rows(output, "safety")}
    assert scores == {"https://rude-mill.org/clean": toxicities([CLEAN * 3])[0]}
    curate(Request(str(output), first="safety", last="safety", assignments=(*settings, "safety.max_toxicity=null")))
    assert set(fates(output).values()) == {KEPT}
    assert len(rows(output, "safety")) == len(pages)


def test_only_languages_that_the_model_knows_are_scored_and_without_a_model_none() -> None:
    (english,) = toxicities([INSULT])
    assert english is not None
    assert english > 0.9
    assert toxicities([INSULT], "de") == [None]
    assert toxicities([INSULT], "und") == toxicities([INSULT], None) == [english]  # nobody knows that it is another
    assert toxicities([INSULT, CLEAN], toxicity_model=None) == [None, None]
    assert SafetyParams(toxicity_model=None, dirty_words=None).resolved().toxicity_digest is None


SENTENCES = (
    "My {} colleague showed us how the new engine works.",
    "The town elected its first {} mayor last autumn, and she thanked the volunteers for their work.",
    "Two {} brothers opened a bakery beside the station.",
    "A survey asked {} voters what they think of the new bus line.",
    "The library lent her a novel about a {} family that moves to the coast.",
    "He is {} and plays the violin in our orchestra.",
    "We hate {} people.",
)
TERMS = (
    *("tall", "old", "deaf", "blind", "gay", "lesbian", "transgender", "straight", "Muslim", "Jewish", "Christian"),
    *("Hindu", "black", "white", "Asian", "Mexican", "Arab", "German", "female", "male", "poor", "vegan"),
)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_word_for_a_group_of_people_makes_no_sentence_more_toxic_than_another(sentence: str) -> None:
    scores = [score for score in toxicities([sentence.replace("{}", term) for term in TERMS]) if score is not None]
    assert len(scores) == len(TERMS)
    assert max(scores) - min(scores) < 0.05


def test_the_means_of_groups_over_sentences_differ_by_less_than_a_twentieth() -> None:
    means = [
        sum(filter(None, toxicities([sentence.replace("{}", term) for sentence in SENTENCES]))) / len(SENTENCES)
        for term in TERMS
    ]
    assert max(means) - min(means) < 0.05


@pytest.mark.parametrize(
    ("model", "message"), [("topic", "has no label 'toxicity'"), ("toxicty", "did you mean toxicity")]
)
def test_a_model_without_the_label_or_of_no_such_name_is_refused(model: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SafetyParams(toxicity_model=model, dirty_words=None).resolved()
