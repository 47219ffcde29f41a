"""Vectors of examples by an encoder, kept on disk: an encoder of 100 million weights takes a second a text."""

import hashlib
import sys
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from classifiers.encoders.embedding_head import text_vectors
from classifiers.encoders.encoder import Encoder
from classifiers.encoders.settings import Backbone
from classifiers.model_folder import ModelError, ModelInfo
from classifiers.protocol import as_strings
from classifiers.training.examples import Examples

Rows = npt.NDArray[np.float32]
_BATCH: Final = 256
"""Texts of a file: what an interrupted training loses."""


def kept_vectors(examples: Examples, named: Backbone, folder: Path, info: ModelInfo, work: Path) -> Rows:
    """Return an encoder's vectors of examples, float32 (n, width), and keep them: a batch is computed once.

    Args:
        examples: Whose texts are read, and URLs where the encoder is shown some.
        named: The encoder. Where it lies is nothing that its vectors depend on, its hashes are.
        folder: Of the model that asks for it.
        info: What that is.
        work: The folder of what is kept; what it holds of other texts or encoders stays.

    Raises:
        ModelError: The encoder is missing or another than it was, or a file in `work` is damaged.
    """
    work.mkdir(parents=True, exist_ok=True)
    encoder: Encoder | None = None
    parts = []
    for start in range(0, len(examples), _BATCH):
        texts = examples.texts[start : start + _BATCH]
        urls = None if examples.urls is None else examples.urls[start : start + _BATCH]
        path = work / f"{digest_of_batch(texts, urls, named, info.max_chars)}.npy"
        if not path.exists():
            encoder = encoder or Encoder(folder, info, named)
            _write(path, text_vectors(encoder, texts, urls))
            done = min(start + _BATCH, len(examples))
            print(f"vectors of {done:,} of {len(examples):,} texts", file=sys.stderr)  # noqa: T201  (takes an hour)
        parts.append(_read(path, len(texts)))
    return np.concatenate(parts)


def digest_of_batch(texts: pa.Array, urls: pa.Array | None, named: Backbone, max_chars: int) -> str:
    """Return a hash of all that vectors depend on: the encoder, how it reads, and what it is shown."""
    digest = hashlib.sha256(f"{max_chars}\n{named.model_dump_json(exclude={'model', 'revision'})}".encode())
    shown = [texts] if urls is None or "{url}" not in named.input else [texts, urls]
    for strings in shown:
        for string in as_strings(strings):
            encoded = string.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "little") + encoded)
    return digest.hexdigest()


def _write(path: Path, vectors: Rows) -> None:
    """Write a file that is whole or not there."""
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        np.save(file, vectors, allow_pickle=False)
    unfinished.replace(path)


def _read(path: Path, count: int) -> Rows:
    try:
        vectors: Rows = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ModelError(f"{path} holds no vectors; delete it, and they are computed anew: {error}") from error
    if vectors.ndim != 2 or len(vectors) != count:
        raise ModelError(f"{path} holds vectors of another number of texts than {count}; delete it")
    return vectors
