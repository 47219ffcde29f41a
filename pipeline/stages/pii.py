"""pii: personal data out of texts and titles; pages and sites that are dense with it go as a whole."""

from typing import TYPE_CHECKING

from pipeline.engine.batches import with_columns
from pipeline.engine.stage import SideTables, SideWriter, dropped, first_reason, stage
from pipeline.pii.params import PiiParams
from pipeline.pii.redaction import FOUND, MEASURED, measure_pii, redacted
from pipeline.rows.sites import save_site_verdicts
from pipeline.rows.verdicts import VERDICT, VERDICTS, rows_of, verdicts_of
from pipeline.runs.parts import BatchStream, Part
from schemas.columns import DOC_ID, HOST, LANGUAGE, PII, PII_PER_1000_WORDS, SPANS, TEXT, TITLE

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_MEASURED = "measured"


def fit_pii(docs: "DataFrame", params: PiiParams, side: SideWriter) -> None:  # noqa: ARG001
    """Find the personal data of every part, and the sites that are dense with it."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    found = side.measure(_MEASURED, measure_pii, MEASURED, (DOC_ID,), params.find_params())
    counts = found.select(F.explode(FOUND.name).alias("one")).groupBy("one.entity").count().collect()
    side.note(entities={row["entity"]: row["count"] for row in sorted(counts, key=lambda row: -row["count"])})
    if params.max_per_1000_words is not None:
        condemned = _is_dense(F.size(FOUND.name), params.max_per_1000_words, params.min_values)
        save_site_verdicts(found, side, condemned, params.site_limits(), ("pii", "dense_site"))


def _is_dense(values: "Column", most: float, least: int) -> "Column":
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    return (values >= least) & (F.col(PII_PER_1000_WORDS.name) > most)


def redact(rows: BatchStream, part: Part, params: PiiParams, side: SideTables) -> BatchStream:
    """Replace what the fit found, and tell where it stood."""
    measured = side.slice(_MEASURED, part)
    if measured is None:
        return
    verdicts = side.slice(VERDICTS, part) if params.max_per_1000_words is not None else None
    for batch in rows:
        mine = rows_of(measured, batch)
        changed = redacted(batch, mine, params.replacement)
        yield with_columns(changed, {VERDICT: verdicts_of(verdicts, mine)})


@stage(
    needs=(DOC_ID, TEXT, TITLE, SPANS, LANGUAGE, HOST),
    measures=(TEXT, TITLE, SPANS, PII, PII_PER_1000_WORDS, VERDICT),
    measure=redact,
    fit=fit_pii,
)
def pii(docs: "DataFrame", params: PiiParams) -> "DataFrame":
    """Drop pages that are dense with personal data, and the pages of sites that mostly have such."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    unreadable = F.when(F.col(PII.name).isNull(), dropped("pii", "unreadable"))
    if params.max_per_1000_words is None:
        return first_reason(docs, unreadable)
    dense = _is_dense(F.size(PII.name), params.max_per_1000_words, params.min_values)
    page = dropped("pii", "dense_page", F.col(PII_PER_1000_WORDS.name), params.max_per_1000_words)
    return first_reason(docs, unreadable, F.when(dense, page), docs[VERDICT.name])
