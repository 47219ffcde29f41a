"""Models as parameters name them: their hashes on the driver, their scores in workers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.parts import digest
from pipeline.errors import ConfigError
from schemas.columns import LANGUAGE, TEXT, URL

if TYPE_CHECKING:
    from classifiers.model_folder import ModelInfo
    from classifiers.protocol import Scores

Array = npt.NDArray[np.float64]


def named_model(parameter: str, name: str) -> "ModelInfo":
    """Return what a model is that a parameter names.

    Raises:
        ConfigError: There is no such model, its files are damaged, or it is of a kind that scores no texts.
    """
    from classifiers.load import describe
    from classifiers.model_folder import ModelError

    try:
        return describe(name)
    except ModelError as error:
        raise ConfigError(f"{parameter}: {error}") from error


def require_exclusive(parameter: str, name: str) -> None:
    """Refuse a model unless it has several labels of which one excludes the others.

    Raises:
        ConfigError: It has not, or is no model that scores texts.
    """
    from classifiers.load import excludes
    from classifiers.model_folder import ModelError

    labels = named_model(parameter, name).labels
    try:
        exclusive = excludes(name)
    except ModelError as error:
        raise ConfigError(f"{parameter}: {error}") from error
    if not exclusive:
        raise ConfigError(
            f"{parameter}: {name} has no labels that exclude each other, of which the likeliest could be taken:"
            f" {', '.join(labels)}"
        )


def require_probability(parameter: str, name: str, label: str) -> None:
    """Refuse a model unless it has a label, or is one of the registry whose score is 1 - its probability.

    Raises:
        ConfigError: It has not, or is no model that scores texts.
    """
    from classifiers.load import speaks_against

    labels = named_model(parameter, name).labels
    if label not in labels and not speaks_against(name):
        raise ConfigError(
            f"{parameter}: {name} has no label '{label}', and is none of the registry's models whose score is a"
            f" probability that speaks against a text: {', '.join(labels)}"
        )


def models_digest(parameter: str, names: Sequence[str]) -> str | None:
    """Return a hash of the files of models and of what they are; None of no models.

    Raises:
        ConfigError: One of them is none.
    """
    from classifiers.load import identity_of
    from classifiers.model_folder import ModelError

    try:
        return digest([identity_of(name) for name in names]) if names else None
    except ModelError as error:
        raise ConfigError(f"{parameter}: {error}") from error


def scores_of(batch: pa.RecordBatch, name: str) -> "Scores":
    """Return a model's scores of documents, float32 (documents, labels); NaN for languages of which it knows nothing.

    A document whose language nobody knows is scored: it may be one of the model's.

    Args:
        batch: Columns `text`, and `url` and `language` where they are there: without them a model looks at the text
            alone, whatever its language.
        name: Of the model.
    """
    from classifiers.load import load_classifier

    columns = set(batch.schema.names)
    model = load_classifier(name)
    urls = batch.column(URL.name) if URL.name in columns else None
    if LANGUAGE.name not in columns or not model.info.languages:
        return model.predict(batch.column(TEXT.name), urls)
    languages = pc.fill_null(batch.column(LANGUAGE.name), "und")
    within = pc.is_in(languages, pa.array([*model.info.languages, "und"], languages.type))
    wanted = np.flatnonzero(within.to_numpy(zero_copy_only=False))
    scores = np.full((batch.num_rows, len(model.info.labels)), np.nan, np.float32)
    if len(wanted):
        chosen = batch.take(pa.array(wanted))
        scores[wanted] = model.predict(chosen.column(TEXT.name), chosen.column(URL.name) if urls is not None else None)
    return scores


def probability_of(batch: pa.RecordBatch, name: str, label: str) -> npt.NDArray[np.float32]:
    """Return the probabilities of a label, float32 (documents,), by a model that `require_probability` lets pass.

    Args:
        batch: As for `scores_of`.
        name: Of the model.
        label: Its label; without one of that name, the probability is 1 - its only score.
    """
    from classifiers.load import load_classifier

    labels, scores = load_classifier(name).info.labels, scores_of(batch, name)
    return scores[:, labels.index(label)] if label in labels else 1 - scores[:, 0]


def as_column(values: npt.NDArray[np.float32]) -> pa.Array:
    """Return scores as a column, NaN as null."""
    return pa.array(values, pa.float32(), mask=np.isnan(values))
