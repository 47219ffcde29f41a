"""What runs an encoder: windows of tokens in, one row of numbers for each out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from classifiers.encoders.settings import CONFIG, TOKENIZER, WEIGHTS, Backbone
from classifiers.encoders.tokens import WindowTokenizer
from classifiers.model_files.located import checked, located
from classifiers.model_folder import ModelError, ModelInfo

Rows = npt.NDArray[np.float32]
Pool = Literal["cls", "mean", "model"]


class Backend(Protocol):
    """Something that runs an encoder."""

    def rows(self, windows: Sequence[Sequence[int]]) -> Rows:
        """Return a row for each window, float32 (windows, outputs or width)."""


class OnnxBackend:
    """ONNX Runtime on one thread, one window a call, without padding.

    So a row depends on its window alone, whatever the quantisation: dynamic int8 takes its scales from all that is in a
    call, padding among it. On one core it is the fastest way too.

    Args:
        path: The graph: from `input_ids`, and `attention_mask` or `token_type_ids` where it has them, to outputs (1, n)
            where the pool is `model`, to vectors (1, tokens, width) else.
        pool: What becomes of vectors of tokens.

    Raises:
        ModelError: The file is no graph, or one of other inputs.
    """

    def __init__(self, path: Path, pool: Pool) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its errors have no common class
            raise ModelError(f"{path} is no graph that ONNX Runtime can load: {error}") from error
        self._inputs = {argument.name for argument in self._session.get_inputs()}
        if extra := sorted(self._inputs - {"input_ids", "attention_mask", "token_type_ids"}):
            raise ModelError(f"{path} wants inputs that an encoder has not: {', '.join(extra)}")
        self._output = self._session.get_outputs()[0].name
        self._rank, self._path = 2 if pool == "model" else 3, path
        self._pool = pool

    def rows(self, windows: Sequence[Sequence[int]]) -> Rows:
        """Return a row for each window, float32 (windows, outputs or width)."""
        return np.concatenate([self._row(window) for window in windows])

    def _row(self, window: Sequence[int]) -> Rows:
        ids = np.array([window], np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        try:
            (values,) = self._session.run([self._output], {name: given[name] for name in self._inputs})
        except Exception as error:  # its errors have no common class
            raise ModelError(f"{self._path} fails on {len(window)} tokens; is max_tokens too large? {error}") from error
        if values.ndim != self._rank:
            raise ModelError(f"{self._path} answers in {values.ndim} dimensions: its pool is not {self._pool}")
        if self._pool != "model":
            values = values[:, 0] if self._pool == "cls" else values.mean(axis=1)
        rows: Rows = values.astype(np.float32)
        return rows


class Opened(NamedTuple):
    """An encoder that is loaded.

    Attributes:
        tokenizer: Its tokenizer.
        backend: What runs it.
        outputs: How many it has, where torch tells.
    """

    tokenizer: WindowTokenizer
    backend: Backend
    outputs: int | None


def open_backbone(folder: Path, info: ModelInfo, named: Backbone) -> Opened:
    """Load an encoder.

    Args:
        folder: Of the model.
        info: What the model is.
        named: Which encoder.

    Raises:
        ModelError: Something is missing, or is another file than it was.
    """
    root = located(folder, named.model, named.revision)
    files = _files(root, named)
    digests = dict(named.sha256)
    for name in files:
        checked(folder, info, located(root, name), digests.get(name))
    tokenizer = WindowTokenizer(root / TOKENIZER, named.max_tokens, named.window, named.most_chunks)
    if files[0] == named.onnx:
        return Opened(tokenizer, OnnxBackend(root / named.onnx, named.pool), None)
    from classifiers.encoders.torch_backend import TorchBackend

    backend = TorchBackend(root, named.pool, named.tokens_a_batch)
    return Opened(tokenizer, backend, backend.outputs)


def _files(root: Path, named: Backbone) -> list[str]:
    """Return the files that are read: the weights first."""
    weights = [path.name for path in sorted(root.glob(WEIGHTS))]
    wanted = named.backend
    if wanted == "auto":
        wanted = "torch" if weights and _torch_sees_a_gpu() else "onnx"
    if wanted == "onnx":
        if not (root / named.onnx).is_file():
            raise ModelError(
                f"{root} has no {named.onnx}: `python -m classifiers.export_onnx` makes one, or set backend: torch"
            )
        return [named.onnx, TOKENIZER]
    if not weights:
        raise ModelError(f"{root} has no weights for torch: no {WEIGHTS}")
    return [*weights, CONFIG, TOKENIZER]


def _torch_sees_a_gpu() -> bool:
    try:
        import torch
    except ImportError:
        return False
    return bool(torch.cuda.is_available())
