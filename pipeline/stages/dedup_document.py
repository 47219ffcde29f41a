"""dedup_document: within a language, a document like an earlier one that is kept gives way to it.

MinHash signatures, bands whose equal keys make candidate pairs, and every pair verified against the document that is
kept: nothing is removed for being like something that was itself removed.
"""

from typing import TYPE_CHECKING, Literal

import pyarrow as pa
from pydantic import Field, model_validator

from pipeline.near_duplicates import SIGNATURE, linked_pairs, resolve_pairs, verified_pairs
from pipeline.parts import PART_ID, BatchStream, Part
from pipeline.stage import Params, SideTables, SideWriter, first_reason, stage
from pipeline.verdicts import VERDICT, VERDICTS, look_up_verdicts
from schemas.columns import DOC_ID, FETCH_TIME, LANGUAGE, RECORD_ID, TEXT, URL, WARC_FILE, WARC_OFFSET, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_UNITS = Column("units", pa.int32(), "words, or characters of unspaced scripts, in the text")


class SketchParams(Params):
    """What a signature depends on."""

    permutations: int = Field(128, ge=16, le=1024)
    """Hash functions a signature."""
    shingle: int = Field(5, ge=1, le=50)
    """Units a shingle: words, or characters of unspaced scripts."""


class DedupDocumentParams(SketchParams):
    """Parameters of dedup_document."""

    bands: int = Field(16, ge=1)
    """Bands of a signature; two documents that agree on one band are compared."""
    threshold: float = Field(0.8, gt=0, le=1)
    """Estimated Jaccard similarity from which a document gives way."""
    keep: Literal["longest", "newest"] = "longest"
    """Which of two stays; of equals the lower doc_id."""
    representatives: int = Field(4, ge=1, le=64)
    """First documents of a bucket that every later one is compared with."""

    @model_validator(mode="after")
    def _bands_divide(self) -> "DedupDocumentParams":
        if self.permutations % self.bands:
            raise ValueError(f"bands ({self.bands}) must divide permutations ({self.permutations})")
        return self


def measure_signatures(rows: BatchStream, _: Part, params: SketchParams, __: SideTables) -> BatchStream:
    """Add the signature and the number of units."""
    from pipeline.kernels.minhash import sketch  # noqa: PLC0415  (numba, which workers alone need)

    for batch in rows:
        sketches = sketch(batch.column(TEXT.name), params.permutations, params.shingle)
        width = params.permutations * 4
        packed = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(width), len(sketches.units), [None, pa.py_buffer(sketches.signatures.tobytes())]
        )
        yield batch.append_column(SIGNATURE.name, packed.cast(pa.binary())).append_column(
            _UNITS.name, pa.array(sketches.units)
        )


def fit_dedup_document(docs: "DataFrame", params: DedupDocumentParams, side: SideWriter) -> None:  # noqa: ARG001
    """Compare candidates and list the documents that give way, each with its survivor and their similarity."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    settings = SketchParams(permutations=params.permutations, shingle=params.shingle)
    keeps = (DOC_ID, RECORD_ID, URL, FETCH_TIME, LANGUAGE)
    sketches = side.measure("signatures", measure_signatures, (SIGNATURE, _UNITS), keeps, settings)
    newest = F.coalesce(-F.unix_micros(FETCH_TIME.name), F.lit(2**62))
    rank = -F.col(_UNITS.name).cast("long") if params.keep == "longest" else newest
    ordered = sketches.where(F.col(_UNITS.name) > 0).select(
        rank.alias("rank"),
        F.conv(F.substring(DOC_ID.name, 1, 15), 16, 10).cast("long").alias("doc"),
        PART_ID,
        WARC_OFFSET.name,
        LANGUAGE.name,
        SIGNATURE.name,
    )
    pairs = verified_pairs(linked_pairs(ordered, params.bands, params.representatives), ordered, params.threshold)
    survivors = resolve_pairs(side.save("edges", pairs))
    side.save(VERDICTS, _verdicts(survivors, sketches), by_part=True)


def _verdicts(survivors: "DataFrame", sketches: "DataFrame") -> "DataFrame":
    """Return the `drop` of each document that gives way, with what its survivor is called."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    named = sketches.select(
        F.col(PART_ID).alias(f"earlier_{PART_ID}"),
        F.col(WARC_OFFSET.name).alias(f"earlier_{WARC_OFFSET.name}"),
        F.col(RECORD_ID.name).alias("survivor_record_id"),
        F.col(URL.name).alias("survivor_url"),
    )
    found = survivors.join(named, on=[f"earlier_{PART_ID}", f"earlier_{WARC_OFFSET.name}"], how="inner")
    return found.select(
        F.col(f"later_{PART_ID}").alias(PART_ID),
        F.col(f"later_{WARC_OFFSET.name}").alias(WARC_OFFSET.name),
        F.lit("dedup_document").alias("stage"),
        F.lit("near_duplicate").alias("reason"),
        F.col("similarity").alias("value"),
        F.lit(None).cast("double").alias("limit"),
        "survivor_record_id",
        "survivor_url",
        "similarity",
    )


@stage(
    needs=(DOC_ID, RECORD_ID, URL, FETCH_TIME, TEXT, LANGUAGE, WARC_FILE, WARC_OFFSET),
    measures=(VERDICT,),
    measure=look_up_verdicts,
    fit=fit_dedup_document,
)
def dedup_document(docs: "DataFrame", params: DedupDocumentParams) -> "DataFrame":
    """Drop a document that is at least as similar as the threshold to an earlier one that is kept."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    verdict = F.col(VERDICT.name)
    limited = verdict.withField("limit", F.lit(params.threshold).cast("double"))
    return first_reason(docs, F.when(verdict.isNotNull(), limited))
