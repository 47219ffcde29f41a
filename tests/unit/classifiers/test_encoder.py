"""Encoders on ONNX Runtime: a text's scores are its own, labels go by name, and windows are as the settings say."""

import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from classifiers.encoders.backends import OnnxBackend
from classifiers.encoders.dense_head import Layer, save_head
from classifiers.encoders.encoder import load_encoder_model
from classifiers.encoders.tokens import WindowTokenizer
from classifiers.model_folder import ModelError, write_info
from tests.unit.classifiers.encoder_models import OUTPUTS, TEXTS, TINY, encoder_folder, encoder_info


def softmax(values: Any) -> Any:
    powers = np.exp(np.asarray(values, np.float64))
    return powers / powers.sum(axis=1, keepdims=True)


def logits(texts: list[str], size: int = 32) -> Any:
    """The tiny encoder's own answers about texts of one window."""
    windows = WindowTokenizer(TINY / "tokenizer.json", size, "head", 1).windows(texts)
    return OnnxBackend(TINY / "model.onnx", "model").rows([some[0] for some in windows])


@pytest.mark.parametrize("graph", ["model.onnx", "model.int8.onnx"])
def test_scores_depend_on_the_text_alone_not_on_its_neighbours(tmp_path: Path, graph: str) -> None:
    model = load_encoder_model(encoder_folder(tmp_path, OUTPUTS, graph))
    texts = TEXTS * 3
    alone = np.concatenate([model.predict([text]) for text in texts])
    in_eights = np.concatenate([model.predict(texts[start : start + 8]) for start in range(0, len(texts), 8)])
    order = random.Random(1).sample(range(len(texts)), len(texts))
    shuffled = np.empty_like(alone)
    shuffled[order] = model.predict([texts[number] for number in order])
    np.testing.assert_allclose(in_eights, alone, rtol=0, atol=1e-5)
    np.testing.assert_allclose(shuffled, alone, rtol=0, atol=1e-5)
    assert np.ptp(alone[:, 0]) > 0.05, "texts differ, or the test says nothing"


def test_int8_is_near_float32(tmp_path: Path) -> None:
    plain = load_encoder_model(encoder_folder(tmp_path / "float", OUTPUTS)).predict(TEXTS)
    small = load_encoder_model(encoder_folder(tmp_path / "int8", OUTPUTS, "model.int8.onnx")).predict(TEXTS)
    assert 0 < np.abs(plain - small).max() < 0.05


def test_the_first_output_may_be_the_best_one_as_high_is_0(tmp_path: Path) -> None:
    probabilities = softmax(logits(TEXTS))
    high = load_encoder_model(encoder_folder(tmp_path / "one", ["High"])).predict(TEXTS)
    np.testing.assert_allclose(high[:, 0], probabilities[:, 0], atol=2e-6)
    turned = load_encoder_model(encoder_folder(tmp_path / "all", ["Low", "High", "Medium"])).predict(TEXTS)
    np.testing.assert_allclose(turned, probabilities[:, [2, 0, 1]], atol=2e-6)


def test_weights_make_one_score_of_the_outputs_that_they_name(tmp_path: Path) -> None:
    weights = {"High": 2.0, "Medium": 1.0}
    score = load_encoder_model(encoder_folder(tmp_path / "sum", ["quality"], weights=weights)).predict(TEXTS)
    np.testing.assert_allclose(score[:, 0], softmax(logits(TEXTS)) @ [2, 1, 0], atol=4e-6)
    settings: dict[str, Any] = {"weights": {"High": 1.0, "Low": 1.0}, "combine": "max", "activation": "sigmoid"}
    largest = load_encoder_model(encoder_folder(tmp_path / "max", ["toxicity"], **settings)).predict(TEXTS)
    assert largest.shape == (len(TEXTS), 1)
    np.testing.assert_allclose(largest[:, 0], (1 / (1 + np.exp(-logits(TEXTS))))[:, [0, 2]].max(axis=1), atol=2e-6)


