"""A cascade's model reads the band that is undecided, orders it, and leaves all other documents where they are."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from classifiers.linear import LinearClassifier
from classifiers.tokenizers import load_encoder
from pipeline.classification.cascade import NOTE, report_cascade
from pipeline.curation import Request, curate
from pipeline.errors import ConfigError
from pipeline.runs.run import Run
from pipeline.stages.quality import QualityParams
from tests.e2e.reading import rows
from tests.unit.classifiers.linear_models import word_model
from tests.unit.plain_percentiles import Document, plain_percentiles

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOW, HIGH = 0.3, 0.7


def made_documents() -> list[dict[str, Any]]:
    draw = random.Random(4)
    languages = ["en"] * 40 + ["de"] * 20
    return [
        {
            "url": f"https://a-mill.org/{number}",
            "text": " ".join(draw.choices(["corn", "weir", "plum", "the", "mill"], k=draw.randrange(1, 30))),
            "language": language,
            "category": "general",
        }
        for number, language in enumerate(languages)
    ]


DOCUMENTS = made_documents()


def run(folder: Path, documents: Sequence[dict[str, Any]], *settings: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "in.jsonl").write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
    given = ("quality.min_cell_documents=1", f"quality.cascade_band=[{LOW}, {HIGH}]", *settings)
    curate(
        Request(str(folder / "run"), (str(folder / "in.jsonl"),), first="quality", last="quality", assignments=given)
    )
    return folder / "run"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def mill(models: Path) -> LinearClassifier:
    return word_model(models / "mill", {"corn": 30, "weir": -20, "plum": 5}, good="quality")


@pytest.fixture(scope="module")
def orchard(models: Path) -> LinearClassifier:
    """A model that knows English alone, and other words to be good."""
    return word_model(models / "orchard", {"corn": -25, "weir": 12, "plum": 31}, good="quality", languages=["en"])


@pytest.fixture(scope="module")
def cascaded(
    spark: "SparkSession",
    models: Path,
    mill: LinearClassifier,
    orchard: LinearClassifier,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    names = (f"quality.models=[{models / 'mill'}]", f"quality.cascade_model={models / 'orchard'}")
    return run(tmp_path_factory.mktemp("cascaded"), DOCUMENTS, *names)


def percentiles(scores: Sequence[float | None]) -> list[float | None]:
    tokens = load_encoder("tekken").lengths([document["text"] for document in DOCUMENTS]).tolist()
    learnt = [
        Document(document["language"], document["category"], score, count)
        for document, score, count in zip(DOCUMENTS, scores, tokens, strict=True)
    ]
    return plain_percentiles(learnt, learnt, 1)


def expected(mill: LinearClassifier, orchard: LinearClassifier) -> tuple[list[float], list[float | None], list[float]]:
    """Return percentiles before the cascade, its scores (None outside the band), and percentiles after it."""
    texts = [document["text"] for document in DOCUMENTS]
    shares = percentiles([float(score) for score in mill.predict(texts)[:, 0]])
    before = [share for share in percentiles(shares) if share is not None]
    read = [
        float(score) if LOW <= share < HIGH and document["language"] == "en" else None
        for document, share, score in zip(DOCUMENTS, before, orchard.predict(texts)[:, 0], strict=True)
    ]
    within = percentiles(read)
    after = [own if share is None else LOW + (HIGH - LOW) * share for own, share in zip(before, within, strict=True)]
    return before, read, after


def test_the_band_is_read_and_put_in_order_and_nothing_else_moves(
    cascaded: Path, mill: LinearClassifier, orchard: LinearClassifier
) -> None:
    before, read, after = expected(mill, orchard)
    told = {row["source_url"]: row for row in rows(cascaded, "quality")}
    documents = [told[document["url"]] for document in DOCUMENTS]
    assert [row["quality_orchard"] for row in documents] == pytest.approx(read, abs=1e-6)
    assert [row["quality_percentile"] for row in documents] == pytest.approx(after, abs=1e-6)
    assert 5 < sum(score is not None for score in read) < 25
    moved = [own != new for own, new, score in zip(before, after, read, strict=True) if score is not None]
    assert sum(moved) > 5
    assert all(LOW <= new <= HIGH for new, score in zip(after, read, strict=True) if score is not None)


def test_a_run_says_how_many_documents_were_read_and_on_how_many_both_agree(
    cascaded: Path, mill: LinearClassifier, orchard: LinearClassifier
) -> None:
    before, read, after = expected(mill, orchard)
    notes = Run(str(cascaded)).table("quality").manifest.notes
    middle = (LOW + HIGH) / 2
    sides = [
        (own >= middle) == (new >= middle)
        for own, new, score in zip(before, after, read, strict=True)
        if score is not None
    ]
    seen = notes[NOTE]
    count = len(sides)
    assert Path(seen.pop("model")).name == "orchard"
    assert seen == {"band": [LOW, HIGH], "read": count, "documents": 60, "agreed": sum(sides)}
    assert 0 < sum(sides) < count
    (line,) = report_cascade(Run(str(cascaded)).table("quality").manifest.notes)
    assert f"read {count} of 60 documents" in line
    assert list(report_cascade({})) == []
    wide = {"model": "m", "band": [0.4, 0.5], "read": 500, "documents": 1000, "agreed": 300}
    assert next(iter(report_cascade({NOTE: wide}))).startswith("warning: m read 500 of 1,000 documents (50.0%)")


def test_a_pinned_run_gives_the_same_and_needs_the_same_cascade(
    spark: "SparkSession", cascaded: Path, models: Path, tmp_path: Path
) -> None:
    names = (f"quality.models=[{models / 'mill'}]", f"quality.percentiles={cascaded}")
    model = f"quality.cascade_model={models / 'orchard'}"
    first = {row["source_url"]: row["quality_percentile"] for row in rows(cascaded, "quality")}
    pinned = run(tmp_path / "some", DOCUMENTS[5:25], *names, model)
    again = {row["source_url"]: row["quality_percentile"] for row in rows(pinned, "quality")}
    assert len(again) == 20
    assert again == {url: first[url] for url in again}
    with pytest.raises(ConfigError, match="these differ: cascade_band"):
        run(tmp_path / "other", DOCUMENTS[:5], *names, model, "quality.cascade_band=[0.4, 0.6]")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cascade_model": "quality"}, "is one of quality.models"),
        ({"cascade_model": "topic"}, "does not say which of its labels is good"),
        ({"cascade_model": "qualty"}, "did you mean quality"),
    ],
)
def test_a_cascade_of_no_use_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        QualityParams(**values).resolved()


@pytest.mark.parametrize("band", [(0.6, 0.5), (0.5, 0.5), (-0.1, 0.5), (0.5, 1.1)])
def test_a_band_is_two_percentiles(band: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="cascade_band"):
        QualityParams(cascade_band=band)
