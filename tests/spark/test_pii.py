"""Personal data of tables through the stage: what stands in its place, and which pages and sites go for it."""

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.curation import Request, curate
from pipeline.errors import ConfigError
from pipeline.pii.params import PiiParams
from pipeline.pii.redaction import VALUES, measure_pii
from schemas.columns import DROP_TYPE, LANGUAGE, PII_PER_1000_WORDS, SPANS, TEXT, TITLE, URL, Column
from tests.e2e.reading import decisions, rows
from tests.e2e.test_thresholds import spying
from tests.spark.stages import verdicts

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Page = dict[str, Any]
Fate = tuple[str | None, str | None]
MAIL, PHONE, ADDRESS = "jane.miller@watermill.org", "202-555-0143", "81.2.69.142"
CLEAN = "Nobody remembers who built the weir, and the miller says that it was his grandfather. " * 3
WORDS = re.compile(r"\w+")  # of these ASCII texts


def page(url: str, text: str, title: str | None = None, spans: Sequence[tuple[int, int, str]] = ()) -> Page:
    marked = [{"start": start, "end": end, "kind": kind} for start, end, kind in spans]
    return {"url": url, "text": text, "title": title, "spans": marked, "language": "en"}


def mails(count: int, words: int = 0) -> str:
    """Return a text with so many addresses of e-mail, of three words each, and so many words in all."""
    text = " ".join(f"miller{number}@watermill.org" for number in range(count))
    return text + " corn" * (words - 3 * count)


