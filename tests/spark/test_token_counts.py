"""Documents of the fewest tokens a character teach the first round of a language's distribution, and no others."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from pipeline.heuristics.token_counts import COUNT, LABEL, N_TOKENS, RATE, TOKEN, TOKEN_COUNTS, TOKEN_IDS, add_up
from pipeline.heuristics.token_outliers import TRUSTED, usual_rates
from pipeline.spark.types import spark_schema
from schemas.columns import LANGUAGE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def documents(spark: "SparkSession", rows: Sequence[tuple[str | None, int, int]]) -> "DataFrame":
    return spark.createDataFrame(rows, spark_schema((LANGUAGE, N_TOKENS, RATE)))


def test_documents_of_many_tokens_a_character_do_not_teach(spark: "SparkSession") -> None:
    usual = [("en", 25, 100)] * round(100 * TRUSTED)
    spoilt = [("en", 70, 280)] * round(100 * (1 - TRUSTED))
    assert usual_rates(documents(spark, [*usual, *spoilt]), 100) == {"en": 100}


def test_languages_with_too_few_documents_and_texts_without_tokens_teach_nothing(spark: "SparkSession") -> None:
    rows = [("en", 10, 100)] * 3 + [("de", 10, 100)] * 2 + [("de", 0, 0)] + [(None, 10, 100)] * 3
    frame = documents(spark, rows)
    assert usual_rates(frame, 3) == {"en": 100, "und": 100}
    assert usual_rates(frame, 4) == {}


@pytest.mark.parametrize("pieces", [1, 2, 5])
def test_tokens_are_added_up_by_language_however_they_are_batched(pieces: int) -> None:
    languages = ["en", "de", "en", None, "en"]
    ids, counts = [[1, 7], [7], [7], [3], []], [[20, 5], [2], [1], [4], []]
    batch = pa.record_batch(
        {
            LANGUAGE.name: languages,
            TOKEN_IDS.name: pa.array(ids, TOKEN_IDS.type),
            TOKEN_COUNTS.name: pa.array(counts, TOKEN_COUNTS.type),
        }
    )
    cuts = np.linspace(0, 5, pieces + 1).astype(int)
    some = (batch.slice(start, end - start) for start, end in pairwise(cuts))
    rows = pa.Table.from_batches(list(add_up(some))).to_pylist()
    result = {(row[LABEL.name], row[TOKEN.name]): row[COUNT.name] for row in rows}
    assert result == {("en", 1): 20, ("en", 7): 6, ("de", 7): 2, ("und", 3): 4}
