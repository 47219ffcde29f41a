"""A head is trained on vectors of any encoder: measured fairly, the same bytes again, no vector computed twice."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is of the extra `train`")
import pyarrow as pa

from classifiers import train_head
from classifiers.encoders.dense_head import Layer
from classifiers.encoders.embedding_head import averaged, text_vectors
from classifiers.encoders.encoder import Encoder
from classifiers.encoders.settings import Backbone
from classifiers.linear import LinearWeights, activated, load_linear
from classifiers.load import load_classifier
from classifiers.model_folder import ModelError, read_info
from classifiers.training import vectors
from classifiers.training.examples import ExamplesSpec, read_examples
from classifiers.training.head_fit import FittedHead, averaged_fits, dense_ridge, fit_head
from classifiers.training.linear_fit import Fitted
from classifiers.training.measures import calibration_error
from tests.unit.classifiers.fasttext_models import WORDS
from tests.unit.classifiers.test_embedding_head import BACKBONE

NGRAMS = {"groups": [{"unit": "words", "high": 1}], "activation": "softmax"}
CONFIG: dict[str, Any] = {
    "name": "made",
    "trained_on": "made-up words",
    "notes": "Of no use.",
    "data": {"files": ["rows.jsonl"], "group": "site"},
    "embeddings": [BACKBONE],
    "head_penalty": 0.01,
    "model": {"groups": [], "activation": "softmax"},
}


def made_rows(count: int = 120) -> list[dict[str, Any]]:
    draw = random.Random(0)
    parts = {"good": WORDS[:8], "bad": WORDS[20:28]}
    return [
        {"label": label, "text": " ".join(draw.choices(parts[label], k=6)) + f" {n}", "site": f"s{n % 30}"}
        for n in range(count)
        for label in ["good" if n % 2 else "bad"]
    ]


def command(folder: Path, rows: list[dict[str, Any]], work: Path | None = None, **config: Any) -> list[str]:
    """Write examples and a configuration; return the command's arguments."""
    folder.mkdir(exist_ok=True)
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "config.yaml").write_text(json.dumps({**CONFIG, **config}), encoding="utf-8")
    return [str(folder / "config.yaml"), "--output", str(folder / "out"), "--work", str(work or folder / "work")]


