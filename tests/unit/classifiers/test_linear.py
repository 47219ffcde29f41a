"""A linear model scores a text by its n-grams and signals, alone and the same wherever it stands."""

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from classifiers.linear import (
    WEIGHTS,
    LinearClassifier,
    LinearSettings,
    NgramGroup,
    SignalWeights,
    activated,
    load_linear,
    shown_urls,
)
from classifiers.load import load_classifier
from classifiers.model_folder import ModelError
from pipeline.kernels.signals.measure import measure_signals
from tests.unit.classifiers.linear_models import drawn_group, keys_of, linear_folder, weights_of, word_model

IGNORED = ("red", "blue", "green")
GROUPS = (
    NgramGroup(unit="words", low=1, high=2, weight=0.7),
    NgramGroup(unit="tokens", low=1, high=2, most_units=12),
    NgramGroup(of="url", unit="characters", low=3, high=4, weight=0.5),
)
SETTINGS = LinearSettings(groups=GROUPS, signals=("n_words", "mean_word_length"), ignored=IGNORED)
LABELS = ["mill", "weir"]
TEXTS: list[str | None] = [
    *("The mill by the weir grinds corn.", "Nobody remembers the miller's red door.", "if (x > 12)\n    y += 1;"),
    *("水車 が 回る", "", None, "😀 \n\n  the MILL, the mill", "red green red blue door", "unmet words alone"),
    *("x" * 300, "the mill " * 200, "e\u0301te\u0301 \x00 end"),
]
URLS: list[str | None] = [f"https://www.mill.example/{number}" if number % 3 else None for number in range(len(TEXTS))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [text or "" for text in TEXTS if text != "unmet words alone"]
    sources = [texts, texts, ["mill.example/0", "mill.example/11"]]
    groups = [
        drawn_group(group, source, 2, IGNORED if group.of == "text" else ())
        for group, source in zip(GROUPS, sources, strict=True)
    ]
    draw = np.random.default_rng(5)
    signals = [
        SignalWeights(np.array(edges), draw.normal(size=(3, 2)).astype(np.float32)) for edges in ([3.0, 6.0],) * 2
    ]
    weights = weights_of(groups, 2, signals, [0.25, -0.5])
    slopes = np.array([1.5, 0.5], np.float32)
    made = tmp_path_factory.mktemp("linear") / "made"
    return linear_folder(made, SETTINGS, weights._replace(slopes=slopes), LABELS)


@pytest.fixture(scope="module")
def model(folder: Path) -> LinearClassifier:
    return load_linear(folder)


def test_a_model_that_is_saved_and_loaded_and_saved_again_is_the_same_bytes_and_scores(
    folder: Path, model: LinearClassifier, tmp_path: Path
) -> None:
    again = linear_folder(tmp_path / "made", model.settings, model._weights, LABELS)
    assert (again / WEIGHTS).read_bytes() == (folder / WEIGHTS).read_bytes()
    assert np.array_equal(load_classifier(again).predict(TEXTS, URLS), model.predict(TEXTS, URLS))


@pytest.mark.parametrize("place", [0, 100, -1])
def test_a_changed_byte_is_an_error(folder: Path, tmp_path: Path, place: int) -> None:
    content = bytearray((folder / WEIGHTS).read_bytes())
    content[place] ^= 1
    (tmp_path / WEIGHTS).write_bytes(content)
    (tmp_path / "model.json").write_bytes((folder / "model.json").read_bytes())
    with pytest.raises(ModelError, match="its scores would be others"):
        load_linear(tmp_path)


def test_a_model_without_its_weights_or_of_another_kind_is_an_error(folder: Path, tmp_path: Path) -> None:
    described = (folder / "model.json").read_text()
    (tmp_path / "model.json").write_text(described)
    with pytest.raises(ModelError, match=r"lacks weights\.npz"):
        load_linear(tmp_path)
    (tmp_path / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes())
    (tmp_path / "model.json").write_text(described.replace('"linear"', '"fasttext"'))
    with pytest.raises(ModelError, match="kind fasttext, not linear"):
        load_linear(tmp_path)


def test_the_scores_of_a_text_do_not_depend_on_its_neighbours(model: LinearClassifier) -> None:
    whole = model.predict(TEXTS, URLS)
    alone = [model.predict([text], [url])[0] for text, url in zip(TEXTS, URLS, strict=True)]
    assert np.array_equal(np.array(alone), whole)
    for text, url, expected in zip(TEXTS, URLS, whole, strict=True):
        assert (model.predict([text] * 8, [url] * 8) == expected).all()
    order = list(range(len(TEXTS)))
    random.Random(1).shuffle(order)
    shuffled = model.predict([TEXTS[row] for row in order], [URLS[row] for row in order])
    assert np.array_equal(shuffled, whole[order])
    assert len(np.unique(whole[:, 0])) > 7


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_a_list_and_any_arrow_array_of_texts_score_alike(model: LinearClassifier, kind: pa.DataType) -> None:
    whole = model.predict(TEXTS, URLS)
    assert np.array_equal(model.predict(pa.array(TEXTS, kind), pa.array(URLS, kind)), whole)
    assert np.array_equal(model.predict(pa.array(TEXTS, kind)[3:8], pa.array(URLS, kind)[3:8]), whole[3:8])
    assert model.predict(pa.array([], kind)).shape == (0, 2)
    assert whole.dtype == np.float32


def test_no_urls_are_as_empty_ones_and_a_null_is_an_empty_text(model: LinearClassifier) -> None:
    without = model.predict(TEXTS)
    assert np.array_equal(model.predict(TEXTS, [""] * len(TEXTS)), without)
    assert np.array_equal(model.predict(TEXTS, [None] * len(TEXTS)), without)
    assert not np.array_equal(model.predict(TEXTS, URLS), without)
    assert np.array_equal(without[4], without[5])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.mill.example/a", "mill.example/a"),
        ("HTTP://WWW.mill.example", "mill.example"),
        ("https://wwwmill.example/?u=http://www.x", "wwwmill.example/?u=http://www.x"),
        ("mill.example", "mill.example"),
        (None, None),
    ],
)
def test_urls_are_shown_without_scheme_and_www(url: str | None, expected: str | None) -> None:
    assert shown_urls([url], 1).to_pylist() == [expected]


