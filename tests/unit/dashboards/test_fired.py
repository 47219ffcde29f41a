"""Rules that fire, asked of made-up signals: the limits that dropped are those that are told."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from pipeline.heuristics.params import HeuristicsParams
from pipeline.inspection.verdicts import Judge
from pipeline.summaries import signals


def test_the_limits_that_dropped_are_told_and_not_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = Judge(HeuristicsParams(languages={"ja": {"min_words": 2000}, "de": {"min_words": 60}}))
    words = {"ja": [290, 350, 3000], "de": [59, 300], "en": [300, 300]}
    rows: list[dict[str, Any]] = [
        {"language": name, "category": "general", "n_words": count}
        for name, counts in words.items()
        for count in counts
    ]
    schema = pa.schema([(column.name, column.type) for column in judge.columns])
    batch = pa.RecordBatch.from_pylist(rows, schema)

    def batches(*_: Any) -> Iterator[pa.RecordBatch]:
        yield batch.slice(0, 3)
        yield batch.slice(3)

    monkeypatch.setattr(signals, "judge_of", lambda _: judge)
    monkeypatch.setattr(signals, "records_judged", batches)
    rules = {row["rule"]: row for row in signals.fired("run").rules.to_pylist()}
    few = rules.pop("gopher.too_few_words")
    assert (few["limit"], few["first"], few["lowest"], few["highest"]) == (50, 3, 60, 2000)
    assert {(row["first"], row["lowest"], row["highest"]) for row in rules.values()} == {(0, None, None)}
