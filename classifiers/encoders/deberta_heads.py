"""DeBERTa models whose heads the classes of transformers do not have: no code of the hub is run. Needs torch.

`nvidia-deberta`: a backbone under `model.`, a linear layer `fc` on the first token's vector, as the card of
nvidia/quality-classifier-deberta prints its class. `celadon`: a backbone under `deberta.` and linear layers `heads.N`
of four grades each on the first token's vector, as the training code of its makers has them; a head's output is its
grade.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from classifiers.encoders.dense_head import Layer, apply_head
from classifiers.encoders.settings import CONFIG, outputs_of
from classifiers.encoders.torch_backend import TorchBackend
from classifiers.model_files.hub_cache import hub_cache, snapshot
from classifiers.model_folder import ModelError

Rows = npt.NDArray[np.float32]
_BACKBONES: Final = {"nvidia-deberta": "model.", "celadon": "deberta."}
_IGNORED: Final = ("embeddings.position_ids",)
"""A buffer that older versions of transformers saved."""


class DebertaHeads:
    """A backbone and its heads.

    Args:
        folder: `config.json` and weights as safetensors.
        adapter: How they are put together.
        tokens_a_batch: Padding among them.

    Raises:
        ModelError: Weights are missing, or there are others.
    """

    def __init__(self, folder: Path, adapter: str, tokens_a_batch: int) -> None:
        weights = _weights(folder)
        prefix = _BACKBONES[adapter]
        backbone = {name.removeprefix(prefix): weight for name, weight in weights.items() if name.startswith(prefix)}
        rest = {name: weight for name, weight in weights.items() if not name.startswith(prefix)}
        self._heads = _heads(folder, rest, adapter)
        self._grades = adapter == "celadon"
        self._backend = TorchBackend(folder, "cls", tokens_a_batch, _backbone(folder, backbone))

    def rows(self, windows: Sequence[Sequence[int]]) -> Rows:
        """Return a row for each window, float32 (windows, outputs)."""
        vectors = self._backend.rows(windows)
        outputs = [apply_head([head], vectors) for head in self._heads]
        if self._grades:
            return np.stack([each.argmax(axis=1) for each in outputs], axis=1).astype(np.float32)
        return outputs[0].astype(np.float32)


def _weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    weights: dict[str, Any] = {}
    for path in sorted(folder.glob("model*.safetensors")):
        weights |= load_file(path)
    return weights


def _heads(folder: Path, rest: dict[str, Any], adapter: str) -> list[Layer]:
    """Return the heads, whose weights must be all that is left."""
    names = ["fc"]
    if adapter == "celadon":
        names = [f"heads.{number}" for number in range(5)]
    wanted = {f"{name}.{end}" for name in names for end in ("weight", "bias")}
    if set(rest) != wanted:
        raise ModelError(
            f"{folder} has the weights {', '.join(sorted(rest)[:8])} of heads, not {', '.join(sorted(wanted))}"
        )
    heads = []
    for name in names:
        weight, bias = (rest[f"{name}.{end}"].float().numpy() for end in ("weight", "bias"))
        heads.append(Layer(weight.T, bias))
    sizes = [len(head.bias) for head in heads]
    expected = [4] * 5 if adapter == "celadon" else [len(outputs_of(folder))]
    if sizes != expected:
        raise ModelError(f"{folder} has heads of {sizes} outputs, not {expected}")
    return heads


def _backbone(folder: Path, weights: dict[str, Any]) -> Any:
    """Return the encoder with all of its weights."""
    from transformers import AutoConfig, AutoModel

    loader: Any = AutoModel
    try:
        model = loader.from_config(AutoConfig.from_pretrained(str(_configured(folder)), local_files_only=True))
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder} cannot be loaded: {error}") from error
    kept = {name: weight.float() for name, weight in weights.items() if name not in _IGNORED}
    try:
        report = model.load_state_dict(kept, strict=False)
    except RuntimeError as error:
        raise ModelError(f"{folder} has weights of other shapes than its configuration: {error}") from None
    lacking = [name for name in report.missing_keys if name not in _IGNORED]
    if lacking or report.unexpected_keys:
        raise ModelError(f"{folder} lacks {lacking[:5]} of its backbone, or has others: {report.unexpected_keys[:5]}")
    return model.eval()


def _configured(folder: Path) -> Path:
    """Return the folder whose configuration is the backbone's: its own, or that of the model that it was made of."""
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    if "model_type" in config:
        return folder
    base = config.get("base_model")
    files = snapshot(base, None, hub_cache()) if isinstance(base, str) and base.count("/") == 1 else None
    if files is None:
        raise ModelError(f"{folder / CONFIG} names no model_type, and its base_model {base} is not in {hub_cache()}")
    return files