def test_scores_are_biases_weights_and_signals_as_worked_out_by_hand(tmp_path: Path) -> None:
    """Two n-grams of equal idf: each text is a vector of length one."""
    made = word_model(tmp_path / "words", {"corn": 20, "weir": -10})
    log = 1 + math.log(2)
    expected = [2.0, -1.0, (2 - 1) / math.sqrt(2), (2 * log - 1) / math.sqrt(log * log + 1), 0.0]
    sums = made.sums(["Corn", "the weir", "corn weir", "weir corn corn", "unmet"])[:, 0]
    np.testing.assert_allclose(sums, expected, atol=1e-6)


def test_a_signal_adds_what_its_range_weighs_and_a_range_begins_at_its_edge(tmp_path: Path) -> None:
    settings = LinearSettings(groups=(), signals=("n_words",), activation="none")
    signal = SignalWeights(np.array([2.0, 4.0]), np.array([[1], [10], [100]], np.float32))
    made = load_linear(linear_folder(tmp_path / "signal", settings, weights_of([], 1, [signal], [0.5]), ["n"]))
    texts = ["", "a", "a b", "a b c", "a b c d", "a b c d e"]
    assert measure_signals(pa.array(texts))["n_words"].tolist() == [0, 1, 2, 3, 4, 5]
    assert made.predict(texts)[:, 0].tolist() == [1.5, 1.5, 10.5, 10.5, 100.5, 100.5]


def test_words_that_are_ignored_change_no_score(model: LinearClassifier) -> None:
    pairs = [
        ("Nobody remembers the miller's red door.", "Nobody remembers the miller's Blue door."),
        ("red door", "green door"),
        ("red green red blue door", "red door"),
        ("door red", "door blue green"),
        ("red door", "door"),
    ]
    settings = model.settings.model_copy(update={"signals": ()})
    info = model.info.model_copy(update={"settings": settings.model_dump(mode="json")})
    made = LinearClassifier(info, model._weights._replace(signals=()))
    scores = made.predict([text for pair in pairs for text in pair]).reshape(len(pairs), 2, 2)
    assert np.array_equal(scores[:, 0], scores[:, 1])
    assert not np.array_equal(made.predict(["red door"]), made.predict(["Nobody remembers the red door"]))


def test_a_text_of_ignored_words_is_empty(model: LinearClassifier) -> None:
    group = GROUPS[0]
    assert len(keys_of(group, ["red", "blue", "", "green"], IGNORED)) == 0
    alone, beside = model.predict(["blue door"]), model.predict(["door red", "blue door", "", "red"])
    assert np.array_equal(beside[1], alone[0])


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("none", [[0.0, math.log(3)], [-1000.0, 1000.0]]),
        ("sigmoid", [[0.5, 0.75], [0.0, 1.0]]),
        ("softmax", [[0.25, 0.75], [0.0, 1.0]]),
    ],
)
def test_sums_become_scores_by_the_activation(activation: str, expected: list[list[float]]) -> None:
    with np.errstate(over="ignore"):
        scores = activated(np.array([[0.0, math.log(3)], [-1000.0, 1000.0]]), activation)
    np.testing.assert_allclose(scores, expected, atol=1e-6)
    assert scores.dtype == np.float32


def test_a_model_is_shown_the_start_of_a_text_alone(tmp_path: Path) -> None:
    made = word_model(tmp_path / "short", {"corn": 20, "weir": -10}, max_chars=9)
    short, long, none = made.predict(["corn weir", "corn weir corn", "水水水水水水水水水 corn"])[:, 0]
    assert short == long
    assert none == 0.5


@pytest.mark.parametrize("change", [{"low": 0}, {"unit": "bytes"}, {"wieght": 1}])
def test_settings_that_are_none_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        NgramGroup(**change)


def test_a_model_that_knows_some_languages_scores_no_others(tmp_path: Path) -> None:
    from pipeline.classification.models import scores_of

    folder = tmp_path / "english"
    made = word_model(folder, {"corn": 20}, languages=["en", "und"])
    languages = ["en", "de", None, "und", "fr"]
    batch = pa.record_batch({"text": ["corn", "corn", "corn", "weir", None], "language": languages})
    corn, none = made.predict(["corn", ""])[:, 0]
    assert corn > none == 0.5
    scores = scores_of(batch, str(folder))[:, 0]
    np.testing.assert_array_equal(scores, np.array([corn, np.nan, corn, none, np.nan], np.float32))
    without = scores_of(batch.select(["text"]), str(folder))[:, 0]
    np.testing.assert_array_equal(without, np.array([corn, corn, corn, none, none], np.float32))