def run(folder: Path, files: Sequence[Sequence[Page]], *settings: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([column.field for column in (URL, TEXT, TITLE, SPANS, LANGUAGE)])
    for number, pages in enumerate(files):
        pq.write_table(pa.Table.from_pylist(list(pages), schema), folder / f"{number}.parquet")
    inputs = (str(folder / "*.parquet"),)
    curate(Request(str(folder / "run"), inputs, first="pii", last="pii", assignments=settings))
    return folder / "run"


def kept(run: Path) -> dict[str, Page]:
    return {row["source_url"]: row for row in rows(run, "pii")}


def fates(run: Path) -> dict[str, Fate]:
    return {row["source_url"]: (row["stage"], row["reason"]) for row in decisions(run).values()}


def marked(row: Page) -> list[tuple[str, str]]:
    """Return the entity and the stretch of the text that each entry of `pii` points at."""
    return [(one["entity"], row["text"][one["start"] : one["end"]]) for one in row["pii"]]


CODE = 'send("joe@watermill.org", "202-555-0143")'
HEADING = f"🌾 Ask {MAIL}"
TABLE = f"Office | {PHONE}"
BEFORE = f"{HEADING}\nThe 𝄞 of {ADDRESS} and {MAIL} is heard.\n{TABLE}\n"
FORMULA = "x^2 + 1"
MARKED = f"{BEFORE}{CODE}\nso that {FORMULA} holds."
SPANNED: list[tuple[int, int, str]] = [
    (0, len(HEADING), "heading"),
    (MARKED.index(TABLE), MARKED.index(TABLE) + len(TABLE), "table"),
    (len(BEFORE), len(BEFORE) + len(CODE), "code"),
    (MARKED.index(FORMULA), MARKED.index(FORMULA) + len(FORMULA), "math"),
]
ADDRESSES = [f"81.2.69.{number}" for number in range(140, 148)]
PLAIN = [
    page("https://one.example.org/", f"Write to {MAIL} or call {PHONE}, seen from {ADDRESS} today.", f"By {MAIL}"),
    page("https://two.example.org/", MARKED, "🌾 a@watermill.org, b@watermill.org 𝄞", SPANNED),
    page("https://three.example.org/", CLEAN, "The weir"),
    page("https://four.example.org/", f"{MAIL}, bob@watermill.org and jim@watermill.org; {PHONE}; {CLEAN}"),
    page("https://five.example.org/", f"Pings from {', '.join(ADDRESSES)} were seen. {CLEAN}"),
]


@pytest.fixture(scope="module")
def typed(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> dict[str, Page]:
    return kept(run(tmp_path_factory.mktemp("typed"), [PLAIN], "pii.max_per_1000_words=null"))


@pytest.fixture(scope="module")
def neutral(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> dict[str, Page]:
    settings = ("pii.max_per_1000_words=null", "pii.replacement=neutral")
    return kept(run(tmp_path_factory.mktemp("neutral"), [PLAIN], *settings))


def test_values_are_replaced_by_their_kind_and_their_places_are_known(typed: dict[str, Page]) -> None:
    one = typed["https://one.example.org/"]
    assert one["text"] == "Write to <EMAIL_ADDRESS> or call <PHONE_NUMBER>, seen from <IP_ADDRESS> today."
    assert one["title"] == "By <EMAIL_ADDRESS>"
    assert marked(one) == [(name, f"<{name}>") for name in ("EMAIL_ADDRESS", "PHONE_NUMBER", "IP_ADDRESS")]
    assert [one["score"] for one in one["pii"]] == pytest.approx([1.0, 0.75, 0.6])
    assert one["pii_per_1000_words"] == pytest.approx(1000 * 3 / len(WORDS.findall(PLAIN[0]["text"])))


def test_a_page_without_values_is_as_it_was_and_has_an_empty_list(typed: dict[str, Page]) -> None:
    three = typed["https://three.example.org/"]
    assert (three["text"], three["title"], three["pii"], three["pii_per_1000_words"]) == (CLEAN, "The weir", [], 0)


def test_spans_stand_on_what_they_stood_on_and_code_keeps_its_digits(typed: dict[str, Page]) -> None:
    two = typed["https://two.example.org/"]
    spans = [(one["kind"], two["text"][one["start"] : one["end"]]) for one in two["spans"]]
    assert spans == [
        ("heading", "🌾 Ask <EMAIL_ADDRESS>"),
        ("table", "Office | <PHONE_NUMBER>"),
        ("code", 'send("<EMAIL_ADDRESS>", "202-555-0143")'),
        ("math", FORMULA),
    ]
    kinds = ["EMAIL_ADDRESS", "IP_ADDRESS", "EMAIL_ADDRESS", "PHONE_NUMBER", "EMAIL_ADDRESS"]
    assert marked(two) == [(kind, f"<{kind}>") for kind in kinds]
    assert two["title"] == "🌾 <EMAIL_ADDRESS>, <EMAIL_ADDRESS> 𝄞"


def test_neutral_values_come_one_after_the_other_and_kinds_without_one_are_named(neutral: dict[str, Page]) -> None:
    first, second = "email@example.com", "firstname.lastname@example.org"
    four = neutral["https://four.example.org/"]
    assert four["text"] == f"{first}, {second} and {first}; <PHONE_NUMBER>; {CLEAN}"
    values = [first, second, first, "<PHONE_NUMBER>"]
    assert marked(four) == list(zip(["EMAIL_ADDRESS"] * 3 + ["PHONE_NUMBER"], values, strict=True))
    assert neutral["https://two.example.org/"]["title"] == f"🌾 {first}, {second} 𝄞"


def test_neutral_addresses_are_finewebs_six_and_then_begin_again(neutral: dict[str, Page]) -> None:
    five = neutral["https://five.example.org/"]
    values = [value for _, value in marked(five)]
    assert len(values) == 8
    assert len(set(values[:6])) == 6
    assert values[6:] == values[:2]
    assert not set(values) & set(ADDRESSES)
    assert five["text"] == f"Pings from {', '.join(values)} were seen. {CLEAN}"


SITES: list[tuple[str, str, Fate]] = [
    ("https://five.example.org/a", mails(5), (None, None)),
    ("https://six.example.net/a", mails(6), ("pii", "dense_page")),
    ("https://limit.example.com/a", mails(6, 300), (None, None)),
    ("https://limit.example.com/b", mails(6, 299), ("pii", "dense_page")),
    *((f"https://a.manor-mill.co.uk/{number}", mails(7), ("pii", "dense_page")) for number in range(2)),
    ("https://b.manor-mill.co.uk/dense", mails(7), ("pii", "dense_page")),
    ("https://b.manor-mill.co.uk/clean", CLEAN, ("pii", "dense_site")),
    ("https://other-mill.co.uk/clean", CLEAN, (None, None)),
    *((f"https://x.github.io/{number}", mails(7), ("pii", "dense_page")) for number in range(2)),
    ("https://x.github.io/clean", CLEAN, (None, None)),
    ("https://y.github.io/dense", mails(7), ("pii", "dense_page")),
    ("https://y.github.io/clean", CLEAN, (None, None)),
    *((f"https://third.example.us/{number}", mails(8), ("pii", "dense_page")) for number in range(3)),
    *((f"https://third.example.us/clean{number}", CLEAN, ("pii", "dense_site")) for number in range(7)),
    *((f"https://less.example.ca/{number}", mails(8), ("pii", "dense_page")) for number in range(3)),
    *((f"https://less.example.ca/clean{number}", CLEAN, (None, None)) for number in range(8)),
    *((f"book-{number}", mails(9), ("pii", "dense_page")) for number in range(5)),
    ("book-clean", CLEAN, (None, None)),
]
FEW = "pii.site_min_pages=3"


def site_pages() -> list[Page]:
    return [page(url, text) for url, text, _ in SITES]


@pytest.fixture(scope="module")
def sites(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("sites"), [site_pages()], FEW)


def test_dense_pages_go_and_the_sites_that_have_too_many_of_them(sites: Path) -> None:
    assert fates(sites) == {url: fate for url, _, fate in SITES}
    assert set(kept(sites)) == {url for url, _, (stage, _) in SITES if stage is None}


def test_a_dense_page_is_told_with_its_density_and_a_site_with_its_share(sites: Path) -> None:
    result = {row["source_url"]: (row["value"], row["limit"]) for row in decisions(sites).values()}
    assert result["https://limit.example.com/b"] == (pytest.approx(1000 * 6 / 299), 20)
    assert result["https://b.manor-mill.co.uk/clean"] == (0.75, 0.3)
    assert result["https://third.example.us/clean0"] == (0.3, 0.3)


def test_the_report_counts_kinds_sites_and_their_pages(sites: Path) -> None:
    (stage,) = (one for one in json.loads((sites / "report.json").read_text())["stages"] if one["stage"] == "pii")
    total = sum(text.count("@") for _, text, _ in SITES)
    assert stage["notes"] == {"entities": {"EMAIL_ADDRESS": total}, "sites": 2, "pages_of_sites": 14}
    gone = [reason for _, _, (_, reason) in SITES if reason]
    assert stage["dropped"] == {reason: gone.count(reason) for reason in set(gone)}


def test_without_a_limit_no_page_and_no_site_goes(spark: "SparkSession", tmp_path: Path) -> None:
    result = run(tmp_path, [site_pages()], FEW, "pii.max_per_1000_words=null")
    assert set(fates(result).values()) == {(None, None)}
    assert all("@" not in row["text"] for row in kept(result).values())
    assert len(kept(result)) == len(SITES)


def test_results_do_not_depend_on_files_nor_on_the_order_in_them(
    spark: "SparkSession", sites: Path, tmp_path: Path
) -> None:
    pages = site_pages()
    random.Random(7).shuffle(pages)
    spread = run(tmp_path, [pages[:5], pages[5:6], pages[6:]], FEW)
    assert fates(spread) == fates(sites)
    for url, row in kept(spread).items():
        for name in ("text", "title", "spans", "pii", "pii_per_1000_words"):
            assert row[name] == kept(sites)[url][name], (url, name)


def test_only_the_kinds_that_are_asked_for_are_replaced(spark: "SparkSession", tmp_path: Path) -> None:
    result = kept(run(tmp_path, [PLAIN[:1]], "pii.entities=[EMAIL_ADDRESS]", "pii.max_per_1000_words=null"))
    assert result["https://one.example.org/"]["text"] == (
        f"Write to <EMAIL_ADDRESS> or call {PHONE}, seen from {ADDRESS} today."
    )


def test_a_changed_limit_decides_anew_and_looks_for_nothing_again(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.stages import pii

    log = tmp_path / "measured"
    monkeypatch.setattr(pii, "measure_pii", spying(measure_pii, log))
    run(tmp_path / "table", [site_pages()], FEW)
    assert sum(map(int, log.read_text().split())) == len(SITES)
    log.unlink()
    again = run(tmp_path / "table", [site_pages()], FEW, "pii.min_values=8", "pii.site_min_share=0.25")
    assert not log.exists()
    result = fates(again)
    assert result["https://six.example.net/a"] == result["https://a.manor-mill.co.uk/0"] == (None, None)
    assert result["https://less.example.ca/clean0"] == ("pii", "dense_site")


@pytest.mark.slow
def test_names_go_where_a_model_of_the_language_is_given(spark: "SparkSession", tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    model = spacy.blank("en")
    model.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Orlanda Brimwhistle"}])
    model.to_disk(tmp_path / "model")
    text = f"Ask Orlanda Brimwhistle at {MAIL}. {CLEAN}"
    pages = [page("https://one.example.org/", text), {**page("https://two.example.org/", text), "language": "fr"}]
    result = kept(run(tmp_path / "t", [pages], f"pii.ner_models={{en: {tmp_path / 'model'}}}"))
    one, two = result["https://one.example.org/"], result["https://two.example.org/"]
    assert one["text"] == f"Ask <PERSON> at <EMAIL_ADDRESS>. {CLEAN}"
    assert marked(one) == [("PERSON", "<PERSON>"), ("EMAIL_ADDRESS", "<EMAIL_ADDRESS>")]
    assert two["text"] == f"Ask Orlanda Brimwhistle at <EMAIL_ADDRESS>. {CLEAN}"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("pii.entities=[EMAIL_ADRESS]", r"no entity 'EMAIL_ADRESS'.*did you mean 'EMAIL_ADDRESS'"),
        ("pii.ner_models={en: no_such_model}", "the model 'no_such_model' of 'en' is neither installed nor a folder"),
        ("pii.min_values=0", r"pii\.min_values"),
        ("pii.replacement=typd", r"pii\.replacement"),
    ],
)
def test_wrong_parameters_are_refused_before_spark_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, message: str
) -> None:
    monkeypatch.setattr("pipeline.curation.start_session", lambda: pytest.fail("Spark was started"))
    with pytest.raises(ConfigError, match=message):
        run(tmp_path, [PLAIN[:1]], setting)


@pytest.mark.parametrize("most", [20.0, None])
def test_a_page_that_could_not_be_read_is_dropped_whatever_the_limits(
    spark: "SparkSession", most: float | None
) -> None:
    from pipeline.stages.pii import pii

    site = Column("__site_drop", DROP_TYPE, "what becomes of the page because of its site", None)
    of_site = {"stage": "pii", "reason": "dense_site"}
    rows = [(None, 0.0, None), (0, 0.0, None), (6, 21.0, None), (0, 0.0, of_site), (6, 21.0, of_site)]
    columns = (VALUES, PII_PER_1000_WORDS, site)
    named = [dict(zip((column.name for column in columns), row, strict=True)) for row in rows]
    result = verdicts(spark, pii, PiiParams(max_per_1000_words=most), columns, named)
    reasons = [drop and drop["reason"] for drop in result]
    assert reasons == ["unreadable", None, *(["dense_page", "dense_site", "dense_page"] if most else [None] * 3)]
