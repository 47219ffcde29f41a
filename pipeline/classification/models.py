"""Models as parameters name them: their hashes on the driver, their scores in workers."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

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
        ConfigError: There is no such model, or its files are damaged.
    """
    from classifiers.load import model_path  # noqa: PLC0415  (numba, which not every command needs)
    from classifiers.model_folder import ModelError, read_info  # noqa: PLC0415

    try:
        return read_info(model_path(name))
    except ModelError as error:
        raise ConfigError(f"{parameter}: {error}") from error


def models_digest(parameter: str, names: Sequence[str]) -> str | None:
    """Return a hash of the files of models and of what they are; None of no models.

    Raises:
        ConfigError: One of them is none.
    """
    return digest([named_model(parameter, name).model_dump(mode="json") for name in names]) if names else None


@lru_cache(maxsize=None)
def languages_of(name: str) -> frozenset[str]:
    """Return the languages of which a model knows anything; none for all."""
    from classifiers.load import load_classifier  # noqa: PLC0415

    return frozenset(load_classifier(name).info.languages)


def scores_of(batch: pa.RecordBatch, name: str) -> "Scores":
    """Return a model's scores of documents, float32 (documents, labels); NaN for languages of which it knows nothing.

    Args:
        batch: Columns `text`, and `url` and `language` where they are there: without them a model looks at the text
            alone, whatever its language.
        name: Of the model.
    """
    from classifiers.load import load_classifier  # noqa: PLC0415  (models are for workers)

    columns = set(batch.schema.names)
    model = load_classifier(name)
    urls = batch.column(URL.name) if URL.name in columns else None
    if LANGUAGE.name not in columns or not languages_of(name):
        return model.predict(batch.column(TEXT.name), urls)
    wanted = np.flatnonzero(
        [(language or "und") in languages_of(name) for language in batch.column(LANGUAGE.name).to_pylist()]
    )
    scores = np.full((batch.num_rows, len(model.info.labels)), np.nan, np.float32)
    if len(wanted):
        chosen = batch.take(pa.array(wanted))
        scores[wanted] = model.predict(chosen.column(TEXT.name), chosen.column(URL.name) if urls is not None else None)
    return scores


def as_column(values: npt.NDArray[np.float32]) -> pa.Array:
    """Return scores as a column, NaN as null."""
    return pa.array(values, pa.float32(), mask=np.isnan(values))
