"""Models of fastText's are read by the names of their labels, and see texts as their training did."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from classifiers.fasttext_files.model import load_fasttext
from classifiers.model_folder import ModelError, sha256_of
from classifiers.normalisers import normaliser_of, ultra_fineweb
from tests.unit.classifiers.fasttext_models import LABELS, LINES, WORDS, describe, train


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    train(folder / "model.bin", wordNgrams=2, bucket=500)
    return folder


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("reader", ["library", "mapped"])
def test_labels_are_read_by_name_whatever_their_order(folder: Path, reader: str) -> None:
    one_way = load_fasttext(describe(folder, ["good", "bad", "odd"], reader=reader)).predict(LINES)
    other_way = load_fasttext(describe(folder, ["odd", "good", "bad"], reader=reader)).predict(LINES)
    np.testing.assert_array_equal(one_way, other_way[:, [1, 2, 0]])
    assert one_way.dtype == np.float32
    good = load_fasttext(describe(folder, ["__label__good"], reader=reader)).predict([" ".join(WORDS[:14])])
    assert good.shape == (1, 1)
    assert good[0, 0] > 0.5


def test_both_readers_agree(folder: Path) -> None:
    library, mapped = (
        load_fasttext(describe(folder, list(LABELS), reader=reader)).predict(LINES) for reader in ("library", "mapped")
    )
    np.testing.assert_allclose(library, mapped, rtol=0, atol=1e-5)


@pytest.mark.parametrize("reader", ["library", "mapped"])
def test_a_text_of_several_lines_is_scored_whole(folder: Path, reader: str) -> None:
    model = load_fasttext(describe(folder, list(LABELS), reader=reader))
    scores = model.predict(
        ["\n".join(WORDS[:9]), " ".join(WORDS[:9]), "\r\n".join(WORDS[:9]), WORDS[0], None, "\ud800"]
    )
    np.testing.assert_array_equal(scores[0], scores[1])
    np.testing.assert_array_equal(scores[0], scores[2])
    assert np.abs(scores[0] - scores[3]).max() > 1e-4  # trainings differ a little
    assert model.predict([]).shape == (0, 3)


def test_no_more_of_a_text_is_shown_than_the_model_says(folder: Path) -> None:
    describe(folder, list(LABELS))
    model = load_fasttext(folder)
    model.info.max_chars = 8
    np.testing.assert_array_equal(model.predict(["ball ben gan kan"]), model.predict(["ball ben"]))


def test_a_label_that_is_not_there_is_an_error_that_names_the_nearest(folder: Path) -> None:
    with pytest.raises(ModelError, match="no label goods: it has bad, good, odd; did you mean good"):
        load_fasttext(describe(folder, ["goods"]))


def test_quantised_files_go_to_the_library(tmp_path: Path) -> None:
    model = train(tmp_path / "model.ftz", wordNgrams=2, bucket=500)
    model.quantize()
    model.save_model(str(tmp_path / "model.ftz"))
    scores = load_fasttext(describe(tmp_path, list(LABELS), file="model.ftz")).predict(LINES)
    assert np.ptp(scores[:, 0]) > 0.1
    with pytest.raises(ModelError, match="fastText itself reads it"):
        load_fasttext(describe(tmp_path, list(LABELS), file="model.ftz", reader="mapped"))


@pytest.mark.parametrize(("size", "mapped"), [(0, True), (1 << 40, False)])
def test_large_files_are_mapped(folder: Path, monkeypatch: pytest.MonkeyPatch, size: int, mapped: bool) -> None:
    monkeypatch.setattr("classifiers.fasttext_files.model._LARGE", size)
    load_fasttext(describe(folder, list(LABELS)))
    assert (folder.parent / "cache" / "gristmill" / "fasttext").exists() == mapped


def test_a_file_elsewhere_needs_its_hash(folder: Path, tmp_path: Path) -> None:
    digest = sha256_of((folder / "model.bin").rename(tmp_path / "elsewhere.bin"))
    file = str(tmp_path / "elsewhere.bin")
    assert load_fasttext(describe(folder, list(LABELS), file=file, sha256=digest)).predict(LINES).any()
    with pytest.raises(ModelError, match="does not say which sha256"):
        load_fasttext(describe(folder, list(LABELS), file=file))
    with pytest.raises(ModelError, match=f"has sha256 {digest}, not {'0' * 64}"):
        load_fasttext(describe(folder, list(LABELS), file=file, sha256="0" * 64))
    with pytest.raises(ModelError, match="which is not there"):
        load_fasttext(describe(folder, list(LABELS), file="none.bin"))


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"something else" * 20)
    with pytest.raises(ModelError, match="no model of fastText's"):
        load_fasttext(describe(tmp_path, ["good"]))


def byte_tokenizer(path: Path) -> Path:
    """Write a byte-level tokenizer that knows single bytes and `mi`."""
    signs = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {sign: number for number, sign in enumerate([*signs, "mi"])}
    tokenizer = Tokenizer(models.BPE(vocabulary, [("m", "i")]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.save(str(path))
    return path


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("MILL", "mi l l"),
        ("Café", "c a f e"),
        ("a\n\n\n\nb", r"a \n \n b"),
        ("a\tb\r", r"a \t b \r"),
        ("a  b", "a b"),
        ("", ""),
    ],
)
def test_ultra_fineweb_sees_small_letters_without_accents_token_by_token(tmp_path: Path, text: str, line: str) -> None:
    tokenizer = byte_tokenizer(tmp_path / "tokenizer.json")
    assert ultra_fineweb(text, Tokenizer.from_file(str(tokenizer))) == line
    assert normaliser_of("ultra-fineweb", tokenizer)([text, text]) == [line, line]


def test_a_model_of_ultra_fineweb_is_none_without_its_tokenizer(folder: Path) -> None:
    with pytest.raises(ModelError, match="ultra-fineweb needs a tokenizer"):
        load_fasttext(describe(folder, list(LABELS), normaliser="ultra-fineweb"))
    byte_tokenizer(folder / "tokenizer.json")
    with pytest.raises(ModelError, match="newlines-to-spaces takes no tokenizer"):
        load_fasttext(describe(folder, list(LABELS), tokenizer="tokenizer.json"))
    settings: dict[str, Any] = {"normaliser": "ultra-fineweb", "tokenizer": "tokenizer.json"}
    tokens = load_fasttext(describe(folder, list(LABELS), **settings)).predict(["BALL"])
    plain = load_fasttext(describe(folder, list(LABELS))).predict(["b a l l", "ball"])
    np.testing.assert_array_equal(tokens[0], plain[0])
    assert np.abs(tokens[0] - plain[1]).max() > 0.01
