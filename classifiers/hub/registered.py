"""Public classifiers of the registry, as their entries say that they are used: one score a text, the higher the better.

Where a low score speaks for a text it is turned round: a probability p is 1 - p, any other score its negative. Entries
without a score (topics, languages) give the probabilities of their labels.
"""

import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import ValidationError

from classifiers.encoders.dense_head import load_head
from classifiers.encoders.embedding_head import EmbeddingClassifier
from classifiers.encoders.encoder import EncoderClassifier
from classifiers.fasttext_files.model import label_column, open_reader
from classifiers.hub.entry import RegistryEntry
from classifiers.hub.names import Registered
from classifiers.hub.registered_encoder import encoder_settings, encoder_weights, files_of, open_encoder
from classifiers.model_files.hub_cache import COMMIT
from classifiers.model_folder import ModelError, ModelInfo, digest_of
from classifiers.normalisers import normaliser_of
from classifiers.protocol import Classifier, Scores, Texts, as_strings

SCORE: Final = "score"
_PREFIX: Final = "__label__"
_ADAPTERS: Final = ("nvidia-deberta", "celadon")
_WORDS: Final = {"notes", "licence", "teacher", "teacher_licence", "cut", "unverified"}
"""What an entry says that no score depends on."""
Score = Callable[[Texts, Texts | None], Scores]


class RegisteredClassifier:
    """A model of the registry.

    Args:
        info: What it is.
        score: What its entry makes of texts: scores, float32 (texts, labels).
        entry: Which end of them is good.
    """

    def __init__(self, info: ModelInfo, score: Score, entry: RegistryEntry) -> None:
        self.info = info
        self._score, self._entry = score, entry

    def predict(self, texts: Texts, urls: Texts | None = None) -> Scores:
        """Score texts, float32 (texts, labels)."""
        scores = self._score(texts, urls)
        if self._entry.good != "low":
            return scores
        return 1 - scores if is_probability(self._entry) else -scores


def is_probability(entry: RegistryEntry) -> bool:
    """Return whether the score that an entry describes lies between 0 and 1."""
    weights = entry.labels.values()
    if entry.activation == "none" or entry.head in ("regression", "multi-head") or min(weights) < 0:
        return False
    return (sum if entry.combine == "sum" and entry.activation == "sigmoid" else max)(weights) <= 1


def load_registered(named: Registered) -> Classifier:
    """Load a model of the registry, once a process.

    Raises:
        ModelError: It is not in the hub's cache, is another than its entry says, or there is no code for it.
    """
    return _loaded(named, _parts(named, tuple(named.snapshots())))


@lru_cache(maxsize=32)
def _parts(named: Registered, _snapshots: tuple[Path | None, ...]) -> tuple[Path, ...]:
    """Return where a model's parts lie; whole folders are looked through for them, and that not for each batch."""
    return tuple(named.parts())


@lru_cache(maxsize=32)
def _loaded(named: Registered, parts: tuple[Path, ...]) -> Classifier:
    _check(named, parts)
    try:
        return _LOADERS[named.entry.kind](named, parts)
    except ValidationError as error:
        problems = "; ".join(problem["msg"] for problem in error.errors())
        raise ModelError(f"{named.name} is not what its entry in the registry says: {problems}") from None


def describe_registered(named: Registered) -> ModelInfo:
    """Return what a model is; it is loaded only where its entry leaves the labels to its file.

    Raises:
        ModelError: As for `load_registered`, as far as it can be seen without loading weights.
    """
    parts = tuple(named.parts())
    _check(named, parts)
    if not named.entry.labels:
        return load_registered(named).info
    if named.entry.kind == "encoder":
        encoder_settings(named.name, named.entry, parts[0])
    return _info(named, [SCORE])


def identity_of_registered(named: Registered) -> dict[str, Any]:
    """Return what its scores depend on, as JSON values: its entry, the commit, and the hashes of its files.

    Raises:
        ModelError: It is not in the cache, or a file has another hash than its entry says.
    """
    parts = named.parts()
    _check(named, parts)
    hashes = [{name: digest_of(path) for name, path in files_of(part).items()} for part in parts]
    commits = [next((piece for piece in reversed(part.parts) if COMMIT.fullmatch(piece)), None) for part in parts]
    entry = named.entry.model_dump(mode="json", exclude=_WORDS)
    return {"name": named.name, "entry": entry, "commits": commits, "files": hashes}


