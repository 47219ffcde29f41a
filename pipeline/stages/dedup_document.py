"""dedup_document: within a language, a document like an earlier one that is kept is dropped for it.

Exact copies first; then MinHash signatures whose bands agree make pairs, and every pair is verified against the
document that is kept: nothing is removed for being like something that was itself removed.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from pipeline.cells.batches import with_columns
from pipeline.cells.part_batches import PART
from pipeline.cells.parts import BatchStream
from pipeline.cells.pieces import ROW
from pipeline.dedup.bucket_files import FILED_BY, SUPERSEDED
from pipeline.dedup.candidates import SIGNATURE, language_numbers
from pipeline.dedup.checking import check_pairs
from pipeline.dedup.documents import BANDS, KEY_1, KEY_2, DocumentLevel, find_duplicates
from pipeline.dedup.earlier_runs import earlier_levels, indexes, measured_parts, superseded_files
from pipeline.dedup.naming import NAMES
from pipeline.dedup.order import DOC, UNITS, Order, doc_numbers
from pipeline.dedup.reporting import report_documents
from pipeline.engine.fitting import FitContext
from pipeline.engine.stage import AgainstParams, Params, Upstream, stage
from pipeline.engine.tables import FittedTables
from pipeline.kernels.near_duplicates.banding import KEY_BITS, Banding, banding, candidate_probability
from pipeline.spark.tasks import share
from schemas.columns import (
    COPIES_EXACT,
    COPIES_NEAR,
    DOC_ID,
    FETCH_TIME,
    LANGUAGE,
    RECORD_ID,
    TEXT,
    URL,
    WARC_FILE,
    WARC_OFFSET,
    Column,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_BANDED_BY = ("pipeline.kernels.near_duplicates.minhash:band_keys", "pipeline.kernels.near_duplicates.banding:KEY_BITS")
_SKETCH = (SIGNATURE, UNITS, KEY_1, KEY_2, DOC)


class SketchParams(Params):
    """What a signature depends on."""

    permutations: int = Field(128, ge=16, le=1024)
    """Hash functions per signature."""
    shingle: int = Field(5, ge=1, le=50)
    """Units per shingle: words, or characters of unspaced scripts."""


class DedupDocumentParams(AgainstParams):
    """Parameters of dedup_document."""

    permutations: int = Field(128, ge=16, le=1024)
    """Hash functions per signature."""
    shingle: int = Field(5, ge=1, le=50)
    """Units per shingle: words, or characters of unspaced scripts."""
    threshold: float = Field(0.8, gt=0, le=1)
    """Estimated Jaccard similarity from which a document is dropped for the other."""
    chance: float = Field(0.9, gt=0, lt=1)
    """Chance, at the least, that two documents at the threshold are compared; it sets the bands of a signature."""
    bands: int | None = Field(None, ge=1)
    """Bands of a signature; null for as few as give that chance, of as many rows as they can have."""
    keep: str = "longest"
    """Which of two stays: longest, newest, or the highest value of a column (`-column`: the lowest); then by doc_id."""
    max_band_documents: int = Field(4096, ge=2)
    """Documents of one band, unlike one another, that later ones are compared with; what more cost is reported."""
    rounds: int = Field(10, ge=1)
    """How often documents that share a band with many are compared anew; it ends as soon as nothing is found."""
    checked_pairs: int = Field(200, ge=0, le=10_000)
    """Compared pairs whose exact similarity is computed for the report."""
    driver_edges: int = Field(5_000_000, ge=0)
    """Similar pairs that the driver resolves; more are resolved in Spark until so few are left. No result depends."""

    runtime: ClassVar[frozenset[str]] = frozenset({"against", "checked_pairs", "driver_edges"})

    def reads(self) -> tuple[str, ...]:
        """Return the column that the order goes by."""
        return (Order(self.keep).column,)

    def check_columns(self, columns: Sequence[Column]) -> None:
        """Refuse an order by a column that is not there."""
        Order(self.keep).check(list(columns))

    @model_validator(mode="after")
    def _bands_fit(self) -> "DedupDocumentParams":
        if self.bands is not None and self.bands > self.permutations:
            raise ValueError(f"bands ({self.bands}) must not be more than permutations ({self.permutations})")
        return self


def measure_signatures(rows: BatchStream, params: SketchParams, _: FittedTables) -> BatchStream:
    """Add signature, number of units, the text's key, and a number for the doc_id."""
    from pipeline.kernels.near_duplicates.minhash import sketch

    mask = np.int64(2**63 - 1)
    for batch in rows:
        sketches = sketch(batch.column(TEXT.name), params.permutations, params.shingle)
        width = params.permutations * 4
        packed = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(width), len(sketches.units), [None, pa.py_buffer(sketches.signatures.tobytes())]
        )
        languages = language_numbers(batch.column(LANGUAGE.name))
        added = {
            SIGNATURE: packed.cast(pa.binary()),
            UNITS: pa.array(sketches.units),
            KEY_1: pa.array((sketches.keys[:, 0] ^ languages) & mask),
            KEY_2: pa.array(sketches.keys[:, 1]),
            DOC: pa.array(doc_numbers(batch.column(DOC_ID.name))),
        }
        yield with_columns(batch, added)