def test_a_regression_is_the_models_own_value_and_its_grade_is_cut_off_and_rounded(tmp_path: Path) -> None:
    values = logits(TEXTS)[:, 1]
    settings: dict[str, Any] = {"activation": "none", "weights": {"Medium": 10.0}}
    raw = load_encoder_model(encoder_folder(tmp_path / "raw", ["grade"], **settings)).predict(TEXTS)
    np.testing.assert_allclose(raw[:, 0], 10 * values, atol=2e-5)
    settings["rounding"] = {"low": 0, "high": 5}
    graded = load_encoder_model(encoder_folder(tmp_path / "grades", ["grade"], **settings)).predict(TEXTS)
    assert graded[:, 0].tolist() == [float(round(max(0.0, min(5.0, 10 * float(value))))) for value in values]
    assert len(set(graded[:, 0].tolist())) > 1


def test_a_model_of_the_first_tokens_sees_these_and_no_more(tmp_path: Path) -> None:
    model = load_encoder_model(encoder_folder(tmp_path, OUTPUTS))
    start = " ".join(f"mill{number}" for number in range(40))
    np.testing.assert_array_equal(model.predict([start + " grain"]), model.predict([start + " buy now!!! " * 20]))
    assert np.abs(model.predict([start]) - model.predict(["x" + start])).max() > 1e-4


@pytest.mark.parametrize(
    ("window", "numbers"),
    [
        ("head", [range(6)]),
        ("middle", [range(7, 13)]),
        ("tail", [range(14, 20)]),
        ("head+tail", [range(6), range(14, 20)]),
        ("head+middle+tail", [range(6), range(7, 13), range(14, 20)]),
        ("chunks", [range(6), range(6, 12), range(12, 18)]),
    ],
)
def test_windows_of_a_long_text(window: Any, numbers: list[range]) -> None:
    tokenizer = WindowTokenizer(TINY / "tokenizer.json", 8, window, 3)
    letters = "ABCDEFGHIJKLMNOPQRST"
    ids = [tokenizer.windows([letter])[0][0][1] for letter in letters]
    (windows,) = tokenizer.windows([letters])
    assert windows == [[1, *(ids[number] for number in some), 2] for some in numbers]
    assert tokenizer.windows(["AB", ""]) == [[[1, *ids[:2], 2]], [[1, 2]]]


@pytest.mark.parametrize("how", ["mean", "max", "length-weighted"])
def test_scores_of_chunks_are_aggregated(tmp_path: Path, how: str) -> None:
    settings: dict[str, Any] = {"window": "chunks", "aggregate": how, "max_tokens": 12}
    model = load_encoder_model(encoder_folder(tmp_path, OUTPUTS, **settings))
    text = "The mill grinds the grain that the farmers bring, and the farmers wait."
    (windows,) = WindowTokenizer(TINY / "tokenizer.json", 12, "chunks", 8).windows([text])
    parts = softmax(OnnxBackend(TINY / "model.onnx", "model").rows(windows))
    lengths = np.array([len(window) for window in windows])
    assert len(windows) > 2
    assert lengths[-1] < lengths[0], "or length-weighted is the mean"
    expected = {
        "mean": parts.mean(axis=0),
        "max": parts.max(axis=0),
        "length-weighted": lengths @ parts / lengths.sum(),
    }
    scores = model.predict(["mill", text, "grain"])
    np.testing.assert_allclose(scores[1], expected[how], atol=2e-6)
    np.testing.assert_array_equal(scores[[0, 2]], model.predict(["mill", "grain"]))


def test_the_template_shows_the_url_and_takes_braces_of_texts_as_they_are(tmp_path: Path) -> None:
    model = load_encoder_model(encoder_folder(tmp_path / "url", OUTPUTS, input="{url}\n\n{text}"))
    plain = load_encoder_model(encoder_folder(tmp_path / "plain", OUTPUTS))
    urls, texts = ["a.org/{text}", None], ["f{url} {0}", "mill"]
    expected = plain.predict(["a.org/{text}\n\nf{url} {0}", "\n\nmill"])
    np.testing.assert_array_equal(model.predict(texts, urls), expected)
    np.testing.assert_array_equal(model.predict(pa.array(texts), pa.array(urls)), expected)
    np.testing.assert_array_equal(model.predict(["mill"]), expected[1:])


def test_nothing_in_gives_nothing_out(tmp_path: Path) -> None:
    model = load_encoder_model(encoder_folder(tmp_path, ["High", "Low"]))
    assert model.predict([]).shape == (0, 2)
    assert model.predict([None, ""]).dtype == np.float32


