"""Which language the prose is in, in the stage's columns."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from pipeline.engine.tables import NO_TABLES
from pipeline.errors import ConfigError
from pipeline.spark.types import arrow_schema, spark_schema
from pipeline.stages.language import LanguageParams, language, measure_language
from schemas.columns import SPANS, TEXT
from tests.unit.classifiers.fasttext_models import LANGUAGES, train, train_languages

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ENGLISH = "The old mill by the river grinds the grain of the whole valley, and nobody complains about it. "
GERMAN = "Die alte Mühle am Fluss mahlt das Korn des ganzen Tals, und niemand beschwert sich darüber. "
COLUMNS = [column.name for column in language.adds]


def labelled(texts: list[str | None], params: LanguageParams) -> list[dict[str, Any]]:
    table = pa.Table.from_pylist([{"text": text, "spans": []} for text in texts], arrow_schema((TEXT, SPANS)))
    batches = measure_language(iter(table.to_batches(max_chunksize=2)), params, NO_TABLES)
    return [row for batch in batches for row in batch.to_pylist()]


def test_columns_say_language_label_script_and_a_second_language() -> None:
    english, both, zulu, none, null, number = labelled(
        [
            ENGLISH,
            GERMAN * 20 + "\n" + ENGLISH * 10,
            "Abantu bonke bahlangana ngaphambi kwesikole ukuze bakhulume ngamanzi omfula nangomsebenzi wabo.",
            "",
            None,
            "1 2 3 4 5",
        ],
        LanguageParams(),
    )
    assert [english[name] for name in COLUMNS[1:]] == ["en", "en", "Latn", None, None]
    assert (both["language"], both["language_second"]) == ("de", "en")
    assert both["language_second_share"] == pytest.approx(1 / 3, abs=0.1)
    assert (zulu["language"], zulu["language_script"]) == ("zu", "Latn")
    assert zulu["language_label"] != "zu"
    assert [none[name] for name in COLUMNS] == [null[name] for name in COLUMNS] == [0, "und", None, None, None, None]
    assert number["language_script"] is None


def test_below_the_limit_the_language_is_unknown_and_the_label_is_not() -> None:
    (row, both) = labelled([ENGLISH, GERMAN * 20 + ENGLISH * 10], LanguageParams(min_score=1))
    assert (row["language"], row["language_label"]) == ("und", "en")
    assert (both["language"], both["language_second"], both["language_second_share"]) == ("und", None, None)


def test_a_model_of_labels_with_scripts(tmp_path: Path) -> None:
    params = LanguageParams(model=str(train_languages(tmp_path / "lid.bin"))).resolved()
    rows = labelled(list(LANGUAGES.values()), params)
    assert [row["language_label"] for row in rows] == list(LANGUAGES)
    assert [row["language"] for row in rows] == ["en", "ar", "no", "zh", "quc", "el"]
    assert [row["language_script"] for row in rows] == ["Latn", "Arab", "Latn", "Hani", "Latn", "Grek"]


def test_the_hash_of_the_model_is_a_parameter(tmp_path: Path) -> None:
    path = train_languages(tmp_path / "lid.bin")
    first = LanguageParams(model=str(path)).resolved()
    train(path, lines=[f"__label__{label} {words}" for label, words in reversed(LANGUAGES.items())] * 40, dim=9)
    second = LanguageParams(model=str(path)).resolved()
    assert first.content_settings() != second.content_settings()
    assert LanguageParams().resolved().model_digest is None


@pytest.mark.parametrize("content", [None, b"", b"no model" * 20])
def test_a_wrong_path_is_an_error_of_the_configuration(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "lid.bin"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"^language\.model: .*lid\.bin is no "):
        LanguageParams(model=str(path)).resolved()


def test_spark_has_the_columns(spark: "SparkSession") -> None:
    schema = spark_schema((TEXT, SPANS))
    frame = spark.createDataFrame([(ENGLISH, []), (GERMAN * 20 + ENGLISH * 10, [])], schema)
    given = spark_schema((TEXT, SPANS, *language.adds))
    order = [TEXT.name, SPANS.name, *COLUMNS]

    def measure(batches: Any) -> Any:
        for batch in measure_language(batches, LanguageParams(), NO_TABLES):
            yield batch.select(order)

    rows = frame.mapInArrow(measure, given).collect()
    assert [(row["language"], row["language_script"], row["language_second"]) for row in rows] == [
        ("en", "Latn", None),
        ("de", "Latn", "en"),
    ]
