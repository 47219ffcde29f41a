"""Quality is a percentile by tokens, exact and the same however the documents are spread over files."""

import json
import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from classifiers.linear import LinearClassifier
from classifiers.tokenizers import load_encoder
from pipeline.classification.percentiles import Percentiles, count_cells
from pipeline.classification.scoring import column_of
from pipeline.curation import Request, curate
from pipeline.errors import ConfigError
from pipeline.runs.run import Run
from pipeline.spark.types import spark_schema
from pipeline.stages.quality import QualityParams
from schemas.columns import CATEGORY, LANGUAGE, QUALITY_SCORE, TOKENS
from tests.e2e.reading import decisions, rows
from tests.unit.classifiers.linear_models import word_model
from tests.unit.plain_percentiles import Document, plain_percentiles

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FEW = 8
"""Documents of a cell that has percentiles of its own."""
LEAST = f"quality.min_cell_documents={FEW}"
ORCHARD = {"corn": -25, "weir": 12, "plum": 31}


def made_documents() -> list[dict[str, Any]]:
    """Return documents of two large cells, three small ones, and some without text, language or category."""
    draw = random.Random(11)
    kinds = [
        *([("en", "general")] * 16 + [("de", "multilingual")] * 9 + [("sv", "multilingual")] * 3),
        *([("en", "code")] * 4 + [(None, "general")] * 2 + [("en", None)] * 2 + [("en", "general")] * 2),
    ]
    texts = [" ".join(draw.choices(["corn", "weir", "plum", "the", "mill"], k=draw.randrange(1, 30))) for _ in kinds]
    texts[:2] = ["corn", "corn corn corn"]  # one score, other tokens
    return [
        {"url": f"https://a-mill.org/{n}", "text": text, "language": language, "category": category}
        for n, ((language, category), text) in enumerate(zip(kinds, texts, strict=True))
    ]


DOCUMENTS = made_documents()


def run(folder: Path, documents: Sequence[dict[str, Any]], files: int, *settings: str, last: str = "quality") -> Path:
    """Curate documents from so many files with the stage alone."""
    tables = folder / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    ends = [round(number * len(documents) / files) for number in range(files + 1)]
    for number, (start, end) in enumerate(pairwise(ends)):
        lines = "\n".join(map(json.dumps, documents[start:end]))
        (tables / f"{number}.jsonl").write_text(lines, encoding="utf-8")
    curate(Request(str(folder / "run"), (str(tables / "*"),), first="quality", last=last, assignments=settings))
    return folder / "run"


def again(output: Path, *settings: str) -> Path:
    """Bring a run up to date with other parameters."""
    curate(Request(str(output), assignments=settings, first="quality", last="quality"))
    return output


def by_url(output: Path, what: str = "quality") -> dict[str, dict[str, Any]]:
    return {row["source_url"]: row for row in rows(output, what)}


def column(output: Path, name: str) -> list[Any]:
    of = by_url(output)
    return [of[document["url"]][name] for document in DOCUMENTS if document["url"] in of]


def expected_percentiles(scores: Sequence[float | None], asked: Sequence[float | None] | None = None) -> list[Any]:
    tokens = load_encoder("tekken").lengths([document["text"] for document in DOCUMENTS]).tolist()
    learnt, wanted = (
        [
            Document(document["language"], document["category"], score, count)
            for document, score, count in zip(DOCUMENTS, values, tokens, strict=True)
        ]
        for values in (scores, asked or scores)
    )
    return plain_percentiles(wanted, learnt, FEW)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def mill(models: Path) -> LinearClassifier:
    return word_model(models / "mill", {"corn": 30, "weir": -20, "plum": 5}, good="quality")


@pytest.fixture(scope="module")
def orchard(models: Path) -> LinearClassifier:
    """A model that knows English alone, and other words to be good."""
    return word_model(models / "or-chard", ORCHARD, good="quality", languages=["en"])


