"""A model is loaded by its name or its folder, once a process, and a wrong name is answered with the nearest."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from classifiers.encoders.encoder import EncoderClassifier
from classifiers.fasttext_files.model import FastTextClassifier
from classifiers.load import excludes, load_classifier
from classifiers.model_folder import INFO, ModelError, ModelInfo, write_info
from pipeline.engine.stage import Params
from pipeline.errors import ConfigError
from pipeline.stages.quality import QualityParams
from pipeline.stages.route import RouteParams
from pipeline.stages.safety import SafetyParams
from pipeline.stages.topic import TopicParams
from tests.unit.classifiers.encoder_models import encoder_folder
from tests.unit.classifiers.fasttext_models import describe, train
from tests.unit.classifiers.linear_models import word_model


def test_the_kind_decides_what_reads_a_folder(tmp_path: Path) -> None:
    (tmp_path / "fasttext").mkdir()
    train(tmp_path / "fasttext" / "model.bin")
    assert isinstance(load_classifier(describe(tmp_path / "fasttext", ["good"])), FastTextClassifier)
    encoder = load_classifier(str(encoder_folder(tmp_path / "encoder", ["High"])))
    assert isinstance(encoder, EncoderClassifier)
    assert encoder.info.labels == ["High"]


def test_a_folder_is_loaded_once(tmp_path: Path) -> None:
    folder = encoder_folder(tmp_path / "encoder", ["High"])
    (tmp_path / "other").symlink_to(folder)
    assert load_classifier(folder) is load_classifier(tmp_path / "other")


def test_a_shipped_model_goes_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifiers.load.files", lambda _: tmp_path)
    encoder_folder(tmp_path / "models" / "quality-en", ["High"])
    assert load_classifier("quality-en").info.name == "tiny"
    with pytest.raises(ModelError, match="no model 'qualty-en': did you mean quality-en"):
        load_classifier("qualty-en")


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"holds no {INFO}"):
        load_classifier(tmp_path)
    with pytest.raises(ModelError, match="no such folder"):
        load_classifier(tmp_path / "none")


def test_a_table_of_scores_scores_no_texts(tmp_path: Path) -> None:
    about = {"licence": "Apache-2.0", "trained_on": "-", "training_digest": "0" * 64}
    write_info(tmp_path, ModelInfo(name="scores", kind="table", labels=["High"], **about))
    with pytest.raises(ModelError, match="kind table, which scores no texts"):
        load_classifier(tmp_path)


def test_wrong_settings_are_named(tmp_path: Path) -> None:
    folder = encoder_folder(tmp_path / "wrong", ["High"], max_token=9)
    with pytest.raises(ModelError, match=r"settings in .* are wrong: max_token: Extra inputs"):
        load_classifier(folder)


ABOUT: dict[str, Any] = {"name": "mine", "licence": "Apache-2.0", "trained_on": "-", "training_digest": "0" * 64}


@pytest.mark.parametrize("kind", ["table", "letters"])
@pytest.mark.parametrize(
    ("parameter", "params"),
    [
        ("topic.model", lambda name: TopicParams(model=name)),
        ("route.model", lambda name: RouteParams(model=name)),
        ("safety.toxicity_model", lambda name: SafetyParams(toxicity_model=name, dirty_words=None)),
        ("quality.cascade_model", lambda name: QualityParams(models=("quality",), cascade_model=name)),
    ],
)
def test_a_model_that_scores_no_texts_is_refused_before_a_run(
    tmp_path: Path, kind: Any, parameter: str, params: Callable[[str], Params]
) -> None:
    labels = ["code", "math", "toxicity"]
    write_info(tmp_path, ModelInfo(kind=kind, labels=labels, good="math", settings={"activation": "softmax"}, **ABOUT))
    with pytest.raises(ConfigError, match=f"^{parameter}: .* kind {kind}, which scores no texts"):
        params(str(tmp_path)).resolved()


@pytest.mark.parametrize(("loss", "expected"), [("softmax", True), ("hs", True), ("ova", False)])
def test_a_fasttext_file_says_whether_its_labels_exclude_each_other(tmp_path: Path, loss: str, expected: bool) -> None:
    train(tmp_path / "model.bin", loss=loss)
    assert excludes(describe(tmp_path, ["good", "bad"])) == expected
    assert not excludes(describe(tmp_path, ["good"]))


@pytest.mark.parametrize("name", ["code_math", "toxicity", "quality"])
def test_a_model_of_topics_has_several_labels_that_exclude_each_other(name: str) -> None:
    with pytest.raises(ConfigError, match=f"topic.model: {name} has no labels that exclude each other"):
        TopicParams(model=name).resolved()
    assert excludes("topic")


def test_a_folder_that_is_trained_again_is_loaded_again(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    word_model(folder, {"mill": 10})
    times = (folder / INFO).stat()
    before = load_classifier(folder).predict(["mill"])
    word_model(folder, {"mill": -10})
    os.utime(folder / INFO, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert load_classifier(folder).predict(["mill"]) < 0.5 < before


def test_models_that_ship_are_looked_for_once_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    load_classifier("topic")
    monkeypatch.setattr(Path, "glob", lambda *_: pytest.fail("looked for"))
    load_classifier("topic")
