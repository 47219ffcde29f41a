"""log_lines: lines of logs, error dumps and the like go out of a text whose rest is good; code and math stay."""

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field

from pipeline.cells.parts import BatchStream
from pipeline.engine.stage import Params, stage
from pipeline.engine.tables import FittedTables
from pipeline.kernels.log_lines import weights_digest
from pipeline.kernels.text.prose import spans_of
from pipeline.rows.line_removal import CHARS_LEFT, too_little_left, without_lines
from schemas.columns import LOG_LINES_REMOVED, NO_PROSE, PII, SPANS, TEXT

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class LogLinesParams(Params):
    """Parameters of log_lines."""

    min_lines: int = Field(4, ge=0)
    """Lines that a run of log lines has at least to be removed; 0 removes none at all."""
    min_chars_left: int = Field(100, ge=0)
    """Code points below which a document that lost lines is dropped."""
    model_digest: str | None = None
    """Hash of the fitted net's file; the run fills it in, so that another net makes the texts stale."""

    limits: ClassVar[frozenset[str]] = frozenset({"min_chars_left"})

    def resolved(self) -> Self:
        """Return the parameters with the hash of the net that ships."""
        return self.model_copy(update={"model_digest": weights_digest()})


def remove_log_lines(rows: BatchStream, params: LogLinesParams, _: FittedTables) -> BatchStream:
    """Take the lines of logs out of the texts and move the spans along."""
    from pipeline.kernels.log_lines.find import find_log_lines
    from pipeline.kernels.log_lines.runs import RunSettings

    # of a text that no run can be long enough in, nothing goes
    settings = RunSettings(min_lines=params.min_lines or 1 << 30)
    for batch in rows:
        spans = batch.column(SPANS.name)
        repeated = find_log_lines(
            batch.column(TEXT.name), spans_of(spans, NO_PROSE), spans_of(spans, ("table",)), settings
        )
        yield without_lines(batch, repeated.text, repeated.start, repeated.end, LOG_LINES_REMOVED)


@stage(
    needs=(TEXT, SPANS),
    adds=(LOG_LINES_REMOVED, CHARS_LEFT),
    changes=(TEXT, SPANS, PII),
    measure=remove_log_lines,
)
def log_lines(docs: "DataFrame", params: LogLinesParams) -> "DataFrame":
    """Drop a document that lost lines and has too little text left."""
    return too_little_left(docs, "log_lines", LOG_LINES_REMOVED, params.min_chars_left)