def fit_dedup_document(context: FitContext, params: DedupDocumentParams) -> None:
    """Find the documents that are dropped, each with its survivor and their similarity."""
    order = Order(params.keep)
    settings = SketchParams(permutations=params.permutations, shingle=params.shingle)
    cut = banding(params.permutations, params.threshold, params.chance)
    if params.bands is not None:
        cut = Banding(params.bands, params.permutations // params.bands)
    chances = {f"{s:.2f}": round(candidate_probability(s, *cut), 4) for s in (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)}
    context.note(permutations=params.permutations, bands=cut.bands, rows_a_band=cut.rows, compared_at=chances)
    enough = int(np.ceil(params.threshold * params.permutations - 1e-9))
    level = DocumentLevel(
        params.permutations,
        cut.bands,
        KEY_BITS,
        enough,
        order,
        params.max_band_documents,
        params.rounds,
        params.driver_edges,
    )
    context.compares_by(measure_signatures, SketchParams, *_BANDED_BY, *FILED_BY)
    levels = earlier_levels(params.against, context.step.name)
    for earlier in levels:
        earlier.require(context, settings.model_dump(), bands=cut.bands)
    context.measure("signatures", measure_signatures, _SKETCH, (TEXT, LANGUAGE, DOC_ID), settings)
    ranked = [column for column in context.before.columns if column.name == order.column]
    columns = tuple(dict.fromkeys((*_SKETCH, *NAMES, LANGUAGE, *ranked)))
    newer = superseded_files(levels, context.upstream("dedup_url", SUPERSEDED)) if levels else {}
    tables = measured_parts(levels, "signatures", context.cells(*columns), columns, newer)
    shared = share(context.spark, tables)
    named, compared = find_duplicates(level, shared, context, indexes(levels, BANDS, holds_rows=True))
    context.drop(_drops(named, params))
    sample = (params.shingle, params.permutations, params.checked_pairs)
    context.note(checked=check_pairs(compared, context.cells(TEXT), tables.first_new, *sample))


def _drops(named: "DataFrame", params: DedupDocumentParams) -> "DataFrame":
    """Return the `drop` of each document that is dropped."""
    from pyspark.sql import functions as F  # noqa: N812

    similarity = F.col("matches") / F.lit(float(params.permutations))
    return named.select(
        PART.name,
        ROW,
        F.lit("dedup_document").alias("stage"),
        F.when(F.col("exact"), "exact_duplicate").otherwise("near_duplicate").alias("reason"),
        similarity.alias("value"),
        F.lit(params.threshold).alias("limit"),
        "survivor_record_id",
        "survivor_url",
        "survivor_run",
        similarity.alias("similarity"),
    )


@stage(
    needs=(DOC_ID, RECORD_ID, URL, FETCH_TIME, TEXT, LANGUAGE, WARC_FILE, WARC_OFFSET),
    adds=(COPIES_EXACT, COPIES_NEAR),
    fit=fit_dedup_document,
    decides=False,
    listens_to=(Upstream("dedup_url", SUPERSEDED),),
    report=report_documents,
    version=2,
)
def dedup_document(docs: "DataFrame", params: DedupDocumentParams) -> "DataFrame":  # noqa: ARG001
    """Drop a document that is at least as similar as the threshold to an earlier one that is kept."""
    return docs
