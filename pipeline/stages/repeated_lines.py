"""repeated_lines: lines of logs, error dumps and the like go out of a text whose rest is good; code and math stay."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from pipeline.engine.stage import Params, SideTables, dropped, first_reason, stage
from pipeline.kernels.text.prose import spans_of
from pipeline.rows.line_removal import without_lines
from pipeline.runs.parts import BatchStream, Part
from schemas.columns import NO_PROSE, REPEATED_LINES_REMOVED, SPANS, TEXT

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

VERSION = 1


class RepeatedLinesParams(Params):
    """Parameters of repeated_lines."""

    min_lines: int = Field(4, ge=0)
    """Lines that a run of log lines has at least to be removed; 0 removes none at all."""
    min_chars_left: int = Field(100, ge=0)
    """Code points below which a document that lost lines is dropped."""
    model_digest: str | None = None
    """Hash of the fitted net's file; the run fills it in, so that another net makes the texts stale."""

    limits: ClassVar[frozenset[str]] = frozenset({"min_chars_left"})


def remove_repeated_lines(rows: BatchStream, _: Part, params: RepeatedLinesParams, __: SideTables) -> BatchStream:
    """Take the lines of logs out of the texts and move the spans along."""
    from pipeline.kernels.repeated_lines.find import find_repeated_lines  # noqa: PLC0415
    from pipeline.kernels.repeated_lines.runs import RunSettings  # noqa: PLC0415  (numba, which workers alone need)

    # of a text that no run can be long enough in, nothing goes
    settings = RunSettings(min_lines=params.min_lines or 1 << 30)
    for batch in rows:
        spans = batch.column(SPANS.name)
        gone = find_repeated_lines(
            batch.column(TEXT.name), spans_of(spans, NO_PROSE), spans_of(spans, ("table",)), settings
        )
        yield without_lines(batch, gone.text, gone.start, gone.end, REPEATED_LINES_REMOVED)


@stage(
    needs=(TEXT, SPANS),
    measures=(TEXT, SPANS, REPEATED_LINES_REMOVED),
    measure=remove_repeated_lines,
    version=VERSION,
)
def repeated_lines(docs: "DataFrame", params: RepeatedLinesParams) -> "DataFrame":
    """Drop a document that lost lines and has too little text left."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    left = F.char_length(TEXT.name)
    is_little = (F.col(REPEATED_LINES_REMOVED.name) > 0) & (left < params.min_chars_left)
    return first_reason(
        docs, F.when(is_little, dropped("repeated_lines", "too_little_text_left", left, params.min_chars_left))
    )
