"""A small head on vectors: a linear layer, or several with ReLU between them; numpy alone."""

import zipfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from classifiers.model_folder import ModelError

HEAD: Final = "head.npz"


class Layer(NamedTuple):
    """A linear layer.

    Attributes:
        weights: float32 (in, out).
        bias: float32 (out,).
    """

    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]


def apply_head(layers: Sequence[Layer], vectors: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return a head's outputs, float64 (texts, outputs).

    Args:
        layers: Of the head, at least one.
        vectors: (texts, width).

    >>> layer = Layer(np.array([[1.0], [-1.0]], np.float32), np.array([0.5], np.float32))
    >>> apply_head([layer], np.array([[2.0, 1.0]])).tolist()
    [[1.5]]
    """
    values = np.asarray(vectors, np.float64)
    for number, layer in enumerate(layers):
        values = np.maximum(values, 0) if number else values
        # Row by row: a product of matrices rounds differently with the number of rows.
        values = np.stack([row @ layer.weights for row in values]) if len(values) else np.zeros((0, len(layer.bias)))
        values = values + layer.bias
    return values


def save_head(path: Path, layers: Sequence[Layer]) -> None:
    """Write the layers of a head."""
    arrays: dict[str, Any] = {}
    for number, layer in enumerate(layers):
        arrays |= {f"weights{number}": layer.weights, f"bias{number}": layer.bias}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def load_head(path: Path, outputs: int) -> list[Layer]:
    """Read the layers of a head.

    Args:
        path: Where `save_head` wrote them.
        outputs: So many the last has.

    Raises:
        ModelError: It is no head, or one of another number of outputs.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            count = len(stored.files) // 2
            layers = [Layer(stored[f"weights{number}"], stored[f"bias{number}"]) for number in range(count)]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} is no head: {error}") from error
    sizes = [layer.weights.shape for layer in layers]
    fits = all(left[1] == right[0] for left, right in pairwise(sizes))
    if not layers or not fits or sizes[-1][1] != outputs:
        raise ModelError(f"{path} has layers of sizes {sizes}, which do not lead to {outputs} outputs")
    return layers