@pytest.fixture
def read_texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that encoders are shown, from now on."""
    shown: list[str] = []
    read = Encoder.read

    def noting(self: Encoder, texts: Any, urls: Any) -> Any:
        shown.extend(texts.to_pylist())
        return read(self, texts, urls)

    monkeypatch.setattr(Encoder, "read", noting)
    return shown


@pytest.mark.parametrize("model", [CONFIG["model"], NGRAMS], ids=["head", "head and n-grams"])
def test_a_head_learns_is_measured_and_scores_by_its_folder_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], model: dict[str, Any]
) -> None:
    rows = made_rows()
    for row in rows[::13]:
        row["label"] = "good" if row["label"] == "bad" else "bad"  # labels are wrong at times
    assert train_head.main(command(tmp_path, rows, model=model, precision={"good": 0.8})) == 0
    measures = json.loads(capsys.readouterr().out)
    assert measures["examples"] == len(rows)
    assert measures["accuracy"] > 0.8
    out = tmp_path / "out"
    loaded = load_classifier(out)
    assert loaded.info.kind == "embedding+head"
    assert loaded.info.labels == ["bad", "good"]
    assert "good" in loaded.info.thresholds
    card = (out / "card.md").read_text(encoding="utf-8")
    assert f'"accuracy": {measures["accuracy"]}' in card
    assert "vectors of tiny_encoder" in card
    scores = loaded.predict([row["text"] for row in rows])
    assert (scores.argmax(axis=1) == [row["label"] == "good" for row in rows]).mean() > measures["accuracy"] - 1e-4
    if model is NGRAMS:
        assert "a linear model has 0.5 of the say: 1 to 1 words of the text" in card
        assert set(read_info(out).files) == {"head.npz", "ngrams/model.json", "ngrams/weights.npz"}
        linear = load_linear(out / "ngrams").predict([row["text"] for row in rows])
        assert np.abs(linear - scores).max() > 1e-3
        (out / "ngrams" / "weights.npz").write_bytes(b"others")
        with pytest.raises(ModelError, match="its scores would be others"):
            read_info(out)


def test_the_same_examples_give_the_same_bytes_and_no_vector_is_computed_twice(
    tmp_path: Path, read_texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "_BATCH", 50)
    rows = made_rows()
    work = tmp_path / "work"
    assert train_head.main(command(tmp_path / "first", rows, work, model=NGRAMS)) == 0
    assert read_texts == [row["text"] for row in rows]
    assert train_head.main(command(tmp_path / "again", rows, work, model=NGRAMS)) == 0
    assert len(read_texts) == len(rows), "all are kept"
    assert train_head.main(command(tmp_path / "anew", rows, model=NGRAMS)) == 0
    names = [path.relative_to(tmp_path / "first") for path in (tmp_path / "first" / "out").rglob("*") if path.is_file()]
    assert len(names) == 5
    for other in ("again", "anew"):
        for name in names:
            assert (tmp_path / other / name).read_bytes() == (tmp_path / "first" / name).read_bytes(), name


def test_an_interrupted_training_computes_what_is_left(
    tmp_path: Path, read_texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "_BATCH", 50)
    rows, calls, compute = made_rows(), 0, text_vectors

    def breaks(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise InterruptedError("the power is off")
        return compute(*given)

    with monkeypatch.context() as patch:
        patch.setattr(vectors, "text_vectors", breaks)
        assert train_head.main(command(tmp_path, rows)) == 2
    assert len(read_texts) == 100
    assert not (tmp_path / "out").exists()
    assert train_head.main(command(tmp_path, rows)) == 0
    assert read_texts == [row["text"] for row in rows]


def test_vectors_are_kept_for_one_encoder_and_what_it_is_shown() -> None:
    named, texts, urls = Backbone(**BACKBONE), pa.array(["a mill", "b"]), pa.array(["u", "v"])
    digest = vectors.digest_of_batch(texts, urls, named, 100)
    elsewhere = named.model_copy(update={"model": "elsewhere", "revision": "main"})
    assert vectors.digest_of_batch(texts, pa.array(["w", "x"]), elsewhere, 100) == digest
    shown = named.model_copy(update={"input": "{url} {text}"})
    others = [
        vectors.digest_of_batch(pa.array(["a mil", "lb"]), urls, named, 100),
        vectors.digest_of_batch(texts, urls, named, 99),
        vectors.digest_of_batch(texts, urls, named.model_copy(update={"max_tokens": 31}), 100),
        vectors.digest_of_batch(texts, urls, named.model_copy(update={"sha256": {"model.onnx": "0"}}), 100),
        vectors.digest_of_batch(texts, urls, shown, 100),
        vectors.digest_of_batch(texts, pa.array(["w", "x"]), shown, 100),
    ]
    assert len({digest, *others}) == 7


def test_what_is_measured_was_not_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw = random.Random(1)
    rows = [{**row, "label": draw.choice(["good", "bad"])} for row in made_rows()]
    assert train_head.main(command(tmp_path, rows, head_penalty=1e-9, model=NGRAMS)) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] < 0.57, "labels drawn by chance cannot be known"
    scores = load_classifier(tmp_path / "out").predict([row["text"] for row in rows])
    seen = (scores.argmax(axis=1) == [row["label"] == "good" for row in rows]).mean()
    assert seen > 0.6, "though they can be learnt by heart"


def test_groups_stay_together_in_folds(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, made_rows())), encoding="utf-8")
    examples = read_examples(ExamplesSpec(files=("rows.jsonl",), group="site"), tmp_path)
    sites = np.array(examples.groups)
    told = (sites[:, None] == np.unique(sites)).astype(float)  # vectors that say nothing but the site
    told = np.concatenate([told, np.zeros((len(told), 1))], axis=1)
    unseen = fit_head(examples, told, "none", 1e-6, 0).unseen
    for site in np.unique(sites):
        assert np.ptp(unseen[sites == site], axis=0).max() == 0
        labels = examples.targets[sites == site]
        assert np.abs(unseen[sites == site] - labels).min() > 0.2, "its own labels are unknown to it"


def test_ridge_is_what_its_equation_says() -> None:
    draw = np.random.default_rng(0)
    rows, targets, weights = draw.normal(1, 1, (40, 6)), draw.normal(size=(40, 2)), draw.uniform(0.1, 2, 40)
    coefficients, biases = dense_ridge(rows, targets, weights, 0.7)
    errors = (rows @ coefficients + biases - targets) * weights[:, None]
    np.testing.assert_allclose(errors.sum(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(rows.T @ errors + 0.7 * coefficients, 0, atol=1e-9)


def copied_rows() -> list[dict[str, Any]]:
    return [{**row, "site": f"copy {n}{row['site']}"} for row in made_rows(60) for n in range(2)]


@pytest.mark.parametrize(
    ("rows", "config", "message"),
    [
        (made_rows(20), {"embeddings": []}, "at least 1 item"),
        (made_rows(20), {"embeddings": [{**BACKBONE, "sha256": {}}]}, "its files have hashes"),
        (made_rows(20), {"embeddings": [{**BACKBONE, "pool": "model"}]}, "pool is mean or cls"),
        (made_rows(20), {"embeddings": [{**BACKBONE, "model": "no/model"}]}, "nothing is downloaded"),
        (
            made_rows(20),
            {"embeddings": [{**BACKBONE, "sha256": {**BACKBONE["sha256"], "vectors.onnx": "0" * 64}}]},
            "its scores would be others",
        ),
        (made_rows(20), {"ngrams_share": 1}, "ngrams_share"),
        (made_rows(20), {"head_penalty": 0}, "head_penalty"),
        (made_rows(20), {"embedding": []}, "embedding"),
        (made_rows(20), {"model": {"signals": ["n_wrods"]}}, "n_wrods"),
        (made_rows(20), {"precision": {"goood": 0.9}}, "'goood' is none of bad, good"),
        (copied_rows(), {}, "have near-duplicates in other folds"),
    ],
)
def test_what_cannot_be_trained_is_said_with_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[dict[str, Any]], config: Any, message: str
) -> None:
    assert train_head.main(command(tmp_path, rows, **config)) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "delete it"), (b"no vectors", "delete it"), (None, "another number of texts")]
)
def test_a_damaged_file_of_vectors_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, message: str
) -> None:
    arguments = command(tmp_path, made_rows(40))
    assert train_head.main(arguments) == 0
    (path,) = (tmp_path / "work").glob("*.npy")
    if content is None:
        np.save(path, np.zeros((3, 16), np.float32))
    else:
        path.write_bytes(content)
    assert train_head.main(arguments) == 2
    error = capsys.readouterr().err
    assert path.name in error
    assert message in error


def test_a_mean_of_scores_is_as_sure_as_it_is_right(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, made_rows(2000))), encoding="utf-8")
    examples = read_examples(ExamplesSpec(files=("rows.jsonl",)), tmp_path)
    draw = np.random.default_rng(0)
    noise = draw.normal(
        0, np.sqrt(2), (2, *examples.targets.shape)
    )  # with it, each by itself is as sure as it is right
    logits = 2 * examples.targets + noise
    weights = LinearWeights((), (), np.zeros(2, np.float32), np.full(2, 3, np.float32))
    layer = Layer(np.ones((4, 2), np.float32), np.ones(2, np.float32))
    head = FittedHead(layer, activated(logits[0], "softmax"), logits[0])
    linear = Fitted(weights, activated(logits[1], "softmax"), logits[1], np.zeros(len(examples), np.int64))
    errors, plain = {}, averaged(head.unseen, linear.unseen, 0.5)
    both = averaged_fits(head, linear, examples, "softmax", 0.5)
    for name, scores in (("plain", plain), ("fitted", both.unseen)):
        right = scores.argmax(axis=1) == examples.targets.argmax(axis=1)
        errors[name] = calibration_error(scores.max(axis=1), right)
    assert errors["fitted"] < 0.7 * errors["plain"]
    factor = both.layer.bias[0]
    assert factor > 1.1
    for part in (*both.layer, both.weights.slopes / 3):
        np.testing.assert_allclose(part, factor, rtol=1e-6)
    regression = averaged_fits(head, linear, examples, "none", 0.25)
    np.testing.assert_allclose(regression.unseen, 0.75 * logits[0] + 0.25 * logits[1], atol=1e-5)
    np.testing.assert_array_equal(regression.layer.weights, layer.weights)