def test_vectors_of_tokens_are_pooled_for_a_head_apart(tmp_path: Path) -> None:
    layer = Layer(np.eye(16, 3, dtype=np.float32), np.array([0, 0, 1], np.float32))
    (window,) = WindowTokenizer(TINY / "tokenizer.json", 32, "head", 1).windows(["mill"])
    backend = OnnxBackend(TINY / "vectors.onnx", "cls")
    ids = np.array(window, np.int64)
    (vectors,) = backend._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    for pool, vector in (("cls", vectors[0, 0]), ("mean", vectors[0].mean(axis=0))):
        folder = encoder_folder(tmp_path / pool, OUTPUTS, "vectors.onnx", activation="none", pool=pool, head="head.npz")
        save_head(folder / "head.npz", [layer])
        write_info(folder, encoder_info(OUTPUTS, activation="none", pool=pool, head="head.npz"))
        np.testing.assert_allclose(load_encoder_model(folder).predict(["mill"])[0], vector[:3] + layer.bias, atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"activation": "tanh"}, "activation"),
        ({"head": "none"}, "pool is cls or mean"),
        ({"pool": "mean"}, "head is named where pool"),
        ({"outputs": ["grade"]}, "softmax of one output is always 1"),
        ({"outputs": ["a", "a", "b"]}, "names of their own"),
        ({"rounding": {"low": 0, "high": 5}}, "grades are of regressions"),
        ({"weights": {"Hihg": 1.0}}, "no output is called Hihg"),
        ({"input": "{txt}"}, "shows {text}, and {url} if at all"),
        ({"max_token": 9}, "max_token"),
        ({"max_tokens": 4096}, "no room for a text of 4096"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(settings: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=message):
        load_encoder_model(encoder_folder(tmp_path, ["High"], **settings))


@pytest.mark.parametrize(
    ("labels", "settings", "message"),
    [
        (["Hihg"], {}, "no output is called Hihg: there are High, Medium, Low"),
        (["a", "b"], {"weights": {"High": 1.0}}, "weights make one score, and there are 2 labels"),
        (["High"], {"onnx": "other.onnx"}, "has no other.onnx"),
        (["High"], {"backend": "torch"}, "no weights for torch"),
        (["High"], {"model": "/no/such"}, "is not there"),
        (["High"], {"model": "org/none"}, "nothing is downloaded"),
    ],
)
def test_a_folder_that_lacks_something_is_refused(
    tmp_path: Path, labels: list[str], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        load_encoder_model(encoder_folder(tmp_path, labels, **settings))


def test_a_graph_of_another_number_of_outputs_is_refused(tmp_path: Path) -> None:
    model = load_encoder_model(encoder_folder(tmp_path / "two", ["High"], outputs=["High", "Low"]))
    with pytest.raises(ModelError, match="3 outputs, not 2"):
        model.predict(["mill"])
    wrong = load_encoder_model(encoder_folder(tmp_path / "rank", ["High"], "vectors.onnx"))
    with pytest.raises(ModelError, match="answers in 3 dimensions: its pool is not model"):
        wrong.predict(["mill"])


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    folder = encoder_folder(tmp_path, ["High"])
    (folder / "model.onnx").write_bytes((TINY / "model.int8.onnx").read_bytes())
    with pytest.raises(ModelError, match="its scores would be others"):
        load_encoder_model(folder)
    (folder / "model.onnx").write_bytes(b"no graph")
    write_info(folder, encoder_info(["High"]))
    with pytest.raises(ModelError, match="no graph that ONNX Runtime can load"):
        load_encoder_model(folder)


def test_more_tokens_than_the_model_has_positions_for_are_an_error_that_says_so(tmp_path: Path) -> None:
    model = load_encoder_model(encoder_folder(tmp_path, ["High"], max_tokens=200))
    with pytest.raises(ModelError, match="fails on 200 tokens; is max_tokens too large"):
        model.predict(["mill grain " * 200])


@pytest.mark.parametrize(("before", "after"), [(None, "false"), ("true", "true")])
def test_a_tokenizer_uses_one_thread_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, before: str | None, after: str
) -> None:
    monkeypatch.delenv("TOKENIZERS_PARALLELISM", raising=False)
    if before is not None:
        monkeypatch.setenv("TOKENIZERS_PARALLELISM", before)
    WindowTokenizer(TINY / "tokenizer.json", 32, "head", 1)
    assert os.environ["TOKENIZERS_PARALLELISM"] == after
