"""Whether a document is contaminated: from the stored matches and the limits, in Columns."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.decontamination.params import CoverageLimits, DecontaminateParams
from pipeline.rows.reasons import dropped
from schemas.columns import CONTAMINATION

if TYPE_CHECKING:
    from pyspark.sql import Column

SHORT, LONG = 20, 50
"""Words of an item up to which the limit of short ones holds, and from which that of long ones does."""


def limit_of(words: float, answer_near: bool | None, params: CoverageLimits) -> float:  # noqa: FBT001
    """Return the coverage from which an item contaminates a document.

    Args:
        words: Of the item.
        answer_near: Whether its answer stands near the match; None where it has none.
        params: The limits.

    >>> strict = CoverageLimits(min_coverage_short=1.0)
    >>> [round(limit_of(words, None, strict), 3) for words in (8, 20, 35, 50, 99)]
    [1.0, 1.0, 0.9, 0.8, 0.8]
    >>> limit_of(35, True, strict), limit_of(50, True, strict)
    (0.7, 0.8)
    """
    shortness = min(max((LONG - words) / (LONG - SHORT), 0.0), 1.0)
    limit = params.min_coverage_long + (params.min_coverage_short - params.min_coverage_long) * shortness
    return min(limit, params.min_coverage_with_answer) if answer_near and words < LONG else limit


def limit_column(match: "Column", params: CoverageLimits) -> "Column":
    """Return the same for a match, an element of `contamination`."""
    from pyspark.sql import functions as F  # noqa: N812

    shortness = F.least(F.greatest((F.lit(float(LONG)) - match["words"]) / (LONG - SHORT), F.lit(0.0)), F.lit(1.0))
    limit = params.min_coverage_long + (params.min_coverage_short - params.min_coverage_long) * shortness
    is_eased = F.coalesce(match["answer_near"], F.lit(False)) & (match["words"] < LONG)  # noqa: FBT003
    return F.when(is_eased, F.least(limit, F.lit(params.min_coverage_with_answer))).otherwise(limit)


def contaminating(params: CoverageLimits) -> "Column":
    """Return the matches of a document with items of test sets that reach their limits, best first.

    Null or empty where there are none.

    Args:
        params: The limits.
    """
    from pyspark.sql import functions as F  # noqa: N812

    def counts(match: "Column") -> "Column":
        return (match["coverage"] >= limit_column(match, params)) & ~match["is_training"]

    return F.filter(CONTAMINATION.name, counts)


def is_contaminated(matches: pa.Array, params: CoverageLimits) -> npt.NDArray[np.bool_]:
    """Tell which documents hold an item of a test or training set, as no annealing set should.

    Args:
        matches: Cells of `contamination`.
        params: The limits.
    """
    every = matches.flatten()
    coverage, words, near = (
        pc.fill_null(pc.struct_field(every, name), fill).to_numpy(zero_copy_only=False)
        for name, fill in (("coverage", 0.0), ("words", 0), ("answer_near", False))
    )
    shortness = np.clip((LONG - words) / (LONG - SHORT), 0.0, 1.0)
    limits = params.min_coverage_long + (params.min_coverage_short - params.min_coverage_long) * shortness
    limits = np.where(near & (words < LONG), np.minimum(limits, params.min_coverage_with_answer), limits)
    contaminated = np.zeros(len(matches), bool)
    contaminated[pc.list_parent_indices(matches).to_numpy()[coverage >= limits]] = True
    return contaminated


def contamination_drop(params: DecontaminateParams) -> "Column":
    """Return the `drop` of a document by the item that covers it best; null where none reaches its limit."""
    from pyspark.sql import functions as F  # noqa: N812

    first = F.get(contaminating(params), F.lit(0))
    reason = F.concat(F.lit("contamination."), first["suite"])
    return F.when(first.isNotNull(), dropped("decontaminate", reason, first["coverage"], limit_column(first, params)))
