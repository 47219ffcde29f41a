"""An encoder is trained from a table, goes on where it was interrupted, and starts from no random weights unasked."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifiers.load import load_classifier
from tests.unit.classifiers.fasttext_models import WORDS
from tests.unit.classifiers.make_tiny_encoder import make_model

torch = pytest.importorskip("torch", reason="torch is an extra: pip install gristmill[train]")
for package in ("onnx", "sklearn", "accelerate"):
    pytest.importorskip(package, reason=f"{package} is of the extra `train`")

SCRATCH = {"vocabulary": 320, "layers": 1, "width": 32, "heads": 2, "inner_width": 48}
CONFIG: dict[str, Any] = {
    "name": "tiny",
    "licence": "Apache-2.0",
    "trained_on": "made-up words",
    "notes": "Of no use.",
    "data": {"files": ["examples.jsonl"], "group": "site"},
    "scratch": SCRATCH,
    "max_tokens": 24,
    "epochs": 6,
    "patience": 6,
    "batch": 8,
    "learning_rate": 3e-3,
}


def made_rows(count: int = 160) -> list[dict[str, Any]]:
    draw = random.Random(0)
    parts = {"good": WORDS[:6], "bad": WORDS[20:26]}
    labels = [label for label in parts for _ in range(count // 2)]
    return [
        {"label": label, "text": " ".join(draw.choices(parts[label], k=5)), "site": f"s{number % 40}", "grade": grade}
        for number, label in enumerate(labels)
        for grade in [4.0 if label == "good" else 1.0]
    ]


def write(folder: Path, rows: list[dict[str, Any]], **config: Any) -> list[str]:
    """Write examples and a configuration; return the command's arguments."""
    folder.mkdir(exist_ok=True)
    (folder / "examples.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "config.yaml").write_text(json.dumps({**CONFIG, **config}), encoding="utf-8")
    return [str(folder / "config.yaml"), "--output", str(folder / "out"), "--work", str(folder / "work")]


def last_json(text: str) -> Any:
    """The measures, behind what the trainer prints."""
    return json.loads(text[text.rindex("\n{\n") :] if "\n{\n" in text else text)


def test_an_encoder_from_scratch_learns_and_is_measured_as_int8(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from classifiers.train_encoder import main

    assert main(write(tmp_path, made_rows(), class_weights=True)) == 0
    assert last_json(capsys.readouterr().out)["accuracy"] > 0.9
    model = load_classifier(tmp_path / "out")
    assert model.info.labels == ["bad", "good"]
    scores = model.predict([" ".join(WORDS[:5]), " ".join(WORDS[21:26])])
    assert scores[0, 1] > 0.7
    assert scores[1, 0] > 0.7
    card = (tmp_path / "out" / "card.md").read_text(encoding="utf-8")
    assert "int8 differs from float32 by" in card
    assert "started from random weights" in card


def test_a_regression_starts_from_a_base_whose_head_is_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from classifiers.train_encoder import main

    base = make_model(tmp_path / "base", "bert", ("a", "b", "c"))
    data = {**CONFIG["data"], "target": "grade", "kind": "score", "labels": ["grade"], "scale": 5.0}
    config = {"data": data, "base": str(base), "scratch": None, "quantised": False}
    assert main(write(tmp_path, made_rows(), **config)) == 0
    assert last_json(capsys.readouterr().out)["grade"]["roc_auc"] > 0.8
    model = load_classifier(tmp_path / "out")
    high, low = model.predict([" ".join(WORDS[:5]), " ".join(WORDS[21:26])])[:, 0]
    assert high > low + 0.1
    assert "started from" in (tmp_path / "out" / "card.md").read_text(encoding="utf-8")


def test_an_interrupted_training_ends_as_one_that_was_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from classifiers import train_encoder

    settings: dict[str, Any] = {"epochs": 2, "quantised": False}
    assert train_encoder.main(write(tmp_path / "whole", made_rows(80), **settings)) == 0
    command = write(tmp_path / "parts", made_rows(80), **settings)
    calls, loss = 0, train_encoder.weighed_loss

    def breaks(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 14:
            raise InterruptedError("the power is off")
        return loss(*given)

    with monkeypatch.context() as patch:
        patch.setattr(train_encoder, "weighed_loss", breaks)
        assert train_encoder.main(command) == 2
    assert list((tmp_path / "parts" / "work").glob("checkpoint-*")), "an epoch was done"
    assert not (tmp_path / "parts" / "out").exists()
    again = 0

    def counts(*given: Any) -> Any:
        nonlocal again
        again += 1
        return loss(*given)

    monkeypatch.setattr(train_encoder, "weighed_loss", counts)
    assert train_encoder.main(command) == 0
    assert again < 14, "the first epoch is not done again"
    texts = [" ".join(WORDS[number : number + 5]) for number in range(30)]
    whole, parts = (load_classifier(tmp_path / name / "out").predict(texts) for name in ("whole", "parts"))
    np.testing.assert_allclose(parts, whole, atol=1e-3)


def test_checkpoints_of_another_training_are_not_gone_on_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from classifiers.train_encoder import main

    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "training.sha256").write_text("0" * 64)
    assert main(write(tmp_path, made_rows(80))) == 2
    assert "holds checkpoints of another training" in capsys.readouterr().err


def test_a_base_without_all_weights_of_its_encoder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from safetensors.torch import load_file, save_file

    from classifiers.train_encoder import main

    base = make_model(tmp_path / "base")
    weights = load_file(base / "model.safetensors")
    name = "bert.encoder.layer.1.output.dense.weight"
    save_file(
        {key: value for key, value in weights.items() if key != name}, base / "model.safetensors", {"format": "pt"}
    )
    assert main(write(tmp_path, made_rows(80), base=str(base), scratch=None)) == 2
    assert f"lacks weights of the encoder itself: {name}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"scratch": None}, "name one of them"),
        ({"base": "org/model"}, "name one of them"),
        ({"base": "org/none", "scratch": None}, "nothing is downloaded"),
        ({"batches": 4}, "batches"),
        ({"class_weights": True, "data": {**CONFIG["data"], "kind": "labels"}}, "exclude each other"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], config: Any, message: str
) -> None:
    from classifiers.train_encoder import main

    assert main(write(tmp_path, made_rows(80), **config)) == 2
    assert message in capsys.readouterr().err


def test_losses_take_soft_targets_and_weights() -> None:
    from classifiers.train_encoder import weighed_loss

    logits = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    targets, weights = torch.tensor([[0.75, 0.25], [0.0, 1.0]]), torch.tensor([3.0, 1.0])
    logs = [-0.126928, -2.126928], [-1.313262, -0.313262]
    soft = (3 * -(0.75 * logs[0][0] + 0.25 * logs[0][1]) + -logs[1][1]) / 4
    assert float(weighed_loss(logits, targets, weights, "softmax")) == pytest.approx(soft, abs=1e-5)
    squares = (3 * (1.25**2 + 0.25**2) / 2 + 0) / 4
    assert float(weighed_loss(logits, targets, weights, "none")) == pytest.approx(squares)
    plain = torch.nn.functional.binary_cross_entropy_with_logits(logits[:1], targets[:1])
    first = torch.tensor([1.0, 0.0])
    assert float(weighed_loss(logits, targets, first, "sigmoid")) == pytest.approx(float(plain))
