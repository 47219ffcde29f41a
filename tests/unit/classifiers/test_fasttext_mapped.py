"""A mapped file of fastText's gives fastText's own probabilities, and its dictionary is indexed once per machine."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifiers.fasttext_files.format import FormatError
from classifiers.fasttext_files.mapped import MappedFastText
from classifiers.model_folder import ModelError
from tests.unit.classifiers.fasttext_models import LABELS, LINES, train

OPTIONS: list[dict[str, Any]] = [
    {},
    {"wordNgrams": 2, "bucket": 1000},
    {"wordNgrams": 4, "bucket": 503, "minn": 2, "maxn": 4},
    {"minn": 0, "maxn": 2, "bucket": 77},
    {"minn": 1, "maxn": 3, "bucket": 99, "loss": "ova"},
    {"wordNgrams": 2, "bucket": 100, "loss": "ns"},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_probabilities_are_those_of_the_library(tmp_path: Path, options: dict[str, Any]) -> None:
    library = train(tmp_path / "model.bin", **options)
    mapped = MappedFastText(tmp_path / "model.bin", tmp_path / "cache")
    assert set(mapped.labels) == {f"__label__{label}" for label in LABELS}
    scores = mapped.probabilities(LINES)
    expected = np.zeros_like(scores)
    for row, names, values in zip(expected, *library.predict(LINES, k=-1), strict=True):
        row[[mapped.labels.index(name) for name in names]] = np.minimum(values, 1.0)
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-5)
    assert np.ptp(expected[:, 0]) > 0.1, "the lines differ, or the test says nothing"


def test_the_second_process_to_open_a_file_reads_the_index_of_the_first(tmp_path: Path) -> None:
    train(tmp_path / "model.bin")
    first = MappedFastText(tmp_path / "model.bin", tmp_path / "cache")
    (index,) = (tmp_path / "cache").iterdir()
    before = {path: path.stat().st_mtime_ns for path in index.iterdir()}
    second = MappedFastText(tmp_path / "model.bin", tmp_path / "cache")
    assert {path: path.stat().st_mtime_ns for path in index.iterdir()} == before
    assert list((tmp_path / "cache").iterdir()) == [index], "nothing temporary stays"
    np.testing.assert_array_equal(first.probabilities(LINES), second.probabilities(LINES))


def test_another_file_under_the_same_path_gets_an_index_of_its_own(tmp_path: Path) -> None:
    train(tmp_path / "model.bin")
    MappedFastText(tmp_path / "model.bin", tmp_path / "cache")
    words = train(tmp_path / "model.bin", minCount=80).get_words()
    assert 2 < len(words) < 40
    rows = MappedFastText(tmp_path / "model.bin", tmp_path / "cache").rows(" ".join(words[1:]))
    assert rows.tolist() == [*range(1, len(words)), 0], "the line's end is the word </s>, the commonest of all"
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_the_matrix_is_not_copied(tmp_path: Path) -> None:
    train(tmp_path / "model.bin")
    mapped = MappedFastText(tmp_path / "model.bin", tmp_path / "cache")
    assert np.shares_memory(mapped._input, mapped._file)


def test_what_only_the_library_reads_is_refused(tmp_path: Path) -> None:
    train(tmp_path / "model.bin", loss="hs")
    with pytest.raises(FormatError, match="hierarchical softmax: fastText itself"):
        MappedFastText(tmp_path / "model.bin", tmp_path / "cache")
    model = train(tmp_path / "model.bin", wordNgrams=2, bucket=500)
    model.quantize()
    model.save_model(str(tmp_path / "model.ftz"))
    with pytest.raises(FormatError, match="quantised: fastText itself"):
        MappedFastText(tmp_path / "model.ftz", tmp_path / "cache")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: b"PK" + data[2:], "does not begin with 793712314"),
        (lambda data: data[:40], "does not begin with"),
        (lambda data: data[:4] + b"\x0b" + data[5:], "version 11"),
        (lambda data: data[:-400], "ends before its matrices"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_reason(tmp_path: Path, change: Any, message: str) -> None:
    train(tmp_path / "model.bin")
    (tmp_path / "bad.bin").write_bytes(change((tmp_path / "model.bin").read_bytes()))
    with pytest.raises(FormatError, match=message):
        MappedFastText(tmp_path / "bad.bin", tmp_path / "cache")


def test_word_vectors_are_no_classifier(tmp_path: Path) -> None:
    import fasttext

    (tmp_path / "text.txt").write_text("the mill by the river\n" * 20, encoding="utf-8")
    options = {"minCount": 1, "dim": 4, "epoch": 1, "verbose": 0, "bucket": 50, "thread": 1}
    fasttext.train_unsupervised(str(tmp_path / "text.txt"), **options).save_model(str(tmp_path / "model.bin"))
    with pytest.raises(FormatError, match="word vectors"):
        MappedFastText(tmp_path / "model.bin", tmp_path / "cache")


def test_without_a_home_that_can_be_written_indices_are_temporary_and_the_user_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(tmp_path / "model.bin")
    (tmp_path / "file").write_text("")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    expected = MappedFastText(tmp_path / "model.bin", tmp_path / "cache").probabilities(LINES)
    np.testing.assert_array_equal(MappedFastText(tmp_path / "model.bin").probabilities(LINES), expected)
    (own,) = (tmp_path / "temporary").iterdir()
    assert own.stat().st_mode & 0o777 == 0o700
    own.chmod(0o777)
    with pytest.raises(ModelError, match=r"is not this user's alone\. Set XDG_CACHE_HOME"):
        MappedFastText(tmp_path / "model.bin")


def test_an_index_is_rebuilt_where_the_cache_was_emptied(tmp_path: Path) -> None:
    train(tmp_path / "model.bin")
    first = MappedFastText(tmp_path / "model.bin", tmp_path / "cache").probabilities(LINES)
    shutil.rmtree(tmp_path / "cache")
    np.testing.assert_array_equal(
        MappedFastText(tmp_path / "model.bin", tmp_path / "cache").probabilities(LINES), first
    )
