"""The quality stage scores documents by models of the registry, in the languages that these know."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from classifiers.load import load_classifier
from pipeline.classification.scoring import ScoringParams, column_of, score_quality
from pipeline.engine.tables import NO_TABLES
from pipeline.errors import ConfigError
from pipeline.runs.table import Table
from pipeline.stages.quality import QualityParams, quality
from pipeline.stages.topic import TopicParams
from schemas.columns import CATEGORY, DOC_ID, LANGUAGE, RECORD_ID, TEXT, URL
from tests.spark.stages import run_stage
from tests.tables import all_rows, first_table
from tests.unit.classifiers.fasttext_models import LINES, describe
from tests.unit.classifiers.hub_models import put_fasttext

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DCLM = "mlfoundations/fasttext-oh-eli5"
DCLM_FILE = "openhermes_reddit_eli5_vs_rw_v2_bigram_200k_train.bin"
COLUMNS = [DOC_ID, RECORD_ID, URL, TEXT, LANGUAGE, CATEGORY]


def documents(root: str, texts: list[str], parts: int = 2) -> Table:
    """Return a table of texts, every third of which is German."""
    rows = [
        {
            "doc_id": f"{number:032x}",
            "record_id": f"<urn:uuid:{number}>",
            "url": f"https://mill.test/{number}",
            "text": text,
            "language": "de" if number % 3 == 2 else "en",
            "category": "general",
        }
        for number, text in enumerate(texts)
    ]
    return first_table(root, COLUMNS, {f"part{n}": rows[n::parts] for n in range(parts)})


def test_a_public_model_scores_the_documents_of_its_language(spark: "SparkSession", tmp_path: Path) -> None:
    file = put_fasttext(tmp_path / "hub", DCLM, DCLM_FILE, ("hq", "cc"))
    name = str(file.parent)  # workers do not see an environment that a test changes
    params = QualityParams(models=(name,), min_cell_documents=1).resolved()
    before = documents(str(tmp_path / "run"), LINES)
    outcome = run_stage(spark, quality, params, before)
    rows = {row["doc_id"]: row for row in all_rows(outcome.table, "quality_dclm", "quality_percentile", "doc_id")}
    expected = load_classifier(name).predict(LINES)[:, 0]
    for number, score in enumerate(expected):
        row = rows[f"{number:032x}"]
        if number % 3 == 2:
            assert row["quality_dclm"] is None
            assert row["quality_percentile"] is None
        else:
            np.testing.assert_allclose(row["quality_dclm"], score, atol=1e-6)
            assert 0 <= row["quality_percentile"] <= 1
    file.write_bytes(file.read_bytes() + b"\0")
    assert QualityParams(models=(name,)).resolved().models_digest != params.models_digest


def test_a_batch_asks_the_model_that_is_loaded_and_reads_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put_fasttext(tmp_path / "hub", DCLM, DCLM_FILE, ("hq", "cc"))
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.bin").write_bytes(file.read_bytes())
    describe(folder, ["hq"], good="hq")
    params = ScoringParams(models=(str(file.parent), str(folder)))
    batch = pa.RecordBatch.from_pydict({"text": LINES, "language": ["en"] * len(LINES)})
    (first,) = score_quality(iter([batch]), params, NO_TABLES)

    def refuse(*_: object) -> None:
        raise AssertionError("a batch read a file of a model")

    for name in ("classifiers.load.read_info", "classifiers.model_folder.sha256_of"):
        monkeypatch.setattr(name, refuse)
    file.write_bytes(b"gone")
    assert [*score_quality(iter([batch, batch]), params, NO_TABLES)] == [first, first]
    assert first.column("quality_dclm") == first.column("quality_mine")


def test_wrong_names_are_refused_before_anything_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ConfigError, match=r"quality\.models: no model 'dcml': did you mean dclm"):
        QualityParams(models=("dcml",)).resolved()
    with pytest.raises(ConfigError, match=r"quality.models: .*python -m classifiers\.fetch dclm"):
        QualityParams(models=("dclm",)).resolved()
    put_fasttext(tmp_path, "allenai/dolma3-fasttext-weborganizer-topic-classifier", "model.bin", ("food", "art"))
    with pytest.raises(ConfigError, match="dolma3-topic does not say which of its labels is good"):
        QualityParams(models=("dolma3-topic",)).resolved()
    assert TopicParams(model="dolma3-topic").resolved().model_digest
    with pytest.raises(ValueError, match="two models have the same name"):
        QualityParams(models=("dclm", "dclm@v2"))
    assert column_of("dclm@v2").name == "quality_dclm"
