"""topic: what kind of knowledge a document holds."""

from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.classification.models import as_column, models_digest, require_exclusive, scores_of
from pipeline.engine.stage import Params, stage
from pipeline.engine.tables import FittedTables
from schemas.columns import LANGUAGE, TEXT, TOPIC, TOPIC_SCORE, URL

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class TopicParams(Params):
    """Parameters of topic."""

    model: str | None = "topic"
    """A model that ships, or the folder of one, whose labels are the topics, which exclude each other; null labels
    nothing."""
    model_digest: str | None = None
    """Hash of the model's files; the run fills it in."""

    def resolved(self) -> Self:
        """Return the parameters with the hash of the model's files.

        Raises:
            ConfigError: There is no such model, or it has no labels that exclude each other.
        """
        if self.model is not None:
            require_exclusive("topic.model", self.model)
        names = [self.model] if self.model is not None else []
        return self.model_copy(update={"model_digest": models_digest("topic.model", names)})


def measure_topic(rows: BatchStream, params: TopicParams, _: FittedTables) -> BatchStream:
    """Add the likeliest topic of each document, and its probability."""
    for batch in rows:
        if params.model is None:
            empty = {column: pa.nulls(batch.num_rows, column.type) for column in (TOPIC, TOPIC_SCORE)}
            yield with_columns(batch, empty)
            continue
        from classifiers.load import load_classifier

        scores = scores_of(batch, params.model)
        unknown = np.isnan(scores[:, 0])
        labels = np.array(load_classifier(params.model).info.labels, object)
        best = np.where(unknown, 0, np.nan_to_num(scores).argmax(axis=1))
        topics = pa.array(labels[best], pa.string(), mask=unknown)
        yield with_columns(batch, {TOPIC: topics, TOPIC_SCORE: as_column(scores[np.arange(len(best)), best])})


@stage(
    needs=(TEXT, LANGUAGE),
    uses=(URL,),
    adds=(TOPIC, TOPIC_SCORE),
    skip_if_present=(TOPIC,),
    measure=measure_topic,
    decides=False,
)
def topic(docs: "DataFrame", params: TopicParams) -> "DataFrame":  # noqa: ARG001
    """Label each document, and drop none."""
    return docs
