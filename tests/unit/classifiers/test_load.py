"""A model is loaded by its name or its folder, once a process, and a wrong name is answered with the nearest."""

from pathlib import Path

import pytest

from classifiers.encoder import EncoderClassifier
from classifiers.fasttext_model import FastTextClassifier
from classifiers.load import load_classifier
from classifiers.model_folder import INFO, ModelError, ModelInfo, write_info
from tests.unit.classifiers.encoder_models import encoder_folder
from tests.unit.classifiers.fasttext_models import describe, train


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