@pytest.fixture(scope="module")
def judged(
    spark: "SparkSession", mill: LinearClassifier, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return run(tmp_path_factory.mktemp("judged"), DOCUMENTS, 2, LEAST, f"quality.models=[{models / 'mill'}]")


def test_cells_count_tokens_and_documents_of_every_score_that_is_there(spark: "SparkSession") -> None:
    documents = [
        *(("en", "general", 10, 0.25, None), ("en", "general", 5, 0.25003, 0.5), (None, None, 7, None, 0.5)),
        *(("de", "code", 0, -1.5, 2.0), ("und", "", 3, None, 0.50001)),
    ]
    schema = spark_schema((LANGUAGE, CATEGORY, TOKENS, column_of("a"), column_of("b")))
    counted = count_cells(spark.createDataFrame(documents, schema), ["quality_a", "quality_b"])
    assert sorted(tuple(row) for row in counted.collect()) == [
        ("quality_a", "de", "code", -15_000, 0, 1),
        ("quality_a", "en", "general", 2_500, 15, 2),
        ("quality_b", "de", "code", 20_000, 0, 1),
        ("quality_b", "en", "general", 5_000, 5, 1),
        ("quality_b", "und", "", 5_000, 10, 2),
    ]


def test_scores_half_way_between_two_steps_are_counted_where_they_are_looked_up(spark: "SparkSession") -> None:
    """1/32 is 312.5 ten-thousandths, and a binary fraction: what is exact is rounded alike on both sides."""
    scores = [number / 32 for number in range(-8, 33)]
    documents = [("en", "general", 10, score) for score in scores]
    cells = count_cells(spark.createDataFrame(documents, spark_schema((LANGUAGE, CATEGORY, TOKENS, QUALITY_SCORE))), [
        QUALITY_SCORE.name
    ])  # fmt: skip
    count = len(scores)
    shares = Percentiles(cells.toArrow(), 1).of(
        QUALITY_SCORE.name, pa.array(["en"] * count), pa.array(["general"] * count), pa.array(scores, pa.float32())
    )
    assert shares.tolist() == pytest.approx([(number + 0.5) / count for number in range(count)])


def test_percentiles_are_those_of_a_brute_force_count(judged: Path, mill: LinearClassifier) -> None:
    texts = [document["text"] for document in DOCUMENTS]
    scores = mill.predict(texts)[:, 0].tolist()
    assert column(judged, "quality_mill") == scores
    assert column(judged, "tokens") == load_encoder("tekken").lengths(texts).tolist()
    assert column(judged, "text_bytes") == [len(text.encode()) for text in texts]
    shares = expected_percentiles(scores)
    assert column(judged, "quality_score") == pytest.approx(shares, abs=1e-6)
    percentiles = expected_percentiles(column(judged, "quality_score"))
    assert column(judged, "quality_percentile") == pytest.approx(percentiles, abs=1e-6)
    assert column(judged, "quality_bucket") == [min(int(share * 20), 19) for share in percentiles]
    assert len({round(share, 3) for share in percentiles}) > len(DOCUMENTS) / 2


@pytest.mark.parametrize("files", [1, 7])
def test_the_same_documents_in_other_files_have_the_same_columns(
    judged: Path, models: Path, tmp_path: Path, files: int
) -> None:
    other = run(tmp_path, DOCUMENTS, files, LEAST, f"quality.models=[{models / 'mill'}]")
    for name in ("quality_mill", "quality_score", "quality_percentile", "quality_bucket", "tokens", "text_bytes"):
        assert column(other, name) == column(judged, name), name


def test_a_pinned_run_gives_its_documents_the_same_percentiles_whatever_is_beside_them(
    judged: Path, models: Path, tmp_path: Path
) -> None:
    settings = (LEAST, f"quality.models=[{models / 'mill'}]")
    some = DOCUMENTS[::3]
    pinned = run(tmp_path / "pinned", some, 1, *settings, f"quality.percentiles={judged}")
    before, after = by_url(judged), by_url(pinned)
    assert set(after) == {document["url"] for document in some}
    for url, row in after.items():
        for name in ("quality_mill", "quality_score", "quality_percentile", "quality_bucket"):
            assert row[name] == before[url][name], (url, name)
    alone = by_url(again(pinned, *settings))
    assert any(alone[url]["quality_percentile"] != before[url]["quality_percentile"] for url in alone)


def test_percentiles_of_other_scores_are_refused(
    judged: Path, mill: LinearClassifier, models: Path, tmp_path: Path
) -> None:
    """Another ensemble, or another model of the same name, scores otherwise."""
    pinned = f"quality.percentiles={judged}"
    own = f"quality.models=[{models / 'mill'}]"
    with pytest.raises(ConfigError, match="these differ: ensemble"):
        run(tmp_path, DOCUMENTS, 1, LEAST, own, pinned, "quality.ensemble=mean")
    other = word_model(tmp_path / "mill", {"corn": -3}, good="quality")
    assert other.info.name == mill.info.name
    with pytest.raises(ConfigError, match="these differ: the models' files"):
        run(tmp_path, DOCUMENTS, 1, LEAST, f"quality.models=[{tmp_path / 'mill'}]", pinned)


def test_a_run_that_learnt_no_percentiles_is_refused(
    judged: Path, orchard: LinearClassifier, models: Path, tmp_path: Path
) -> None:
    settings = (LEAST, f"quality.models=[{models / 'mill'}]")
    with pytest.raises(ConfigError, match="holds no run that learnt any"):
        run(tmp_path, DOCUMENTS, 1, *settings, f"quality.percentiles={tmp_path / 'nowhere'}")
    other = (LEAST, f"quality.models=[{models / 'or-chard'}]")
    with pytest.raises(ConfigError, match=r"these differ: models, the models' files"):
        run(tmp_path, DOCUMENTS, 1, *other, f"quality.percentiles={judged}")


def test_what_is_below_a_limit_is_dropped_with_value_and_limit(
    spark: "SparkSession", mill: LinearClassifier, models: Path, tmp_path: Path
) -> None:
    name = models / "mill"
    settings = (LEAST, f"quality.models=[{name}]")
    output = run(tmp_path, DOCUMENTS, 2, *settings)
    before = by_url(output)
    again(output, *settings, "quality.min_percentile=0.4", f"quality.min_score={{{name}: 0.3}}")
    verdicts = {row["source_url"]: row for row in decisions(output).values()}
    for url, row in before.items():
        verdict = tuple(verdicts[url][key] for key in ("stage", "reason", "value", "limit"))
        if row["quality_mill"] < 0.3:
            assert verdict == ("quality", "low_score", pytest.approx(row["quality_mill"]), 0.3)
        elif row["quality_percentile"] < 0.4:
            assert verdict == ("quality", "low_percentile", pytest.approx(row["quality_percentile"]), 0.4)
        else:
            assert verdict == (None,) * 4
    reasons = {row["reason"] for row in verdicts.values()}
    assert reasons == {"low_score", "low_percentile", None}
    assert set(by_url(output)) == {url for url, row in verdicts.items() if row["reason"] is None}


def test_several_models_are_put_together_by_the_highest_or_the_mean_of_their_percentiles(
    spark: "SparkSession", mill: LinearClassifier, orchard: LinearClassifier, models: Path, tmp_path: Path
) -> None:
    both = f"quality.models=[{models / 'mill'}, {models / 'or-chard'}]"
    output = run(tmp_path, DOCUMENTS, 2, LEAST, both)
    texts = [document["text"] for document in DOCUMENTS]
    one_model = expected_percentiles(mill.predict(texts)[:, 0].tolist())
    scores = [
        float(score) if document["language"] in ("en", None) else None
        for document, score in zip(DOCUMENTS, orchard.predict(texts)[:, 0], strict=True)
    ]
    assert column(output, "quality_or_chard") == scores
    other = expected_percentiles(scores)
    assert [share is None for share in other] == [document["language"] not in ("en", None) for document in DOCUMENTS]
    pairs = list(zip(one_model, other, strict=True))
    highest = [first if second is None else max(first, second) for first, second in pairs]
    assert column(output, "quality_score") == pytest.approx(highest, abs=1e-6)
    weighed = f"quality.weights={{{models / 'mill'}: 3}}"
    again(output, LEAST, both, "quality.ensemble=mean", weighed)
    mean = [first if second is None else (3 * first + second) / 4 for first, second in pairs]
    assert column(output, "quality_score") == pytest.approx(mean, abs=1e-6)
    percentiles = expected_percentiles(column(output, "quality_score"))
    assert column(output, "quality_percentile") == pytest.approx(percentiles, abs=1e-6)


def test_without_models_quality_is_unknown_and_tokens_are_counted_all_the_same(
    spark: "SparkSession", tmp_path: Path
) -> None:
    output = run(tmp_path, DOCUMENTS, 1, "quality.models=[]", "quality.min_percentile=0.5")
    assert len(by_url(output)) == len(DOCUMENTS)
    for name in ("quality_score", "quality_percentile", "quality_bucket"):
        assert column(output, name) == [None] * len(DOCUMENTS)
    assert column(output, "tokens") == load_encoder("tekken").lengths([row["text"] for row in DOCUMENTS]).tolist()


def test_a_table_of_texts_needs_no_category(
    spark: "SparkSession", mill: LinearClassifier, models: Path, tmp_path: Path
) -> None:
    names = ("url", "text", "language")
    documents = [{name: document[name] for name in names} for document in DOCUMENTS]
    output = run(tmp_path, documents, 2, LEAST, f"quality.models=[{models / 'mill'}]")
    scores = mill.predict([document["text"] for document in DOCUMENTS])[:, 0].tolist()
    tokens = load_encoder("tekken").lengths([document["text"] for document in DOCUMENTS]).tolist()
    learnt = [
        Document(document["language"], None, score, count)
        for document, score, count in zip(documents, scores, tokens, strict=True)
    ]
    assert column(output, "quality_score") == pytest.approx(plain_percentiles(learnt, learnt, FEW), abs=1e-6)


def word_tokenizer(path: Path) -> Path:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "the": 1}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(path))
    return path


