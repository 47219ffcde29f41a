"""pii: personal data out of texts and titles; pages and sites that are dense with it go as a whole."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pipeline.cells.parts import BatchStream
from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import stage
from pipeline.engine.tables import FittedTables
from pipeline.pii.params import PiiParams
from pipeline.pii.redaction import FOUND, FOUND_IN_TITLE, MEASURED, VALUES, measure_pii, redacted
from pipeline.rows.reasons import dropped, first_reason
from pipeline.rows.sites import SITE, report_sites, site_drops
from schemas.columns import DOC_ID, DROP_TYPE, HOST, LANGUAGE, PII, PII_PER_1000_WORDS, SPANS, TEXT, TITLE, Column

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame

_SITE_DROP = Column("__site_drop", DROP_TYPE, "what becomes of the page because of its site", None)


def fit_pii(context: FitContext, params: PiiParams) -> None:
    """Find the personal data of every part, and the sites that are dense with it."""
    from pyspark.sql import functions as F  # noqa: N812

    reads = (TEXT, TITLE, SPANS, LANGUAGE, HOST)
    context.measure("measured", measure_pii, MEASURED, reads, params.find_params())
    values = context.frame(FOUND).select(F.explode(FOUND.name).alias("value"))
    counts = values.groupBy("value.entity").count().collect()
    context.note(entities={row["entity"]: row["count"] for row in sorted(counts, key=lambda row: -row["count"])})
    if params.max_per_1000_words is not None:
        pages = context.frame(SITE, VALUES, PII_PER_1000_WORDS)
        flagged = _is_dense(F.col(VALUES.name), params.max_per_1000_words, params.min_values)
        drops = site_drops(pages, context, flagged, params.site_limits(), "dense_site")
        drop = F.struct(*(F.col(field.name) for field in DROP_TYPE)).alias(_SITE_DROP.name)
        context.save_cells("sites", drops.select(*drops.columns[:2], drop), (_SITE_DROP,))


def _is_dense(values: "SparkColumn", most: float, least: int) -> "SparkColumn":
    from pyspark.sql import functions as F  # noqa: N812

    return (values >= least) & (F.col(PII_PER_1000_WORDS.name) > most)


def redact(rows: BatchStream, params: PiiParams, _: FittedTables) -> BatchStream:
    """Replace what the fit found, and tell where it stood."""
    for batch in rows:
        yield redacted(batch, params.replacement)


def report_pii(notes: Mapping[str, Any]) -> Iterator[str]:
    """Yield how many values of each kind were found."""
    ordered = sorted(notes["entities"].items(), key=lambda pair: (-pair[1], pair[0]))
    counted = ", ".join(f"{count:,} {entity}" for entity, count in ordered) or "none"
    yield f"values of personal data found: {counted}"
    yield from report_sites(notes)


@stage(
    needs=(DOC_ID, TEXT, TITLE, SPANS, LANGUAGE, HOST),
    adds=(PII, PII_PER_1000_WORDS, VALUES),
    changes=(TEXT, TITLE, SPANS),
    measure=redact,
    measure_reads=(TEXT, TITLE, SPANS, FOUND, FOUND_IN_TITLE),
    fit=fit_pii,
    decides_by=(_SITE_DROP,),
    hides=(TEXT, TITLE),
    report=report_pii,
)
def pii(docs: "DataFrame", params: PiiParams) -> "DataFrame":
    """Drop pages that are dense with personal data, and the pages of sites that mostly have such."""
    from pyspark.sql import functions as F  # noqa: N812

    values = F.col(VALUES.name)
    unreadable = F.when(values.isNull(), dropped("pii", "unreadable"))
    if params.max_per_1000_words is None:
        return first_reason(docs, unreadable)
    dense = _is_dense(values, params.max_per_1000_words, params.min_values)
    page = dropped("pii", "dense_page", F.col(PII_PER_1000_WORDS.name), params.max_per_1000_words)
    return first_reason(docs, unreadable, F.when(dense, page), docs[_SITE_DROP.name])
