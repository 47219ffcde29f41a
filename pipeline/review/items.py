"""The decisions of a stage that a reviewer is shown: those closest to a limit, or a random sample of the drops."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from pipeline.review.verdicts import Side


@dataclass(frozen=True)
class ReviewItem:
    """A decision to be judged. Of commands to a terminal in what comes from pages, the letters stand here.

    Attributes:
        id: `stage/reason/doc_id`.
        doc_id: Of the document.
        stage: Whose decision it is.
        reason: Drop reason; of a kept document the one that it escaped most narrowly.
        decision: dropped or kept.
        value: What was measured; None where nothing was.
        limit: What it was compared with; None where there is none.
        worse_if: On which side of the limit documents are dropped.
        drops_at_limit: Whether one at the limit is dropped.
        setting: Parameter that the limit is, `stage.parameter`; "" where it is none.
        url: As crawled.
        title: As it left the stage that redacts; None where it has none or none may be shown.
        text: Likewise, its beginning.
        other_url: URL of the document that it is like; None but for duplicates.
        other_text: Beginning of that one's text; None where it may not be shown or is not there.
        similarity: Of both, estimated, 0 to 1.
        differences: What differs between both texts, as (op, text): same, removed, added, or left_out for what is not
            shown; of this document as `removed`, of the other one as `added`.
    """

    id: str
    doc_id: str
    stage: str
    reason: str
    decision: Literal["dropped", "kept"]
    value: float | None
    limit: float | None
    worse_if: Side
    drops_at_limit: bool
    setting: str
    url: str
    title: str | None = None
    text: str | None = None
    other_url: str | None = None
    other_text: str | None = None
    similarity: float | None = None
    differences: tuple[tuple[str, str], ...] = ()

    def as_value(self) -> dict[str, Any]:
        """Return this as a JSON value."""
        return asdict(self)