def test_mix_counts_tokens_only_where_they_were_counted_otherwise(
    spark: "SparkSession", mill: LinearClassifier, models: Path, tmp_path: Path
) -> None:
    settings = (LEAST, f"quality.models=[{models / 'mill'}]", "topic.model=null")
    output = run(tmp_path, DOCUMENTS, 2, *settings, last="mix")
    tokens = load_encoder("tekken").lengths([row["text"] for row in DOCUMENTS]).tolist()
    assert "tokens" in Run(str(output)).table("quality").manifest.sets
    assert "tokens" not in Run(str(output)).table("mix").manifest.sets
    counted = by_url(output, "mix")
    assert counted
    for document, count in zip(DOCUMENTS, tokens, strict=True):
        if document["url"] in counted:
            assert counted[document["url"]]["tokens"] == count
    path = word_tokenizer(tmp_path / "words.json")
    other = f"mix.tokenizer={path}"
    curate(Request(str(output), assignments=(*settings, other), first="quality", last="mix"))
    assert "tokens" in Run(str(output)).table("mix").manifest.sets
    counted = by_url(output, "mix")
    for document in DOCUMENTS:
        if document["url"] in counted:
            assert counted[document["url"]]["tokens"] == len(document["text"].split())
    again_tekken = by_url(output, "quality")
    assert [again_tekken[row["url"]]["tokens"] for row in DOCUMENTS] == tokens


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"models": ("quality",), "weights": {"qualty": 1}}, "'qualty' is none of quality.models"),
        ({"models": ("quality",), "min_score": {"topic": 1}}, "'topic' is none of quality.models"),
        ({"models": ("qualty",)}, "did you mean quality"),
        ({"weights": {"quality": 2}}, "set quality.ensemble=mean"),
    ],
)
def test_a_model_that_is_not_there_is_refused_before_anything_runs(params: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        QualityParams(**params).resolved()


def test_two_models_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two models have the same name"):
        QualityParams(models=("a/one-model", "b/one.model/"))


@pytest.mark.parametrize("name", ["scores/score.yaml", "models/score", "percentile", "models/bucket", "models/model"])
def test_a_model_whose_column_would_be_the_stages_own_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="give it another name"):
        QualityParams(models=(name,))
    with pytest.raises(ValueError, match="give it another name"):
        QualityParams(cascade_model=name)


@pytest.mark.parametrize("weight", [0, -1])
def test_a_weight_is_above_nothing(weight: float) -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        QualityParams(ensemble="mean", weights={"quality": weight})
