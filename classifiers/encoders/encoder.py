"""Encoders that classify texts: transformers with a head for sequences, on ONNX Runtime or torch."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from classifiers.encoders.backends import Opened, Rows, open_backbone
from classifiers.encoders.dense_head import apply_head, load_head
from classifiers.encoders.scores import aggregated, graded, label_columns, scores_of
from classifiers.encoders.settings import Backbone, EncoderSettings, Window
from classifiers.encoders.tokens import Ids
from classifiers.model_files.located import checked, located
from classifiers.model_folder import ModelError, ModelInfo, read_info
from classifiers.protocol import Scores, Texts, as_strings

_TOGETHER: Final = 256
"""So many texts are tokenised before the first is scored: tokens take ten times the room of texts."""
_FIELD: Final = re.compile(r"\{(text|url)\}")


class Windows(NamedTuple):
    """What an encoder answered about some texts.

    Attributes:
        rows: Of windows, text by text, float32 (windows, outputs or width).
        counts: Windows of each text.
        lengths: Tokens of each window, int64 (windows,).
    """

    rows: Rows
    counts: list[int]
    lengths: npt.NDArray[np.int64]


class Encoder:
    """An encoder with its tokenizer.

    Args:
        folder: Of the model that asks for it.
        info: What that is.
        named: Which encoder.
        opened: The encoder, where it is loaded already.

    Raises:
        ModelError: Something of it is missing or another than it was.
    """

    def __init__(self, folder: Path, info: ModelInfo, named: Backbone, opened: Opened | None = None) -> None:
        self._named, self._max_chars = named, info.max_chars
        self._tokenizer, self._backend, self.outputs = opened or open_backbone(folder, info, named)

    def read(self, texts: Texts, urls: Texts | None) -> Iterator[Windows]:
        """Yield what the encoder answers about a few texts at a time, in their order."""
        shown, addresses = as_strings(texts), None if urls is None else as_strings(urls)
        for start in range(0, len(shown), _TOGETHER):
            end = start + _TOGETHER
            windows = self._windows(shown[start:end], addresses and addresses[start:end])
            flat = list(chain.from_iterable(windows))
            lengths = np.array([len(window) for window in flat], np.int64)
            yield Windows(self._backend.rows(flat), [len(windows_of_text) for windows_of_text in windows], lengths)

    def _windows(self, texts: Sequence[str], urls: Sequence[str] | None) -> list[list[Ids]]:
        """Return the windows of texts; where nobody knows their URLs, these are empty."""
        addresses = urls or [""] * len(texts)
        chars = self._named.end_chars
        if chars is None:
            cut = [text[: self._max_chars] for text in texts]
            return self._tokenizer.windows([self._shown(text, url) for text, url in zip(cut, addresses, strict=True)])
        windows = []
        for text, url in zip(texts, addresses, strict=True):
            pieces = _ends(text, self._named.window, chars)
            parts = (self._tokenizer.windows([self._shown(piece, url)], window)[0] for window, piece in pieces)
            windows.append([*chain.from_iterable(parts)])
        return windows

    def _shown(self, text: str, url: str) -> str:
        """Return what the encoder is shown of a text."""
        fields = {"text": text, "url": url}
        return _FIELD.sub(lambda field: fields[field[1]], self._named.input)


def _ends(text: str, window: Window, chars: int) -> list[tuple[Window, str]]:
    """Return the pieces of a text that are read, each with which of its tokens are: a long one's ends apart.

    >>> _ends("the mill grinds", "head+tail", 4), _ends("mill", "head+tail", 4)
    ([('head', 'the '), ('tail', 'inds')], [('head+tail', 'mill')])
    """
    names: list[Any] = window.split("+")
    if len(text) <= chars * len(names):
        return [(window, text)]
    starts = {"middle": (len(text) - chars) // 2, "tail": len(text) - chars}
    return [(name, text[starts.get(name, 0) :][:chars]) for name in names]


class EncoderClassifier:
    """An encoder that classifies.

    Args:
        folder: Where it is.
        info: What it is; its settings are `EncoderSettings`.
        opened: The encoder, where it is loaded already.

    Raises:
        ModelError: Something of it is missing or another than it was, or the labels are not its own.
    """

    def __init__(self, folder: Path, info: ModelInfo, opened: Opened | None = None) -> None:
        self.info = info
        self.settings = settings = EncoderSettings.model_validate(info.settings)
        self._columns = label_columns(info.labels, settings)
        self._encoder = Encoder(folder, info, settings, opened)
        own = self._encoder.outputs
        if own is not None and own != len(settings.outputs):
            raise ModelError(f"{folder}: the model has {own} outputs, and its settings name {len(settings.outputs)}")
        self._head = None
        if settings.head is not None:
            path = checked(folder, info, located(folder, settings.head), None)
            self._head = load_head(path, len(settings.outputs))

    def predict(self, texts: Texts, urls: Texts | None = None) -> Scores:
        """Score texts, float32 (texts, labels)."""
        scores = [np.zeros((0, len(self.info.labels)), np.float32)]
        for rows, counts, lengths in self._encoder.read(texts, urls):
            outputs = rows if self._head is None else apply_head(self._head, rows)
            windows = scores_of(outputs, self.settings, self._columns)
            scores.append(graded(aggregated(windows, counts, lengths, self.settings.aggregate), self.settings.rounding))
        return np.concatenate(scores)


def load_encoder_model(folder: Path) -> EncoderClassifier:
    """Load an encoder that classifies.

    Raises:
        ModelError: The folder is none.
    """
    info = read_info(folder)
    if info.kind != "encoder":
        raise ModelError(f"{folder} is a model of kind {info.kind}, not encoder")
    return EncoderClassifier(folder, info)
