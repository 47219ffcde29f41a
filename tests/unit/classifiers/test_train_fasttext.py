"""A fastText model is trained from a table, sound and with its labels, and what it cannot learn is refused."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifiers.load import load_classifier
from classifiers.model_folder import ModelError
from classifiers.train_fasttext import main, require_sound
from tests.unit.classifiers.fasttext_models import WORDS

pytest.importorskip("sklearn", reason="scikit-learn is of the extra `train`")
CONFIG: dict[str, Any] = {
    "name": "tiny",
    "trained_on": "made-up words",
    "notes": "Of no use.",
    "good": "good",
    "data": {"files": ["examples.jsonl"]},
    "dim": 8,
    "epochs": 20,
    "buckets": 500,
    "learning_rate": 0.5,
}


def write(folder: Path, rows: list[dict[str, Any]], **config: Any) -> list[str]:
    """Write examples and a configuration; return the command's arguments."""
    (folder / "examples.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "config.yaml").write_text(json.dumps({**CONFIG, **config}), encoding="utf-8")
    return [str(folder / "config.yaml"), "--output", str(folder / "out")]


def made_rows(count: int = 200) -> list[dict[str, Any]]:
    draw = random.Random(0)
    parts = {"good": WORDS[:20], "bad": WORDS[20:40]}
    texts = [(label, "\n".join(draw.choices(parts[label], k=12))) for label in list(parts) * (count // 2)]
    return [{"label": label, "text": text} for label, text in texts]


@pytest.mark.parametrize("quantised", [False, True])
def test_a_model_is_trained_and_measured_on_what_it_has_not_seen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], quantised: bool
) -> None:
    assert main(write(tmp_path, made_rows(), quantised=quantised)) == 0
    measures = json.loads(capsys.readouterr().out)
    assert measures["accuracy"] > 0.9
    assert 20 < measures["examples"] < 60
    model = load_classifier(tmp_path / "out")
    assert model.info.labels == ["bad", "good"]
    scores = model.predict(["\n".join(WORDS[:9]), "\n".join(WORDS[25:34])])
    assert scores[0, 1] > 0.8
    assert scores[1, 0] > 0.8
    card = (tmp_path / "out" / "card.md").read_text(encoding="utf-8")
    assert "not bit-reproducible" in card
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("card.md", "model.ftz" if quantised else "model.bin", "model.json")
    ]


def test_texts_with_several_labels_get_a_probability_of_each(tmp_path: Path) -> None:
    rows = [
        {**row, "label": f"{row['label']} long" if number % 4 < 2 else row["label"]}
        for number, row in enumerate(made_rows())
    ]
    for row in rows:
        row["text"] += " longest" * 5 * row["label"].endswith("long")
    data = {"files": ["examples.jsonl"], "kind": "labels"}
    assert main(write(tmp_path, rows, data=data)) == 0
    model = load_classifier(tmp_path / "out")
    assert model.info.labels == ["bad", "good", "long"]
    (scores,) = model.predict([" ".join([*WORDS[:9], *["longest"] * 5])])
    assert scores[1] > 0.5
    assert scores[2] > 0.5


def test_a_word_that_looks_like_a_label_is_not_learnt_as_one(tmp_path: Path) -> None:
    rows = made_rows()
    rows[0]["text"] += " __label__spam"
    assert main(write(tmp_path, rows)) == 0
    assert "spam" not in (tmp_path / "out" / "model.bin").read_bytes().decode("latin-1").replace("_spam", "")


@pytest.mark.parametrize(
    ("changes", "config", "message"),
    [
        ({"label": "no word"}, {}, "a label of fastText's is one word: 'no word'"),
        ({}, {"threads": 4}, "threads"),
        ({}, {"normaliser": "ultra-fineweb"}, "normaliser"),
        ({}, {"epoch": 4}, "epoch"),
        ({"n": 2}, {"data": {"files": ["examples.jsonl"], "weight": "n"}}, "takes each example alike"),
        (
            {"n": 0.5},
            {"data": {"files": ["examples.jsonl"], "target": "n", "kind": "score", "labels": ["a"]}},
            "have scores",
        ),
    ],
)
def test_what_it_cannot_learn_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: Any, config: Any, message: str
) -> None:
    rows = [{**row, "n": 1} for row in made_rows(20)]
    rows[0].update(changes)
    assert main(write(tmp_path, rows, **config)) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").mkdir()
    assert main(write(tmp_path, made_rows(20))) == 2
    assert "nothing is overwritten" in capsys.readouterr().err


@pytest.mark.parametrize("value", [5e23, np.inf, np.nan, -2e4])
def test_memory_that_was_never_filled_is_noticed(value: float) -> None:
    matrix = np.zeros((4, 4), np.float32)
    require_sound(matrix)
    matrix[2, 1] = value
    with pytest.raises(ModelError, match="memory that fastText never filled"):
        require_sound(matrix)
