"""Encoders in torch: on a GPU, or where somebody asks for it. An extra: `pip install gristmill[train]`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from classifiers.model_folder import ModelError

Rows = npt.NDArray[np.float32]


def load_complete(folder: Path, *, own_head: bool, **options: Any) -> Any:
    """Load an encoder of the transformers library, with all its weights; nothing is downloaded, no code of it is run.

    Args:
        folder: `config.json` and weights as safetensors.
        own_head: Whether its class for sequence classification is wanted, or the encoder alone.
        options: Others of `from_pretrained`.

    Raises:
        ModelError: torch is not installed; or the file lacks weights, which transformers would draw at random.
    """
    try:
        from transformers import AutoModel, AutoModelForSequenceClassification

        loader: Any = AutoModelForSequenceClassification if own_head else AutoModel
        model, report = loader.from_pretrained(
            str(folder), output_loading_info=True, local_files_only=True, use_safetensors=True, **options
        )
    except ImportError as error:
        raise ModelError(f"{folder} needs torch: pip install 'gristmill[train]' ({error})") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"{folder} cannot be loaded: {error}") from error
    lacking = sorted(name for name in report["missing_keys"] if own_head or not _pools(name))
    if lacking or report["mismatched_keys"]:
        kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("architectures")
        raise ModelError(
            f"{folder} lacks weights that {type(model).__name__} has, and they would be random: "
            f"{', '.join(lacking[:5]) or report['mismatched_keys']}; it was saved as {kind}"
        )
    return model.eval()


def _pools(name: str) -> bool:
    """Return whether a weight is of the pooler, which nobody asks who takes the vectors of tokens."""
    return name.partition(".")[0] == "pooler"


class TorchBackend:
    """Batches of windows of like lengths, in one process a device.

    `CUDA_VISIBLE_DEVICES` says which GPU a process has. Half-precision (bfloat16) where the processor computes in it.
    Rows depend on their neighbours by rounding alone: some 1e-6 in float32, some 1e-2 in bfloat16.

    Args:
        folder: See `load_complete`.
        pool: What becomes of vectors of tokens; `model` leaves that to the encoder's own class.
        tokens_a_batch: Padding among them.
        model: What the folder holds, where the library's own classes do not load it.
    """

    def __init__(
        self, folder: Path, pool: Literal["cls", "mean", "model"], tokens_a_batch: int, model: Any = None
    ) -> None:
        self._model = load_complete(folder, own_head=pool == "model") if model is None else model
        import torch

        self._torch: Any = torch
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model.to(self._device, torch.bfloat16 if computes_in_bfloat16() else torch.float32)
        self._pool, self._budget = pool, tokens_a_batch
        self._padding = self._model.config.pad_token_id or 0
        self.outputs: int | None = self._model.config.num_labels if pool == "model" else None

    def rows(self, windows: Sequence[Sequence[int]]) -> Rows:
        """Return a row for each window, float32 (windows, outputs or width)."""
        order = sorted(range(len(windows)), key=lambda number: len(windows[number]))
        answers: list[Rows] = []
        for batch in batches([len(windows[number]) for number in order], self._budget):
            answers.append(self._batch([windows[number] for number in order[batch]]))
        rows = np.concatenate(answers)
        shuffled = np.empty_like(rows)
        shuffled[order] = rows
        return shuffled

    def _batch(self, windows: Sequence[Sequence[int]]) -> Rows:
        torch = self._torch
        ids = np.full((len(windows), max(map(len, windows))), self._padding, np.int64)
        mask = np.zeros_like(ids)
        for row, present, window in zip(ids, mask, windows, strict=True):
            row[: len(window)], present[: len(window)] = window, 1
        with torch.inference_mode():
            present = torch.from_numpy(mask).to(self._device)
            answer = self._model(input_ids=torch.from_numpy(ids).to(self._device), attention_mask=present)
            values = answer.logits if self._pool == "model" else answer.last_hidden_state
            if self._pool == "mean":
                weights = present.unsqueeze(-1).to(values.dtype)
                values = (values * weights).sum(1) / weights.sum(1)
            elif self._pool == "cls":
                values = values[:, 0]
            rows: Rows = values.float().cpu().numpy()
        return rows


def batches(lengths: Sequence[int], budget: int) -> list[slice]:
    """Return batches of windows that are sorted by length, each as long as its last, of so many tokens at the most.

    >>> batches([2, 3, 3, 9], 9)
    [slice(0, 3, None), slice(3, 4, None)]
    """
    slices, start = [], 0
    for number, length in enumerate(lengths):
        if number > start and (number - start + 1) * length > budget:
            slices.append(slice(start, number))
            start = number
    return [*slices, slice(start, len(lengths))]


def computes_in_bfloat16() -> bool:
    """Return whether the processor or the GPU computes in bfloat16, rather than being able to imitate it."""
    import torch

    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    tests = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, test, bool)() for test in tests)
