"""Where a run lost more than its user may expect: stages that kept nothing, and reasons that took many rows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pipeline.errors import NothingReadError
from pipeline.runs.funnel import Step
from pipeline.runs.table import Table
from schemas.reasons import EXPECTED_LOSSES, LOOK_AT, meaning_of

_SHOWN = 5
WARN_OVER = 0.5
"""Share of a stage's rows above which what one reason took is told."""


def loss_lines(run: str, steps: Iterable[Step], share: float) -> Iterator[str]:
    """Yield what a run lost much of, a line each, with the stage, the reason and the first thing to look at.

    Args:
        run: The run directory.
        steps: The funnel.
        share: Of a stage's rows, above which what one reason took is told.
    """
    for stage, before, kept, dropped in steps:
        reason, most = max(dropped.items(), key=lambda item: (item[1], item[0]), default=("", 0))
        if before and not kept:
            yield f"{stage} kept none of {before:,} rows; {most:,} went for {reason}{_advice(run, stage, reason)}"
        elif most > share * before and (stage, reason) not in EXPECTED_LOSSES:
            yield (
                f"{stage} dropped {most:,} of {before:,} rows ({100 * most / before:.0f} %) for"
                f" {reason}{_advice(run, stage, reason)}"
            )


def _advice(run: str, stage: str, reason: str) -> str:
    meaning = meaning_of(stage, reason)
    look = LOOK_AT.get(stage, "").format(run=run)
    return f"{f': {meaning}' if meaning else ''}{f' Look at {look}' if look else ''}"


def check_read(tables: Sequence[Table]) -> None:
    """Tell a run whose inputs hold no page and no row from one whose rows were all dropped.

    Raises:
        NothingReadError: There was nothing to drop; it says what the inputs hold instead.
    """
    parts = tables[0].parts
    if any(part.report.get("responses") for part in parts):
        return
    kinds: Counter[str] = Counter()
    for part in parts:
        kinds.update({kind["kind"]: kind["count"] for kind in part.report.get("kinds") or ()})
    contents = (
        ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common(_SHOWN)) or "no record that can be read"
    )
    files = f"{len(parts):,} input files hold" if len(parts) != 1 else f"{parts[0].source} holds"
    raise NothingReadError(
        f"nothing was read: {files} no page and no row, but {contents}. Give WARC files with response, resource or"
        " conversion records of HTML or text, or tables with a URL column and html or text"
    )