def _check(named: Registered, parts: Sequence[Path]) -> None:
    """Refuse what there is no code for, and files with another hash than the registry has."""
    entry = named.entry
    elsewhere = "score texts with it elsewhere, and join the scores as a table (docs/classifiers.md)"
    if entry.kind == "generative":
        raise ModelError(f"{named.name} is a generative model, which is not run here: {elsewhere}")
    if entry.adapter is not None and entry.adapter not in _ADAPTERS:
        raise ModelError(f"{named.name} needs the adapter '{entry.adapter}', which is not there yet: {elsewhere}")
    for part, path in zip(entry.parts, parts, strict=True):
        wanted = None if named.revision and part is entry.parts[0] else part.sha256
        if wanted is not None and (actual := digest_of(path)) != wanted:
            raise ModelError(f"{path} has sha256 {actual}, and the registry says {wanted}")


def _info(named: Registered, labels: Sequence[str]) -> ModelInfo:
    entry = named.entry
    return ModelInfo(
        name=named.name,
        kind="encoder" if entry.kind == "generative" else entry.kind,
        labels=list(labels),
        good=SCORE if entry.good else None,
        max_chars=entry.max_chars or sys.maxsize,
        languages=entry.languages,
        licence=entry.licence or "not read: see the model's card",
        trained_on=f"see the card of {entry.hub}",
        training_digest="",
    )


def _load_fasttext(named: Registered, parts: Sequence[Path]) -> Classifier:
    entry, path = named.entry, parts[0]
    tokenizer = parts[1] if entry.normaliser == "ultra-fineweb" else None
    normalise = normaliser_of(entry.normaliser, tokenizer)
    labels, score = open_reader(path, "auto")
    wanted = entry.labels or dict.fromkeys(labels, 1.0)
    columns = [label_column(label.removeprefix(_PREFIX), labels, _PREFIX, path) for label in wanted]
    weights = np.array(list(wanted.values()))

    def scores_of(texts: Texts, _: Texts | None) -> Scores:
        weighed = score(normalise([text[: entry.max_chars] for text in as_strings(texts)]))[:, columns] * weights
        if entry.labels:
            weighed = (weighed.sum(axis=1) if entry.combine == "sum" else weighed.max(axis=1))[:, None]
        return np.asarray(weighed, np.float32)

    shown = [SCORE] if entry.labels else [label.removeprefix(_PREFIX) for label in labels]
    return RegisteredClassifier(_info(named, shown), scores_of, entry)


def _load_encoder(named: Registered, parts: Sequence[Path]) -> Classifier:
    entry, root = named.entry, parts[0]
    settings = encoder_settings(named.name, entry, root)
    info = _info(named, [SCORE] if entry.labels else settings.outputs)
    given = info.model_copy(update={"settings": settings.model_dump()})
    model = EncoderClassifier(root, given, open_encoder(named.name, entry, root, settings))
    return RegisteredClassifier(info, model.predict, entry)


def _load_head(named: Registered, parts: Sequence[Path]) -> Classifier:
    entry = named.entry
    if len(parts) != 2 or parts[0].suffix != ".npz" or len(entry.labels) != 1:
        raise ModelError(f"{named.name}: a head is read from one .npz (encoders/dense_head.py), on one encoder")
    head, root = parts
    load_head(head, 1)
    (label,) = entry.labels
    graph, files = encoder_weights(named.name, root)
    backbone = {
        "model": str(root),
        "sha256": {name: digest_of(root / name) for name in files},
        "backend": "torch" if graph is None else "onnx",
        "pool": entry.pool or "mean",
        "input": entry.input,
        "window": entry.window,
        "end_chars": entry.max_chars,
        **({"onnx": graph} if graph is not None else {}),
        **({"max_tokens": entry.max_tokens, "tokens_a_batch": max(2048, entry.max_tokens)} if entry.max_tokens else {}),
    }
    settings = {
        "embeddings": [backbone],
        "head": head.name,
        "outputs": [label],
        "weights": entry.labels,
        "activation": entry.activation,
        "rounding": entry.rounding,
    }
    info = _info(named, [SCORE])
    given = info.model_copy(update={"settings": settings, "files": {head.name: digest_of(head)}})
    return RegisteredClassifier(info, EmbeddingClassifier(head.parent, given).predict, entry)


_LOADERS: Final[dict[str, Callable[[Registered, Sequence[Path]], Classifier]]] = {
    "fasttext": _load_fasttext,
    "encoder": _load_encoder,
    "embedding+head": _load_head,
}
