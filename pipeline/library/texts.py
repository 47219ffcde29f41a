"""Single steps of the pipeline on texts of one's own: no run, no Spark, and only what the step itself needs is loaded.

All take any number of texts at once, and what they say of a text depends on that text alone.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

if TYPE_CHECKING:
    from classifiers.languages.identify import Identified
    from pipeline.kernels.pii.find import Found

Texts: TypeAlias = Sequence[str | None] | pa.Array | pa.ChunkedArray
"""Texts: strings, or an Arrow array of them. None is an empty text."""


def measure_signals(texts: Texts, languages: Sequence[str | None] | None = None) -> pa.Table:
    """Return the signals by which `heuristics` judges texts: a row for each text, a column for each signal.

    `schemas/signals.md` has the definition, unit and source of each.

    Args:
        texts: Plain text.
        languages: Label of each text's language, whose list of dirty words applies; None for English.

    Raises:
        ValueError: There are not as many languages as texts.

    >>> measured = measure_signals(["To be, or not to be.", "Sein oder nicht sein."], ["en", "de"])
    >>> measured.select(["n_words", "stop_words"]).to_pylist()
    [{'n_words': 6, 'stop_words': 2}, {'n_words': 4, 'stop_words': 0}]
    """
    from pipeline.kernels.signals import measure
    from pipeline.kernels.signals.dirty_words import BUNDLED, word_lists
    from pipeline.kernels.signals.phrases import number_lists

    array = _strings(texts)
    labels = _as_many(array, languages, "languages", "en")
    return pa.table(measure.measure_signals(array, None, labels, number_lists(word_lists(BUNDLED))))


def minhash(texts: Texts, permutations: int = 128, shingle: int = 5) -> npt.NDArray[np.uint32]:
    """Return the MinHash signatures of texts, uint32 (texts, permutations), as `dedup_document` compares them.

    The share of equal positions of two signatures estimates the Jaccard similarity of the texts' shingles.

    Args:
        texts: Plain text; compared by words (characters of scripts without spaces), in small letters.
        permutations: How many; the standard error of a similarity s is sqrt(s (1 - s) / permutations).
        shingle: Words per shingle.

    >>> a, b = minhash(["one two three four five six", "One, two; three FOUR five six!"])
    >>> float((a == b).mean())
    1.0
    """
    from pipeline.kernels.near_duplicates.minhash import sketch

    return sketch(_strings(texts), permutations, shingle).signatures


def find_pii(
    texts: Texts,
    languages: Sequence[str | None] | None = None,
    hosts: Sequence[str | None] | None = None,
    entities: Sequence[str] | None = None,
) -> "list[list[Found]]":
    """Return the personal data in each text as spans (start, end in code points, entity, score), without the values.

    Args:
        texts: Plain text.
        languages: Label of each text's language; None for English.
        hosts: Where each text was found: its country says whose numbers may stand in it; None where nobody knows.
        entities: Kinds to look for; None for the default of stage `pii`.

    Raises:
        ValueError: There are not as many languages or hosts as texts; or there is no such entity, with the near miss.
        RuntimeError: A recogniser broke on a text.

    >>> find_pii(["Write to jane@mill.org"])
    [[Found(start=9, end=22, entity='EMAIL_ADDRESS', score=1.0)]]
    """
    from pipeline.kernels.pii import find
    from pipeline.pii.params import FindParams

    array = _strings(texts)
    params = FindParams() if entities is None else FindParams(entities=tuple(entities))
    labels = _as_many(array, languages, "languages", "en")
    values = find.find_pii(array, [()] * len(array), labels, _as_many(array, hosts, "hosts", None), params.settings())
    broken = [number for number, spans in enumerate(values) if spans is None]
    if broken:
        raise RuntimeError(f"a recogniser breaks on text {broken[0]}; stage `pii` drops such a page")
    return [spans or [] for spans in values]


def identify_language(texts: Texts) -> "list[Identified]":
    """Return the language of each text, with probability, script, and the language of a second part of it.

    Args:
        texts: Prose, with its line breaks. An empty text is `und`.

    >>> [text.language for text in identify_language(["The mill grinds the grain.", "Die Mühle mahlt das Korn."])]
    ['en', 'de']
    """
    from classifiers.languages.identify import Options, identify_pages

    return identify_pages([text or "" for text in _strings(texts).to_pylist()], Options())


def classify(
    texts: Texts, model: str = "quality", urls: Sequence[str | None] | None = None
) -> Mapping[str, npt.NDArray[np.float32]]:
    """Return a model's scores of texts: label → float32 (texts,).

    Args:
        texts: Plain text.
        model: `quality`, `topic`, `toxicity`, `code_math`, … that come with the package; the folder of a model of
            one's own; or a model of the registry that was fetched (docs/classifiers.md).
        urls: Where each text stood, for models that look at it.

    Raises:
        ModelError: There is no such model, with the near miss; or it is not what it says it is.

    >>> scores = classify(["The mill grinds the grain that the farmers of the valley bring in autumn."], "toxicity")
    >>> {label: bool(values[0] < .5) for label, values in scores.items()}
    {'toxicity': True}
    """
    from classifiers.load import load_classifier

    loaded = load_classifier(model)
    scores = loaded.predict(_strings(texts), urls)
    return {label: scores[:, number] for number, label in enumerate(loaded.info.labels)}


def _strings(texts: Texts) -> pa.Array:
    """Return texts as one Arrow array of strings.

    Raises:
        TypeError: It is one text, or something else than strings.
    """
    if isinstance(texts, str):
        raise TypeError("expected texts, not one text: put it into a list")
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    try:
        return texts.cast(pa.string()) if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    except pa.ArrowException as error:
        raise TypeError(f"expected texts: {error}") from None


def _as_many(texts: pa.Array, values: Sequence[str | None] | None, name: str, default: str | None) -> list[Any]:
    if values is None:
        return [default] * len(texts)
    if len(values) != len(texts):
        raise ValueError(f"{len(texts)} texts, but {len(values)} {name}")
    return list(values)
