"""Scores made elsewhere are joined by keys alone; documents without one are counted, and a key has one score."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from classifiers.model_folder import ModelInfo, write_info
from pipeline.classification import score_tables
from pipeline.classification.score_tables import NOTE, match_scores, report_tables
from pipeline.errors import ConfigError
from pipeline.runs.table import Table
from pipeline.stages.quality import QualityParams, quality
from schemas.columns import CATEGORY, DOC_ID, LANGUAGE, RECORD_ID, TEXT, URL
from tests.spark.stages import run_stage
from tests.tables import all_rows, first_table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

COLUMNS = (DOC_ID, RECORD_ID, URL, TEXT, LANGUAGE, CATEGORY)


def documents(root: str, count: int, parts: int = 2, chars: int = 20, columns: tuple[Any, ...] = COLUMNS) -> Table:
    draw = np.random.default_rng(0)
    rows = [
        {
            "doc_id": f"{number:032x}",
            "record_id": f"<urn:uuid:{number}>",
            "url": f"https://mill.test/page?a=1&b={number}",
            "text": draw.bytes(chars // 2).hex(),
            "language": "en",
            "category": "general",
        }
        for number in range(count)
    ]
    have = {column.name for column in columns}
    kept = [{name: value for name, value in row.items() if name in have} for row in rows]
    return first_table(root, list(columns), {f"part{n}": kept[n::parts] for n in range(parts)})


def described(folder: Path, rows: dict[str, Any], **fields: Any) -> str:
    """Write a table of scores in two files, and what it is; return the YAML file."""
    (folder / "scores").mkdir(parents=True, exist_ok=True)
    table = pa.table(rows)
    half = table.num_rows // 2
    pq.write_table(table.slice(0, half), folder / "scores" / "a.parquet")
    pq.write_table(table.slice(half), folder / "scores" / "b.parquet")
    path = folder / "farm.yaml"
    path.write_text(yaml.safe_dump({"table": "scores", "column": "score", **fields}))
    return str(path)


def scored(table: Table, *names: str) -> dict[str, Any]:
    return {row["doc_id"]: row for row in all_rows(table, "doc_id", *names)}


def joined(spark: "SparkSession", tmp_path: Path, model: str, count: int = 6) -> tuple[dict[int, Any], list[str]]:
    """Run the stage on few documents; return its rows, and what it reports."""
    params = QualityParams(models=(model,), min_cell_documents=1).resolved()
    table = run_stage(spark, quality, params, documents(str(tmp_path / "run"), count)).table
    name = next(column.name for column in table.columns if column.name.startswith("quality_farm"))
    rows = {int(key, 16): row[name] for key, row in scored(table, name).items()}
    return rows, list(report_tables(table.manifest.notes))


def test_a_table_by_doc_id_gives_its_scores_and_nulls_are_counted(spark: "SparkSession", tmp_path: Path) -> None:
    ids = [f"{number:032x}" for number in (0, 1, 2, 3, 99)]
    model = described(tmp_path, {"doc_id": [*ids, None, ids[0]], "score": [0.5, 2, float("nan"), None, 7, 8, 0.5]})
    rows, said = joined(spark, tmp_path, model)
    assert rows == {0: 0.5, 1: 2.0, 2: None, 3: None, 4: None, 5: None}
    assert said == [f"warning: quality_farm: 4 of 6 documents have no score in {model}"]


def test_a_score_whose_low_end_is_good_is_turned_and_structs_are_entered(spark: "SparkSession", tmp_path: Path) -> None:
    rows = {"meta": [{"id": f"<urn:uuid:{n}>", "tags": {"junk": n}} for n in range(5)]}
    model = described(tmp_path, rows, key="record_id", key_column="meta.id", column="meta.tags.junk", good="low")
    scores, said = joined(spark, tmp_path, model, 5)
    assert scores == {number: -float(number) for number in range(5)}
    assert said == [f"quality_farm: 0 of 5 documents have no score in {model}"]


def test_urls_meet_in_their_canonical_form(spark: "SparkSession", tmp_path: Path) -> None:
    urls = [
        "https://mill.test/page?a=1&b=0",
        "HTTPS://MILL.test:443/x/../page?utm_source=feed&b=1&a=1#top",
        "http://mill.test/page?a=1&b=2",
        "https://mill.test/page/?a=1&b=3",
    ]
    scores, _ = joined(spark, tmp_path, described(tmp_path, {"url": urls, "score": [1, 2, 3, 4]}, key="url"), 4)
    assert scores == {0: 1.0, 1: 2.0, 2: None, 3: None}


def test_a_key_of_two_scores_is_an_error_that_names_it(spark: "SparkSession", tmp_path: Path) -> None:
    ids = [f"{number:032x}" for number in (1, 2, 1, 77, 77)]
    model = described(tmp_path, {"doc_id": ids, "score": [1.0, 1.0, 3.0, 1.0, 2.0]})
    with pytest.raises(ConfigError, match=f"the doc_id '{ids[0]}' several scores, from 1 to 3"):
        joined(spark, tmp_path, model)
    described(tmp_path, {"doc_id": ids, "score": [1.0, 1.0, 1.0, 1.0, 2.0]})
    rows, _ = joined(spark, tmp_path, model)
    assert rows[1] == rows[2] == 1.0, "a clash of keys that no document has is no error"


def test_a_table_beside_a_model_makes_neither_model_nor_percentiles_wrong(
    spark: "SparkSession", tmp_path: Path
) -> None:
    model = described(tmp_path, {"doc_id": [f"{n:032x}" for n in range(4)], "score": [1.0, 2.0, 3.0, 4.0]})
    before = documents(str(tmp_path / "run"), 6)
    params = QualityParams(models=("quality", model), min_cell_documents=1, min_score={model: 2.0}).resolved()
    first = run_stage(spark, quality, params, before).table
    rows = scored(first, "quality_model", "quality_farm", "quality_percentile")
    assert sorted(int(key, 16) for key in rows) == [1, 2, 3, 4, 5]
    assert all(row["quality_model"] is not None and row["quality_percentile"] is not None for row in rows.values())
    described(tmp_path, {"doc_id": [f"{n:032x}" for n in range(4)], "score": [5.0, 2.0, 3.0, 4.0]})
    again = params.model_copy(update={"models_digest": None, "tables_digest": None}).resolved()
    assert again.models_digest == params.models_digest
    assert again.tables_digest != params.tables_digest
    second = run_stage(spark, quality, again, before).table
    assert scored(second, "quality_farm")[f"{0:032x}"]["quality_farm"] == 5.0
    assert second.manifest.sets["scores"] == first.manifest.sets["scores"], "texts are scored once"


def test_a_folder_of_kind_table_says_the_same(spark: "SparkSession", tmp_path: Path) -> None:
    folder = tmp_path / "farm"
    folder.mkdir()
    pq.write_table(pa.table({"doc_id": [f"{1:032x}"], "edu": [4]}), folder / "scores.parquet")
    about = {"licence": "-", "trained_on": "-", "training_digest": "-", "labels": ["edu"], "good": "edu"}
    settings = {"table": "scores.parquet", "column": "edu"}
    write_info(folder, ModelInfo(name="farm", kind="table", settings=settings, **about))
    rows, _ = joined(spark, tmp_path, str(folder), 2)
    assert rows == {0: None, 1: 4.0}
    pq.write_table(pa.table({"doc_id": [f"{1:032x}"], "edu": [5]}), folder / "scores.parquet")
    with pytest.raises(ConfigError, match="its scores would be others"):
        QualityParams(models=(str(folder),)).resolved()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"column": "edu"}, "has no column 'edu'; there are: doc_id, score, name"),
        ({"column": "name"}, "'name' of .* holds string, no numbers"),
        ({"key": "url"}, "has no column 'url'"),
        ({"key": "title"}, "key: Input should be 'doc_id', 'record_id' or 'url'"),
        ({"colum": "score"}, "colum: Extra inputs"),
        ({"table": "gone"}, "no such input: .*gone"),
    ],
)
def test_a_wrong_description_is_refused_before_anything_runs(tmp_path: Path, fields: dict[str, str], said: str) -> None:
    model = described(tmp_path, {"doc_id": ["a", "b"], "score": [1.0, 2.0], "name": ["x", "y"]}, **fields)
    with pytest.raises(ConfigError, match=said):
        QualityParams(models=(model,)).resolved()
    with pytest.raises(ConfigError, match=r"no file .*none\.yaml"):
        QualityParams(models=(str(tmp_path / "none.yaml"),)).resolved()


def test_a_folder_with_the_name_of_a_description_is_none(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"quality\.models: .*mine\.yaml is no model: it holds no model\.json"):
        QualityParams(models=(f"{tmp_path / 'mine.yaml'}/",)).resolved()


def test_a_key_that_the_documents_lack_is_refused(tmp_path: Path) -> None:
    params = QualityParams(models=(described(tmp_path, {"record_id": ["a"], "score": [1.0]}, key="record_id"),))
    assert params.reads() == ("record_id",)
    params.check_columns(COLUMNS)
    with pytest.raises(ConfigError, match="is joined by record_id, which the documents do not have"):
        params.check_columns([DOC_ID, TEXT])


def shuffled_bytes(spark: "SparkSession") -> int:
    """Return how many bytes all stages so far have written for a shuffle."""
    jvm: Any = spark._jvm
    store = spark.sparkContext._jsc.sc().statusStore()
    no_quantiles = spark.sparkContext._gateway.new_array(jvm.double, 0)  # type: ignore[union-attr]
    stages = store.stageList(jvm.java.util.ArrayList(), False, False, no_quantiles, jvm.java.util.ArrayList())
    return sum(stages.apply(number).shuffleWriteBytes() for number in range(stages.size()))


def test_no_text_is_shuffled(spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plans = []

    def explained(keys: "DataFrame", scores: "DataFrame") -> "DataFrame":
        matched = match_scores(keys, scores)
        plans.append(matched._jdf.queryExecution().executedPlan().toString())
        return matched

    monkeypatch.setattr(score_tables, "match_scores", explained)
    ids = [f"{number:032x}" for number in range(100)]
    params = QualityParams(models=(described(tmp_path, {"doc_id": ids, "score": list(range(100))}),)).resolved()
    before = documents(str(tmp_path / "run"), 100, chars=20_000)
    already = shuffled_bytes(spark)
    run_stage(spark, quality, params, before)
    assert len(plans) == 1
    assert "Exchange hashpartitioning(key" in plans[0]
    assert "text" not in plans[0]
    shuffled = shuffled_bytes(spark) - already
    assert 0 < shuffled < 100_000, f"{shuffled} bytes, and the texts have 2,000,000"


@pytest.mark.slow
def test_a_million_scores_are_joined_and_what_is_missing_is_counted(spark: "SparkSession", tmp_path: Path) -> None:
    numbers = np.arange(1_000_000)
    keys = pa.array([f"{number:032x}" for number in (numbers * 7).tolist()])
    scores = pa.array(np.random.default_rng(0).random(len(numbers)))
    model = described(tmp_path, {"doc_id": keys, "score": scores})
    params = QualityParams(models=(model,), min_cell_documents=1).resolved()
    table = run_stage(spark, quality, params, documents(str(tmp_path / "run"), 20_000, parts=4)).table
    rows = scored(table, "quality_farm")
    assert sum(row["quality_farm"] is None for row in rows.values()) == 20_000 - len(range(0, 20_000, 7)) == 17_142
    assert rows[f"{700:032x}"]["quality_farm"] == np.float32(scores[100].as_py())
    assert table.manifest.notes[NOTE] == {"quality_farm": [model, 17_142, 20_000]}
