"""Heads on sentence vectors: the encoder lies elsewhere, several stand beside each other, n-grams have a say."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from classifiers.encoders.dense_head import HEAD, Layer, apply_head, load_head, save_head
from classifiers.encoders.embedding_head import load_embedding_head
from classifiers.encoders.tokens import WindowTokenizer
from classifiers.linear import GroupWeights, LinearSettings, LinearWeights, save_linear
from classifiers.model_folder import ModelError, ModelInfo, sha256_of, write_info
from pipeline.kernels.linear.ngrams import count_ngrams
from pipeline.kernels.linear.units import tokens_of
from tests.unit.classifiers.encoder_models import TEXTS, TINY

LABELS = ["good", "bad"]
ABOUT = {"licence": "Apache-2.0", "trained_on": "nothing: random", "training_digest": "0" * 64}
BACKBONE: dict[str, Any] = {
    "model": str(TINY),
    "onnx": "vectors.onnx",
    "backend": "onnx",
    "pool": "mean",
    "max_tokens": 32,
    "sha256": {name: sha256_of(TINY / name) for name in ("vectors.onnx", "tokenizer.json")},
}


def random_layers(*sizes: int) -> list[Layer]:
    draw = np.random.default_rng(0)
    return [
        Layer(draw.normal(size=(size, after)).astype(np.float32), draw.normal(size=after).astype(np.float32))
        for size, after in pairwise(sizes)
    ]


def head_folder(folder: Path, layers: list[Layer], **settings: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    save_head(folder / HEAD, layers)
    given = {"embeddings": [BACKBONE], "outputs": LABELS, "activation": "sigmoid", **settings}
    write_info(folder, ModelInfo(name="head", kind="embedding+head", labels=LABELS, settings=given, **ABOUT))
    return folder


def token_vectors(text: str) -> Any:
    import onnxruntime

    (ids,) = WindowTokenizer(TINY / "tokenizer.json", 32, "head", 1).windows([text])
    session = onnxruntime.InferenceSession(str(TINY / "vectors.onnx"))
    given = np.array(ids, np.int64)
    return session.run(None, {"input_ids": given, "attention_mask": np.ones_like(given)})[0][0]


def test_vectors_are_means_of_length_one_and_the_head_is_put_on_them(tmp_path: Path) -> None:
    layers = random_layers(16, 5, 2)
    model = load_embedding_head(head_folder(tmp_path, layers))
    means = np.stack([token_vectors(text).mean(axis=0) for text in TEXTS[:6]]).astype(np.float64)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    np.testing.assert_allclose(model.vectors(TEXTS[:6]), means, atol=1e-6)
    hidden = np.maximum(means @ layers[0].weights + layers[0].bias, 0)
    sums = hidden @ layers[1].weights + layers[1].bias
    np.testing.assert_allclose(model.predict(TEXTS[:6]), 1 / (1 + np.exp(-sums)), atol=2e-6)


def test_scores_depend_on_the_text_alone(tmp_path: Path) -> None:
    model = load_embedding_head(head_folder(tmp_path, random_layers(16, 7, 2)))
    alone = np.concatenate([model.predict([text]) for text in TEXTS])
    np.testing.assert_array_equal(model.predict(TEXTS[::-1])[::-1], alone)
    assert model.predict([]).shape == (0, 2)


def test_several_embeddings_stand_one_after_the_other(tmp_path: Path) -> None:
    second = {**BACKBONE, "pool": "cls", "max_tokens": 8}
    model = load_embedding_head(head_folder(tmp_path, random_layers(32, 2), embeddings=[BACKBONE, second]))
    vectors = model.vectors(TEXTS)
    assert vectors.shape == (len(TEXTS), 32)
    np.testing.assert_allclose(np.linalg.norm(vectors.reshape(-1, 2, 16), axis=2), 1, atol=1e-6)
    assert np.abs(vectors[:, :16] - vectors[:, 16:]).max() > 0.01


def test_chunks_count_by_their_tokens(tmp_path: Path) -> None:
    chunked = {**BACKBONE, "window": "chunks", "max_tokens": 12}
    model = load_embedding_head(head_folder(tmp_path, random_layers(16, 2), embeddings=[chunked], unit_length=False))
    text = "The mill grinds the grain that the farmers bring, and they wait."
    (windows,) = WindowTokenizer(TINY / "tokenizer.json", 12, "chunks", 8).windows([text])
    assert len(windows) > 1
    pooled = model._encoders[0]._backend.rows(windows)
    lengths = np.array([len(window) for window in windows])
    np.testing.assert_allclose(model.vectors([text])[0], lengths @ pooled / lengths.sum(), atol=1e-6)


def linear_folder(folder: Path, labels: list[str]) -> Path:
    grams = count_ngrams(tokens_of(pa.array(["mill grain river buy click"])), 1, 1, 100)
    keys = np.unique(grams.keys)
    weights = np.arange(len(keys) * 2, dtype=np.int8).reshape(-1, 2) * 20
    group = GroupWeights(keys, np.ones(len(keys), np.float32), weights, np.full(2, 0.1, np.float32))
    settings = LinearSettings()
    save_linear(folder, settings, LinearWeights((group,), (), np.zeros(2, np.float32), np.ones(2, np.float32)))
    info = ModelInfo(name="linear", kind="linear", labels=labels, settings=settings.model_dump(), **ABOUT)
    write_info(folder, info)
    return folder


def test_n_grams_are_averaged_in(tmp_path: Path) -> None:
    from classifiers.linear import load_linear

    both = tmp_path / "both"
    ngrams = load_linear(linear_folder(both / "ngrams", LABELS)).predict(TEXTS[:7])
    layers = random_layers(16, 2)
    alone = load_embedding_head(head_folder(tmp_path / "alone", layers)).predict(TEXTS[:7])
    head_folder(both, layers, ngrams="ngrams", ngrams_share=0.25)
    np.testing.assert_allclose(load_embedding_head(both).predict(TEXTS[:7]), 0.75 * alone + 0.25 * ngrams, atol=1e-6)
    assert np.abs(alone - ngrams).max() > 0.05
    linear_folder(tmp_path / "other" / "turned", LABELS[::-1])
    with pytest.raises(ModelError, match=r"n-grams' labels are \['bad', 'good'\]"):
        load_embedding_head(head_folder(tmp_path / "other", layers, ngrams="turned"))
    with pytest.raises(ModelError, match="is not inside"):
        load_embedding_head(head_folder(tmp_path / "outside", layers, ngrams="../both/ngrams"))
    linear_folder(both / "ngrams", LABELS[::-1])  # another model in its place
    with pytest.raises(ModelError, match="has sha256"):
        load_embedding_head(both)


def test_a_head_of_other_sizes_is_refused(tmp_path: Path) -> None:
    layers = random_layers(16, 5, 3)
    with pytest.raises(ModelError, match="do not lead to 2 outputs"):
        load_embedding_head(head_folder(tmp_path / "outputs", layers))
    save_head(tmp_path / "gap.npz", [layers[0], random_layers(4, 2)[0]])
    with pytest.raises(ModelError, match="do not lead to 2"):
        load_head(tmp_path / "gap.npz", 2)
    (tmp_path / "none.npz").write_bytes(b"no head")
    with pytest.raises(ModelError, match="is no head"):
        load_head(tmp_path / "none.npz", 2)


def test_a_backbone_elsewhere_needs_its_hashes(tmp_path: Path) -> None:
    for hashes, message in (
        ({}, "does not say which sha256"),
        ({**BACKBONE["sha256"], "vectors.onnx": "0" * 64}, "its scores would be others"),
    ):
        folder = head_folder(tmp_path / message[:4], random_layers(16, 2), embeddings=[{**BACKBONE, "sha256": hashes}])
        with pytest.raises(ModelError, match=message):
            load_embedding_head(folder)


def test_a_backbone_is_looked_up_in_the_hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = tmp_path / "hub" / "models--org--tiny" / "snapshots" / ("a" * 40)
    snapshot.parent.mkdir(parents=True)
    snapshot.symlink_to(TINY)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    hub = {**BACKBONE, "model": "org/tiny", "revision": "a" * 40}
    layers = random_layers(16, 2)
    scores = load_embedding_head(head_folder(tmp_path / "hubbed", layers, embeddings=[hub])).predict(TEXTS)
    np.testing.assert_array_equal(scores, load_embedding_head(head_folder(tmp_path / "path", layers)).predict(TEXTS))


def test_an_embedding_pools_itself(tmp_path: Path) -> None:
    backbone = {**BACKBONE, "pool": "model"}
    with pytest.raises(ValidationError, match="pool is mean or cls"):
        load_embedding_head(head_folder(tmp_path, random_layers(16, 2), embeddings=[backbone]))


def test_a_head_gives_a_row_the_same_outputs_in_any_company() -> None:
    layers = random_layers(96, 64, 3)
    vectors = np.random.default_rng(1).normal(size=(57, 96))
    alone = np.concatenate([apply_head(layers, vectors[number : number + 1]) for number in range(57)])
    np.testing.assert_array_equal(apply_head(layers, vectors), alone)
    assert apply_head(layers, vectors[:0]).shape == (0, 3)


def test_a_folder_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"of kind linear, not embedding\+head"):
        load_embedding_head(linear_folder(tmp_path, LABELS))
