"""language: which language the prose is in, code and math apart: lid.176 with what scripts and letters add, or another.

Long prose is looked at in segments, and most of it decides: a page of two languages says so.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.engine.stage import Params, stage
from pipeline.engine.tables import FittedTables
from pipeline.errors import ConfigError
from pipeline.kernels.text.prose import prose_of
from schemas.columns import (
    LANGUAGE,
    LANGUAGE_LABEL,
    LANGUAGE_SCORE,
    LANGUAGE_SCRIPT,
    LANGUAGE_SECOND,
    LANGUAGE_SECOND_SHARE,
    SPANS,
    TEXT,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class LanguageParams(Params):
    """Parameters of language."""

    model: str | None = None
    """Path of a fastText model whose labels are languages, or its name in the registry (`glotlid`, `openlid`) with its
    file in the hub's cache; null is lid.176, which ships."""
    model_digest: str | None = None
    """Hash of that file; the run fills it in."""
    tables_digest: str | None = None
    """Hash of lid.176, and of the tables of codes and letters that ship; the run fills it in."""
    letters: bool = True
    """Whether sequences of letters are looked at where lid.176 is unsure: 62 languages, eight of which it lacks."""
    min_score: float = Field(0.5, ge=0, le=1)
    """Probability below which the label is `und` (cc_net's limit)."""
    max_chars: int = Field(20_000, ge=100)
    """Code points of prose to look at, from the start."""
    segment_chars: int | None = Field(600, ge=100)
    """Code points of a segment at least; prose of twice as many is cut into some, twelve at most. Null cuts none."""

    def resolved(self) -> Self:
        """Return the parameters with the path of the model's file, and its hash.

        Raises:
            ConfigError: There is no such file, or it is no model of fastText's that labels texts.
        """
        from classifiers.languages.model import digest_of
        from classifiers.languages.tables import shipped_digest
        from classifiers.model_folder import ModelError

        try:
            model = None if self.model is None else _path_of(self.model)
            model_digest = None if model is None else digest_of(model)
        except ModelError as error:
            raise ConfigError(f"language.model: {error}") from error
        updates = {"model": model, "model_digest": model_digest, "tables_digest": shipped_digest()}
        return self.model_copy(update=updates)


def _path_of(model: str) -> str:
    """Return the path of a model's file: of one of the registry, where it lies in the hub's cache.

    Raises:
        ModelError: It is of the registry, and not in the cache; the message has the command that fetches it.
    """
    from classifiers.hub.names import registered

    named = None if Path(model).expanduser().is_file() else registered(model)
    return model if named is None else str(named.parts()[0])


def measure_language(rows: BatchStream, params: LanguageParams, _: FittedTables) -> BatchStream:
    """Add each text's language with its score, the model's label, the script, and a second language.

    What reaches no score is `und`.
    """
    from classifiers.languages.identify import Identified, Options, identify_pages

    options = Options(
        model=params.model,
        model_digest=params.model_digest,
        letters=params.letters,
        segment_chars=params.segment_chars,
        min_score=params.min_score,
    )
    for batch in rows:
        texts = prose_of(batch.column(TEXT.name), batch.column(SPANS.name))
        pages = identify_pages([text[: params.max_chars] for text in texts], options)
        fields = {name: [getattr(page, name) for page in pages] for name in Identified._fields}
        scores = pa.array(fields["score"], LANGUAGE_SCORE.type)
        is_sure = pc.greater_equal(scores.cast(pa.float64()), params.min_score)
        added = {
            LANGUAGE_SCORE: scores,
            LANGUAGE: pc.if_else(is_sure, pa.array(fields["language"], LANGUAGE.type), "und"),
            LANGUAGE_LABEL: pa.array(fields["label"], LANGUAGE_LABEL.type),
            LANGUAGE_SCRIPT: pa.array(fields["script"], LANGUAGE_SCRIPT.type),
            LANGUAGE_SECOND: _where(is_sure, pa.array(fields["second_language"], LANGUAGE_SECOND.type)),
            LANGUAGE_SECOND_SHARE: _where(is_sure, pa.array(fields["second_share"], LANGUAGE_SECOND_SHARE.type)),
        }
        yield with_columns(batch, added)


def _where(is_sure: pa.Array, values: pa.Array) -> pa.Array:
    """Return values, null where the first language is not known: there is no second one beside it."""
    return pc.if_else(is_sure, values, pa.scalar(None, values.type))


@stage(
    needs=(TEXT, SPANS),
    adds=(LANGUAGE_SCORE, LANGUAGE, LANGUAGE_LABEL, LANGUAGE_SCRIPT, LANGUAGE_SECOND, LANGUAGE_SECOND_SHARE),
    skip_if_present=(LANGUAGE,),
    measure=measure_language,
    decides=False,
)
def language(docs: "DataFrame", params: LanguageParams) -> "DataFrame":  # noqa: ARG001
    """Label each document, and drop none."""
    return docs
