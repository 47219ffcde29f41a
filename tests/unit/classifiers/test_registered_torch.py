"""Public DeBERTa models with heads of their own are put together from their weights, and no code of the hub is run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifiers.encoders.tokens import WindowTokenizer
from classifiers.hub.registered_encoder import CATEGORIES
from classifiers.hub.registry import entry_of, registry
from classifiers.load import load_classifier
from classifiers.model_folder import ModelError
from tests.unit.classifiers.encoder_models import TEXTS
from tests.unit.classifiers.hub_models import put_files
from tests.unit.classifiers.make_tiny_encoder import make_model

torch = pytest.importorskip("torch", reason="torch is an extra: pip install gristmill[train]")
QUALITY = "nvidia/quality-classifier-deberta"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    for name in ("nvidia-quality", "celadon", "fineweb-edu"):
        monkeypatch.setitem(registry(), name, entry_of(name).model_copy(update={"max_tokens": 32}))
    monkeypatch.setattr("classifiers.encoders.torch_backend.computes_in_bfloat16", lambda: False)
    return tmp_path / "hub"


def put_deberta(cache: Path, hub: str, prefix: str, heads: Mapping[str, int], **config: Any) -> tuple[Path, Any, Any]:
    """Lay a tiny random DeBERTa with linear heads into a cache; return its folder, the backbone and the heads."""
    from safetensors.torch import save_file
    from transformers import AutoModel

    files = make_model(put_files(cache, hub), "deberta-v2")
    backbone = AutoModel.from_pretrained(files).eval()
    layers = {name: torch.nn.Linear(16, size) for name, size in heads.items()}
    weights = {f"{prefix}{name}": weight for name, weight in backbone.state_dict().items()}
    for name, layer in layers.items():
        layer.weight.data *= 8
        weights |= {f"{name}.{end}": weight for end, weight in layer.state_dict().items()}
    save_file({name: weight.contiguous() for name, weight in weights.items()}, files / "model.safetensors")
    described = json.loads((files / "config.json").read_text()) | config
    (files / "config.json").write_text(json.dumps(described))
    return files, backbone, layers


def first_vectors(files: Path, backbone: Any) -> Any:
    windows = WindowTokenizer(files / "tokenizer.json", 32, "head", 1).windows(TEXTS)
    with torch.inference_mode():
        return torch.cat([backbone(input_ids=torch.tensor(some)).last_hidden_state[:, 0] for some in windows])


@pytest.mark.parametrize("order", [("High", "Medium", "Low"), ("Low", "High", "Medium")])
def test_the_quality_of_a_text_is_what_is_expected_of_its_classes(cache: Path, order: tuple[str, ...]) -> None:
    names = {str(number): name for number, name in enumerate(order)}
    files, backbone, heads = put_deberta(cache, QUALITY, "model.", {"fc": 3}, id2label=names, base_model="a/b")
    with torch.inference_mode():
        shares = heads["fc"](first_vectors(files, backbone)).softmax(-1).numpy()
    weights = [{"High": 2.0, "Medium": 1.0, "Low": 0.0}[name] for name in order]
    scores = load_classifier("nvidia-quality").predict(TEXTS)[:, 0]
    np.testing.assert_allclose(scores, shares @ weights, atol=1e-4)
    assert np.ptp(scores) > 0.1


def test_the_worst_grade_of_any_category_speaks_against_a_text(cache: Path) -> None:
    files, backbone, heads = put_deberta(cache, "PleIAs/celadon", "deberta.", {f"heads.{n}": 4 for n in range(5)})
    with torch.inference_mode():
        vectors = first_vectors(files, backbone)
        grades = np.stack([head(vectors).argmax(-1).numpy() for head in heads.values()], axis=1)
    scores = load_classifier("celadon").predict(TEXTS)[:, 0]
    assert scores.tolist() == (-grades.max(axis=1)).tolist()
    assert len(set(grades.ravel().tolist())) > 1
    assert set(entry_of("celadon").labels) == set(CATEGORIES)


def test_weights_that_are_missing_or_of_another_model_are_refused(cache: Path) -> None:
    from safetensors.torch import load_file, save_file

    files, _, _ = put_deberta(cache, QUALITY, "model.", {"fc": 3})
    weights = load_file(files / "model.safetensors")
    for change, said in (
        ({"fc.bias": None}, "of heads, not fc.bias, fc.weight"),
        ({"model.embeddings.word_embeddings.weight": None}, "lacks .'embeddings.word_embeddings.weight'"),
        ({"model.more": torch.zeros(1)}, "has others: .'more'"),
        ({"fc.weight": torch.zeros(2, 16), "fc.bias": torch.zeros(2)}, r"heads of \[2\] outputs, not \[3\]"),
    ):
        changed = {name: weight for name, weight in (weights | change).items() if weight is not None}
        save_file(changed, files / "model.safetensors")
        with pytest.raises(ModelError, match=said):
            load_classifier("nvidia-quality")
    (files / "config.json").write_text(json.dumps({"base_model": "a/b", "id2label": {"0": "High"}}))
    save_file(weights, files / "model.safetensors")
    with pytest.raises(ModelError, match="no output called Low, Medium"):
        load_classifier("nvidia-quality")


def test_a_configuration_without_a_type_is_that_of_the_base_model(cache: Path) -> None:
    files, _, _ = put_deberta(cache, QUALITY, "model.", {"fc": 3})
    before = load_classifier("nvidia-quality").predict(TEXTS)
    config = (files / "config.json").read_text()
    names = {"0": "High", "1": "Medium", "2": "Low"}
    (files / "config.json").write_text(json.dumps({"base_model": "org/base", "id2label": names}))
    moved = str(files.rename(files.with_name("f" * 40)))
    with pytest.raises(ModelError, match="its base_model org/base is not in"):
        load_classifier(moved)
    (put_files(cache, "org/base") / "config.json").write_text(config)
    np.testing.assert_array_equal(load_classifier(moved).predict(TEXTS), before)


def test_without_a_graph_torch_reads_the_weights(cache: Path) -> None:
    files = make_model(put_files(cache, "HuggingFaceFW/fineweb-edu-classifier"), "bert", ("LABEL_0",))
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(files).eval()
    windows = WindowTokenizer(files / "tokenizer.json", 32, "head", 1).windows(TEXTS)
    with torch.inference_mode():
        raw = np.array([float(model(input_ids=torch.tensor(some)).logits[0, 0]) for some in windows])
    assert load_classifier("fineweb-edu").predict(TEXTS)[:, 0].tolist() == np.round(np.clip(raw, 0, 5)).tolist()
