"""Each document gets its likeliest topic, where the model knows its language."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from classifiers.linear import GroupWeights, LinearSettings, NgramGroup
from pipeline.engine.tables import NO_TABLES
from pipeline.errors import ConfigError
from pipeline.stages.topic import TopicParams, measure_topic, topic
from schemas.columns import TOPIC, TOPIC_SCORE
from tests.unit.classifiers.linear_models import keys_of, linear_folder, weights_of

LABELS = ["Baking", "Milling", "Water"]
WORDS = {"bread": 0, "flour": 1, "river": 2}
CASES: list[tuple[str | None, str | None, str | None]] = [
    ("Bread, and bread again", "en", "Baking"),
    ("the flour", "en", "Milling"),
    ("RIVER", "en", "Water"),
    ("river river river bread", "en", "Water"),
    ("nothing of that", "en", "Baking"),  # all are as likely, and the first is taken
    (None, "en", "Baking"),
    ("bread", "und", "Baking"),  # nobody knows that it is another language
    ("bread", None, "Baking"),
    ("bread", "de", None),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of three labels, each known by a word: its log-odds are 3."""
    group = NgramGroup(unit="words", low=1, high=1)
    keys = {int(keys_of(group, [word])[0]): label for word, label in WORDS.items()}
    rows = sorted(keys)
    weights = np.array([np.eye(3)[keys[row]] * 100 for row in rows], np.int8)
    parts = GroupWeights(np.array(rows, np.uint32), np.ones(3, np.float32), weights, np.full(3, 0.03, np.float32))
    settings = LinearSettings(groups=(group,), activation="softmax")
    folder = tmp_path_factory.mktemp("topics") / "topics"
    return linear_folder(folder, settings, weights_of([parts], 3), LABELS, languages=["en"])


def labelled(table: pa.Table, params: TopicParams, size: int = 100) -> list[dict[str, Any]]:
    batches = measure_topic(iter(table.to_batches(max_chunksize=size)), params, NO_TABLES)
    return [row for batch in batches for row in batch.select([TOPIC.name, TOPIC_SCORE.name]).to_pylist()]


def table_of_cases() -> pa.Table:
    texts, languages, _ = zip(*CASES, strict=True)
    return pa.table({"text": pa.array(texts, pa.string()), "language": pa.array(languages, pa.string())})


@pytest.mark.parametrize("size", [1, 4, 100])
def test_each_document_gets_its_likeliest_topic_and_those_of_other_languages_none(model: Path, size: int) -> None:
    rows = labelled(table_of_cases(), TopicParams(model=str(model)), size)
    assert [row["topic"] for row in rows] == [label for *_, label in CASES]
    share = float(np.exp(3) / (np.exp(3) + 2))
    assert rows[0]["topic_score"] == rows[1]["topic_score"] == pytest.approx(share, abs=1e-5)
    assert rows[4]["topic_score"] == rows[5]["topic_score"] == pytest.approx(1 / 3, abs=1e-5)
    assert [row["topic_score"] is None for row in rows[6:]] == [False, False, True]


def test_without_a_model_nothing_is_labelled() -> None:
    rows = labelled(table_of_cases(), TopicParams(model=None))
    assert rows == [{"topic": None, "topic_score": None}] * len(CASES)
    assert TopicParams(model=None).resolved().model_digest is None


def test_the_stage_decides_nothing() -> None:
    assert topic.decide is None


def test_a_model_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"topic\.model: no model 'topics': did you mean topic"):
        TopicParams(model="topics").resolved()


@pytest.mark.parametrize(
    ("url", "text", "label"),
    [
        (
            "https://bread.example/recipes/loaf",
            (
                "Preheat the oven. Mix the flour, butter, sugar and eggs, then bake the cake for forty minutes. Serve"
                " with cream. This recipe makes a delicious dessert for six."
            ),
            "Food & Dining",
        ),
        (
            "https://news.example/sports/football/final",
            (
                "The striker scored twice in the second half and the team won the final of the league. The coach"
                " praised the goalkeeper, and fans of the football club celebrated the season."
            ),
            "Sports & Fitness",
        ),
        (
            "https://clinic.example/symptoms",
            (
                "Patients with the disease have symptoms such as fever and pain. Talk to your doctor about treatment"
                " and the side effects of the medication before surgery."
            ),
            "Health",
        ),
    ],
)
def test_the_shipped_model_labels_plain_cases(url: str, text: str, label: str) -> None:
    table = pa.table({"text": [text], "language": ["en"], "url": [url]})
    (row,) = labelled(table, TopicParams().resolved())
    assert row["topic"] == label
    assert row["topic_score"] > 0.2
