"""The fitted model of main content: which words speak for it, and the trees that weigh all that is known of a block."""

from functools import cache
from importlib.resources import files
from typing import IO, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_hexdigest

from pipeline.kernels.html.main_content.feature_names import CONTEXT_NAMES, NAMES
from pipeline.kernels.html.main_content.forest import Forest
from pipeline.kernels.html.main_content.leafwise import LeafwiseForest, no_trees
from pipeline.kernels.html.names import Table

PAGE_TYPES: Final = ("article", "forum", "documentation", "product", "collection", "service")
_FILE: Final = "main_content.npz"
# Counts on: features of the same names that are measured in another way are other features.
_MEASURED: Final = 2
FEATURES_DIGEST: Final = xxh3_64_hexdigest(f"{_MEASURED} {' '.join(NAMES)}".encode())
_CONTEXT_MEASURED: Final = 1
CONTEXT_DIGEST: Final = xxh3_64_hexdigest(f"{_CONTEXT_MEASURED} {' '.join(CONTEXT_NAMES)}".encode())


class Model(NamedTuple):
    """What was learnt of pages whose main content is known.

    Attributes:
        words: Table of a text's words → how much they speak for main content, in thousandths of log-odds.
        classes: The same of the words of classes and ids.
        blocks: Features of a block → log-odds that its words are main content, by itself: the first stage.
        types: Features of a page → log-odds of `PAGE_TYPES`, up to a constant.
        context: What the odds of the blocks around it say → the same log-odds: the second stage.
    """

    words: Table
    classes: Table
    blocks: Forest
    types: Forest
    context: LeafwiseForest


def load_model(file: IO[bytes]) -> Model:
    """Read a model that `save_model` wrote.

    Raises:
        ValueError: It was fitted on other features than this code measures, or has no second stage.
    """
    with np.load(file) as stored:
        _check(stored, "context_digest", CONTEXT_DIGEST)
        context = LeafwiseForest(*(stored[f"context_{part}"] for part in LeafwiseForest._fields))
        return _first_stage(stored)._replace(context=context)


def load_first_stage(file: IO[bytes]) -> Model:
    """Read a model whose second stage is to be fitted, and is not looked at.

    Raises:
        ValueError: Its first stage was fitted on other features than this code measures.
    """
    with np.load(file) as stored:
        return _first_stage(stored)


def _first_stage(stored: Any) -> Model:
    _check(stored, "features", FEATURES_DIGEST)
    blocks, types = (Forest(*(stored[f"{name}_{part}"] for part in Forest._fields)) for name in ("blocks", "types"))
    return Model(stored["words"], stored["classes"], blocks, types, no_trees())


def _check(stored: Any, name: str, wanted: str) -> None:
    digest = stored[name].tobytes().decode() if name in stored else "none"
    if digest != wanted:
        raise ValueError(
            f"the model was fitted on features of digest {digest}, and this code measures those of digest "
            f"{wanted}: fit it again with `python -m classifiers.main_content.fit`"
        )


def save_model(file: IO[bytes], model: Model) -> None:
    """Write a model, compressed.

    >>> import io
    >>> stored = io.BytesIO()
    >>> save_model(stored, shipped_model())
    >>> load_model(io.BytesIO(stored.getvalue())).blocks.bias.tolist() == shipped_model().blocks.bias.tolist()
    True
    """
    arrays: dict[str, npt.NDArray[Any]] = {
        "features": np.frombuffer(FEATURES_DIGEST.encode(), np.uint8),
        "context_digest": np.frombuffer(CONTEXT_DIGEST.encode(), np.uint8),
        "words": model.words,
        "classes": model.classes,
    }
    for name in ("blocks", "types", "context"):
        forest: Forest | LeafwiseForest = getattr(model, name)
        arrays |= {f"{name}_{part}": array for part, array in forest._asdict().items()}
    np.savez_compressed(file, allow_pickle=False, **arrays)


@cache
def shipped_model() -> Model:
    """The model beside this module; its card is `main_content.md`."""
    with (files(__package__) / _FILE).open("rb") as file:
        return load_model(file)
