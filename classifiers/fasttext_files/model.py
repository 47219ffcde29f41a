"""Models of fastText's: labels by their names, texts on one line, large files shared by all processes."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from classifiers.fasttext_files.format import FormatError
from classifiers.fasttext_files.mapped import MappedFastText
from classifiers.model_files.located import checked, located
from classifiers.model_folder import ModelError, ModelInfo, read_info
from classifiers.normalisers import Normaliser, normaliser_of
from classifiers.protocol import Scores, Texts, as_strings

_LARGE: Final = 256 << 20
"""From so many bytes on a file is mapped where it can be: below, fastText itself is quick and small enough."""
Score = Callable[[Sequence[str]], npt.NDArray[np.float32]]


class FastTextSettings(BaseModel):
    """What has to be known beside the file.

    Attributes:
        file: A .bin or .ftz: in the model's folder, or a path.
        sha256: Of a file outside the folder.
        prefix: What the file's labels begin with, and those of `ModelInfo` need not.
        normaliser: What is done to texts, as in the model's training.
        tokenizer: A `tokenizer.json`, which `ultra-fineweb` alone needs.
        tokenizer_sha256: Of one outside the folder.
        reader: `mapped` for the code that shares a file among processes, `library` for fastText's own; `auto` maps
            large files that can be.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str = "model.bin"
    sha256: str | None = None
    prefix: str = "__label__"
    normaliser: Normaliser = "newlines-to-spaces"
    tokenizer: str | None = None
    tokenizer_sha256: str | None = None
    reader: Literal["auto", "library", "mapped"] = "auto"


class FastTextClassifier:
    """A model of fastText's.

    Args:
        folder: Where it is.
        info: What it is; its settings are `FastTextSettings`.

    Raises:
        ModelError: The file is another, cannot be read, or has none of a label.
    """

    def __init__(self, folder: Path, info: ModelInfo) -> None:
        self.info = info
        self.settings = FastTextSettings.model_validate(info.settings)
        named = self.settings
        tokenizer = None
        if named.tokenizer is not None:
            tokenizer = checked(folder, info, located(folder, named.tokenizer), named.tokenizer_sha256)
        try:
            self._normalise = normaliser_of(named.normaliser, tokenizer)
        except ValueError as error:
            raise ModelError(f"{folder}: {error}") from None
        path = checked(folder, info, located(folder, named.file), named.sha256)
        labels, self._score = open_reader(path, named.reader)
        self._columns = [
            label_column(label.removeprefix(named.prefix), labels, named.prefix, path) for label in info.labels
        ]

    def predict(self, texts: Texts, urls: Texts | None = None) -> Scores:  # noqa: ARG002  (none of these models asks)
        """Score texts, float32 (texts, labels): fastText's own probabilities.

        Behind each text stands `</s>`, the end of its line, which is a word of nearly every model: an empty text, or
        one without a word that the model has, is scored by it alone. Only where the model lacks it, too, all is 0.
        """
        shown = [text[: self.info.max_chars] for text in as_strings(texts)]
        return self._score(self._normalise(shown))[:, self._columns]


def label_column(label: str, labels: Sequence[str], prefix: str, path: Path) -> int:
    """Return where a label is among the file's own, whose order differs from training to training."""
    names = [name.removeprefix(prefix) for name in labels]
    if label in names:
        return names.index(label)
    near = get_close_matches(label, names, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ModelError(f"{path} has no label {label}: it has {', '.join(sorted(names)[:20])}{hint}")


def open_reader(path: Path, reader: str) -> tuple[Sequence[str], Score]:
    """Return the labels of a file, and what scores lines by it."""
    mapped = open_mapped(path, reader)
    if mapped is not None:
        return mapped.labels, mapped.probabilities
    model = open_library(path)
    labels: list[str] = model.get_labels()
    columns = {label: column for column, label in enumerate(labels)}

    def score(lines: Sequence[str]) -> npt.NDArray[np.float32]:
        scores = np.zeros((len(lines), len(labels)), np.float32)
        legible = [line.encode("utf-8", "replace").decode() for line in lines]
        for row, names, values in zip(scores, *model.predict(legible, k=-1), strict=True):  # a list: one string fails
            row[[columns[name] for name in names]] = np.minimum(values, 1.0)
        return scores

    return labels, score


def open_mapped(path: Path, reader: str = "auto") -> MappedFastText | None:
    """Return a file, mapped; None where fastText itself is to read it.

    Args:
        path: The file.
        reader: As in `FastTextSettings`.

    Raises:
        ModelError: It is to be mapped, and cannot be.
    """
    if reader != "mapped" and (reader != "auto" or path.stat().st_size < _LARGE):
        return None
    try:
        return MappedFastText(path)
    except FormatError as error:
        if reader == "mapped":
            raise ModelError(str(error)) from None
        return None


def open_library(path: Path) -> Any:
    """Return a file as fastText itself reads it.

    Raises:
        ModelError: It does not.
    """
    import fasttext

    fasttext.FastText.eprint = lambda *_: None  # its one line about a changed API, printed at each load
    try:
        return fasttext.load_model(str(path))
    except ValueError as error:
        raise ModelError(f"{path} is no model of fastText's: {error}") from None


def load_fasttext(folder: Path) -> FastTextClassifier:
    """Load a model of fastText's.

    Raises:
        ModelError: The folder is none, or its file does not have what it says.
    """
    info = read_info(folder)
    if info.kind != "fasttext":
        raise ModelError(f"{folder} is a model of kind {info.kind}, not fasttext")
    return FastTextClassifier(folder, info)
