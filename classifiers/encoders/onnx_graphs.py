"""Encoders of torch as ONNX graphs, in float32 and in int8. Needs the extra `train`."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from classifiers.encoders.torch_backend import load_complete
from classifiers.model_folder import ModelError

_OPSET: Final = 17
_CLOSE: Final = 1e-3
"""So much a graph's outputs may differ from torch's, relative to the largest."""
_LENGTHS: Final = (9, 5, 24)
"""Tokens of the traced example, and of those on which the graph is compared: shorter, and longer."""


def export_graph(folder: Path, path: Path, pool: Literal["cls", "mean", "model"]) -> None:
    """Write a graph of an encoder: `input_ids` and `attention_mask` (texts, tokens) to outputs or vectors of tokens.

    Args:
        folder: As the transformers library saves it.
        path: Of the graph.
        pool: `model` for the outputs of its own class, before any activation.

    Raises:
        ModelError: Weights are missing, or the graph does not compute what torch does.
    """
    model = load_complete(folder, own_head=pool == "model", attn_implementation="eager")
    import torch

    base: Any = torch.nn.Module

    class Bare(base):  # type: ignore[misc]
        """A model that answers with one tensor."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            answer = self.model(input_ids=input_ids, attention_mask=attention_mask)
            return answer.logits if pool == "model" else answer.last_hidden_state

    bare = Bare().eval()
    random = np.random.default_rng(0)
    examples = [random.integers(5, model.config.vocab_size, (1, length)) for length in _LENGTHS]
    inputs = [(torch.from_numpy(ids), torch.ones((1, ids.shape[1]), dtype=torch.int64)) for ids in examples]
    axes = {0: "texts", 1: "tokens"}
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a tracer's remarks on Python numbers: the comparison below is what counts
        torch.onnx.export(
            *(bare, inputs[0], str(path)),
            input_names=["input_ids", "attention_mask"],
            output_names=["outputs"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "outputs": {0: "texts"}},
            opset_version=_OPSET,
            dynamo=False,
        )
        expected = [bare(*given).float().numpy() for given in inputs]
    _compare(path, examples, expected)


def _compare(path: Path, examples: Sequence[npt.NDArray[np.int64]], expected: Sequence[npt.NDArray[Any]]) -> None:
    """Run a graph on examples.

    Raises:
        ModelError: Its outputs are others than expected.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for ids, outputs in zip(examples, expected, strict=True):
        (given,) = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        difference = np.abs(given - outputs).max() / np.abs(outputs).max()
        if not difference <= _CLOSE:
            raise ModelError(f"{path}: on {ids.shape[1]} tokens the graph differs from torch by {difference:.2g}")


def quantise_graph(source: Path, path: Path, *, narrowing: bool = True) -> None:
    """Write a graph whose weights are int8 by channel, and whose other numbers become int8 as it runs.

    Weights use 7 of the 8 bits: where a processor has no VNNI, sums of two products saturate 16 bits else, and scores
    are wrong without any error. Where it has, they cost next to nothing.

    Args:
        source: A graph of float32.
        path: Of the graph of int8.
        narrowing: Whether the products that make of many numbers few are int8 too: the second half of each feed-forward
            block. Their inputs are the least even; MPNet's vectors have a cosine of .90 with those of float32 if these
            are int8, and of .987 if they are not.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        str(source),
        str(path),
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=[] if narrowing else _narrowing(onnx.load(source).graph),
        extra_options={"DefaultTensorType": 1},
    )


def _narrowing(graph: Any) -> list[str]:
    """Return the names of products with weights that have twice as many rows as columns, or more."""
    sizes = {weights.name: tuple(weights.dims) for weights in graph.initializer if len(weights.dims) == 2}
    products = [node for node in graph.node if node.op_type == "MatMul" and node.input[1] in sizes]
    return [node.name for node in products if sizes[node.input[1]][0] >= 2 * sizes[node.input[1]][1]]
