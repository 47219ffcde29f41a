"""decontaminate: documents that hold items of benchmarks are reported, dropped, or have the items cut out.

It stands behind `dedup_line`, on the texts that stay, and before the measures of `heuristics`. Matches are measured
once and stored; another limit measures nothing again.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.decontamination.cutting import CUTS, cut_texts
from pipeline.decontamination.deciding import contamination_drop
from pipeline.decontamination.fitting import fit_decontaminate, report_contamination
from pipeline.decontamination.params import DecontaminateParams
from pipeline.engine.stage import Stage, stage
from pipeline.rows.line_removal import CHARS_LEFT
from pipeline.rows.reasons import dropped, first_reason
from schemas.columns import CONTAMINATION, PII, SPANS, TEXT, URL

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def _by_action(ours: Stage, params: DecontaminateParams) -> Stage:
    """Return the stage as its suites and its action want it: without suites it reads and adds nothing."""
    if not params.is_on:
        return replace(ours, needs=(), adds=(), fit=None, decide=None)
    if params.action == "report":
        return replace(ours, decide=None)
    if params.action == "cut":
        changes = (TEXT, SPANS, PII)
        return replace(
            ours,
            adds=(*ours.adds, CUTS, CHARS_LEFT),
            changes=changes,
            measure=cut_texts,
            measure_reads=(*changes, CONTAMINATION),
        )
    return ours


@stage(
    needs=(TEXT, SPANS, URL),
    adds=(CONTAMINATION,),
    fit=fit_decontaminate,
    report=report_contamination,
    variant=_by_action,
)
def decontaminate(docs: "DataFrame", params: DecontaminateParams) -> "DataFrame":
    """Drop a contaminated document; where items are cut out, one that lost too much."""
    from pyspark.sql import functions as F  # noqa: N812

    if params.action != "cut":
        return first_reason(docs, contamination_drop(params))
    cuts, left = F.col(CUTS.name), F.col(CHARS_LEFT.name)
    too_many = F.when(cuts > params.max_cuts, dropped("decontaminate", "too_many_cuts", cuts, params.max_cuts))
    is_little = (cuts > 0) & (left < params.min_chars_left)
    too_little = F.when(is_little, dropped("decontaminate", "too_little_text_left", left, params.min_chars_left))
    return first_reason(docs, too_many, too_little)
