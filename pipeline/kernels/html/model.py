"""The fitted model of main content: which words speak for it, and the trees that weigh all that is known of a block."""

from functools import cache
from importlib.resources import files
from typing import IO, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from xxhash import xxh3_64_hexdigest

from pipeline.kernels.html.feature_names import NAMES
from pipeline.kernels.html.forest import Forest
from pipeline.kernels.html.names import Table

PAGE_TYPES: Final = ("article", "forum", "documentation", "product", "collection", "service")
_FILE: Final = "main_content.npz"
# Counts on: features of the same names that are measured in another way are other features.
_MEASURED: Final = 2
FEATURES_DIGEST: Final = xxh3_64_hexdigest(f"{_MEASURED} {' '.join(NAMES)}".encode())


class Model(NamedTuple):
    """What was learnt of pages whose main content is known.

    Attributes:
        words: Table of a text's words → how much they speak for main content, in thousandths of log-odds.
        classes: The same of the words of classes and ids.
        blocks: Features of a block → log-odds that its words are main content.
        types: Features of a page → log-odds of `PAGE_TYPES`, up to a constant.
    """

    words: Table
    classes: Table
    blocks: Forest
    types: Forest


def load_model(file: IO[bytes]) -> Model:
    """Read a model that `save_model` wrote.

    Raises:
        ValueError: It was fitted on other features than this code measures.
    """
    with np.load(file) as held:
        digest = held["features"].tobytes().decode() if "features" in held else "none"
        if digest != FEATURES_DIGEST:
            raise ValueError(
                f"the model was fitted on features of digest {digest}, and this code measures those of digest "
                f"{FEATURES_DIGEST}: fit it again with `python -m classifiers.main_content.fit`"
            )
        forests = (Forest(*(held[f"{name}_{part}"] for part in Forest._fields)) for name in ("blocks", "types"))
        return Model(held["words"], held["classes"], *forests)


def save_model(file: IO[bytes], model: Model) -> None:
    """Write a model, compressed.

    >>> import io
    >>> held = io.BytesIO()
    >>> save_model(held, shipped_model())
    >>> load_model(io.BytesIO(held.getvalue())).blocks.bias.tolist() == shipped_model().blocks.bias.tolist()
    True
    """
    features = np.frombuffer(FEATURES_DIGEST.encode(), np.uint8)
    arrays: dict[str, npt.NDArray[Any]] = {"features": features, "words": model.words, "classes": model.classes}
    for name in ("blocks", "types"):
        forest: Forest = getattr(model, name)
        arrays |= {f"{name}_{part}": array for part, array in forest._asdict().items()}
    np.savez_compressed(file, allow_pickle=False, **arrays)


@cache
def shipped_model() -> Model:
    """The model beside this module; its card is `main_content.md`."""
    with (files(__package__) / _FILE).open("rb") as file:
        return load_model(file)
