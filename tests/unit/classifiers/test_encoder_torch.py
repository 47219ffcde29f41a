"""Encoders in torch, and their export: every kind of head, several architectures, and weights that are missing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifiers.encoders.encoder import load_encoder_model
from classifiers.encoders.torch_backend import TorchBackend, batches, computes_in_bfloat16, load_complete
from classifiers.model_folder import ModelError, ModelInfo, write_info
from tests.unit.classifiers.encoder_models import TEXTS, encoder_info
from tests.unit.classifiers.make_tiny_encoder import LABELS, make_model

torch = pytest.importorskip("torch", reason="torch is an extra: pip install gristmill[train]")
KINDS = ("bert", "roberta", "deberta-v2")


def torch_folder(folder: Path, labels: list[str], **settings: Any) -> Path:
    write_info(folder, encoder_info(labels, backend="torch", **settings))
    return folder


def probabilities(folder: Path, texts: list[str], activation: str) -> Any:
    """What transformers itself answers, text by text."""
    from tokenizers import Tokenizer
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(32)
    ids = [tokenizer.encode(text.encode("utf-8", "replace").decode()).ids for text in texts]
    with torch.inference_mode():
        logits = torch.cat([model(input_ids=torch.tensor([one])).logits for one in ids])
    return {"softmax": logits.softmax(-1), "sigmoid": logits.sigmoid(), "none": logits}[activation].numpy()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("activation", ["softmax", "sigmoid", "none"])
def test_scores_are_those_of_transformers_for_each_head(tmp_path: Path, kind: str, activation: str) -> None:
    labels = ("grade",) if activation == "none" else LABELS
    folder = make_model(tmp_path, kind, labels)
    settings: dict[str, Any] = {"activation": activation, "outputs": list(labels)}
    model = load_encoder_model(torch_folder(folder, list(labels[::-1]), **settings))
    expected = probabilities(folder, TEXTS, activation)[:, ::-1]
    np.testing.assert_allclose(model.predict(TEXTS), expected, atol=0.05 if computes_in_bfloat16() else 1e-5)
    assert np.ptp(expected[:, 0]) > 0.01


def test_a_text_in_torch_depends_on_its_neighbours_by_rounding_alone(tmp_path: Path) -> None:
    model = load_encoder_model(torch_folder(make_model(tmp_path), list(LABELS), tokens_a_batch=64))
    alone = np.concatenate([model.predict([text]) for text in TEXTS])
    np.testing.assert_allclose(model.predict(TEXTS[::-1])[::-1], alone, atol=0.05 if computes_in_bfloat16() else 1e-5)


@pytest.mark.parametrize("pool", ["cls", "mean"])
def test_padding_does_not_count_in_pooled_vectors(tmp_path: Path, pool: Any) -> None:
    backend = TorchBackend(make_model(tmp_path), pool, 64)
    windows = [[1, 20, 2], [1, 30, 31, 32, 33, 34, 2]]
    alone = np.concatenate([backend.rows([window]) for window in windows])
    np.testing.assert_allclose(backend.rows(windows), alone, atol=0.05 if computes_in_bfloat16() else 1e-5)
    assert alone.shape == (2, 16)


def test_batches_keep_to_their_tokens() -> None:
    lengths = sorted(np.random.default_rng(0).integers(1, 50, 200).tolist())
    parts = batches(lengths, 128)
    assert [number for part in parts for number in range(200)[part]] == list(range(200))
    assert all(len(lengths[part]) * lengths[part][-1] <= 128 for part in parts)
    assert len(parts) < 60


def test_missing_weights_are_an_error_not_random_numbers(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = make_model(tmp_path)
    weights = load_file(folder / "model.safetensors")
    kept = {name: weight for name, weight in weights.items() if not name.startswith("classifier")}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"lacks weights that BertForSequenceClassification has.*classifier\.bias"):
        load_complete(folder, own_head=True)
    assert load_complete(folder, own_head=False).config.hidden_size == 16, "its vectors need no head"


def test_weights_of_another_shape_are_an_error(tmp_path: Path) -> None:
    folder = make_model(tmp_path)
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {"0": "a", "1": "b"}
    config["label2id"] = {"a": 0, "b": 1}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=f"{folder.name}"):
        load_complete(folder, own_head=True)


def test_the_number_of_outputs_is_checked_at_load(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="the model has 3 outputs, and its settings name 2"):
        load_encoder_model(torch_folder(make_model(tmp_path), ["a"], outputs=["a", "b"]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("activation", ["softmax", "sigmoid", "none"])
def test_export_writes_a_folder_that_scores_like_torch(tmp_path: Path, kind: str, activation: str) -> None:
    pytest.importorskip("onnx")
    from classifiers.export_onnx import export

    labels = ("grade",) if activation == "none" else LABELS
    source = make_model(tmp_path / "source", kind, labels)
    info = exported_info(list(labels), activation)
    difference = export(source, tmp_path / "out", info, TEXTS)
    assert 0 < difference.mean <= 0.02
    model = load_encoder_model(tmp_path / "out")
    assert model.settings.outputs == labels
    np.testing.assert_allclose(model.predict(TEXTS), probabilities(source, TEXTS, activation), atol=0.1)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("card.md", "model.json", "model.onnx", "tokenizer.json")
    ]
    export(source, tmp_path / "float", info, TEXTS, quantised=False)
    plain = load_encoder_model(tmp_path / "float").predict(TEXTS)
    np.testing.assert_allclose(plain, probabilities(source, TEXTS, activation), atol=1e-4)
    with pytest.raises(ModelError, match="nothing is overwritten"):
        export(source, tmp_path / "out", info, TEXTS)


def exported_info(labels: list[str], activation: str) -> ModelInfo:
    about = {"name": "tiny", "licence": "Apache-2.0", "trained_on": "nothing: random", "training_digest": "0" * 64}
    settings = {"activation": activation, "max_tokens": 32, "backend": "onnx"}
    return ModelInfo(kind="encoder", labels=labels, settings=settings, **about)


def test_outputs_follow_the_numbers_of_id2label_not_their_order_in_the_file(tmp_path: Path) -> None:
    from classifiers.encoders.settings import outputs_of

    folder = make_model(tmp_path)
    config = json.loads((folder / "config.json").read_text())
    assert list(config["id2label"].values()) == list(LABELS)
    config["id2label"] = {"2": "Low", "10": "Ten", "0": "High", "1": "Medium"}
    (folder / "config.json").write_text(json.dumps(config))
    assert outputs_of(folder) == ["High", "Medium", "Low", "Ten"]


def test_an_int8_graph_too_far_from_float32_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnx")
    from classifiers.export_onnx import export

    monkeypatch.setattr("classifiers.export_onnx.MEAN_LIMIT", 1e-6)
    source = make_model(tmp_path / "source")
    with pytest.raises(ModelError, match=r"above 1e-06 and 0\.1: keep float32"):
        export(source, tmp_path / "out", exported_info(["High"], "softmax"), TEXTS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source"]


def test_the_command_exports_and_says_how_far_int8_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnx")
    from classifiers.export_onnx import main

    source = make_model(tmp_path / "source")
    described = exported_info(["High"], "softmax").model_dump(include={"name", "labels", "licence", "settings"})
    described |= {"trained_on": "nothing", "training_digest": "0" * 64}
    (tmp_path / "about.yaml").write_text(json.dumps(described))
    (tmp_path / "texts.jsonl").write_text("\n".join(map(json.dumps, TEXTS)))
    command = [str(source), str(tmp_path / "out")]
    options = ["--description", str(tmp_path / "about.yaml"), "--texts", str(tmp_path / "texts.jsonl")]
    assert main([*command, *options]) == 0
    assert "int8 differs from float32 by 0.0" in capsys.readouterr().out
    assert main([*command, *options]) == 1
    assert "nothing is overwritten" in capsys.readouterr().err


def test_sums_of_int8_do_not_saturate_whatever_the_processor(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    import onnxruntime

    from classifiers.encoders.onnx_graphs import quantise_graph

    weights = np.tile(np.array([[1.0], [0.98]], np.float32), (32, 8))
    nodes = [onnx.helper.make_node("MatMul", ["x", "w"], ["y"])]
    floats = onnx.TensorProto.FLOAT
    ends = [[onnx.helper.make_tensor_value_info(name, floats, [1, size])] for name, size in (("x", 64), ("y", 8))]
    graph = onnx.helper.make_graph(nodes, "product", *ends, [onnx.numpy_helper.from_array(weights, "w")])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "float.onnx")
    quantise_graph(tmp_path / "float.onnx", tmp_path / "int8.onnx")
    given = np.linspace(0.9, 1.0, 64, dtype=np.float32)[None]
    (product,) = onnxruntime.InferenceSession(str(tmp_path / "int8.onnx")).run(None, {"x": given})
    np.testing.assert_allclose(product, given @ weights, rtol=0.02)


def test_a_backbone_is_exported_for_heads_with_its_hashes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnx")
    from classifiers import export_vectors
    from classifiers.encoders.encoder import Encoder
    from classifiers.encoders.settings import Backbone

    source = make_model(tmp_path / "source")
    (tmp_path / "texts.jsonl").write_text("\n".join(map(json.dumps, TEXTS)))
    command = [str(source), str(tmp_path / "out"), "--texts", str(tmp_path / "texts.jsonl"), "--max-tokens", "32"]
    assert export_vectors.main(command) == 0
    named = Backbone.model_validate_json(capsys.readouterr().out)
    encoder = Encoder(tmp_path, exported_info(["High"], "softmax"), named)
    (windows,) = encoder.read(TEXTS, None)
    plain = TorchBackend(source, "mean", 64).rows([[1, 20, 30, 2]])
    graph = encoder._backend.rows([[1, 20, 30, 2]])
    assert windows.rows.shape == (len(TEXTS), 16)
    np.testing.assert_allclose(graph, plain, atol=0.1)
    assert export_vectors.main(command) == 1
    monkeypatch.setattr(export_vectors, "LEAST_COSINE", 1.1)
    with pytest.raises(ModelError, match="keep float32"):
        export_vectors.export_vectors(source, tmp_path / "none", TEXTS, max_tokens=32)
    assert export_vectors.main([*command[:1], str(tmp_path / "float"), *command[2:], "--float"]) == 0


def test_narrowing_products_stay_float_where_they_are_told_to(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    from classifiers.encoders.onnx_graphs import export_graph, quantise_graph

    export_graph(make_model(tmp_path / "source"), tmp_path / "float.onnx", "model")
    counts = []
    for narrowing in (True, False):
        quantise_graph(tmp_path / "float.onnx", tmp_path / "int8.onnx", narrowing=narrowing)
        kinds = [node.op_type for node in onnx.load(tmp_path / "int8.onnx").graph.node]
        counts.append(kinds.count("MatMulInteger"))
    assert counts[0] - counts[1] == 2, "one of each of the two layers"
