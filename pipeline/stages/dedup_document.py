"""dedup_document: within a language, a document like an earlier one that is kept gives way to it.

MinHash signatures, bands whose equal keys make candidate pairs, and every pair verified against the document that is
kept: nothing is removed for being like something that was itself removed.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from pipeline.errors import CurationError
from pipeline.parts import BatchStream, Part
from pipeline.side_writer import PART_ID
from pipeline.stage import Params, SideTables, SideWriter, first_reason, stage
from pipeline.verdicts import VERDICT, VERDICTS, look_up_verdicts
from schemas.columns import DOC_ID, FETCH_TIME, LANGUAGE, RECORD_ID, TEXT, URL, WARC_FILE, WARC_OFFSET, Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_SIGNATURE = Column("signature", pa.binary(), "MinHash signature, uint32 little-endian")
_UNITS = Column("units", pa.int32(), "words, or characters of unspaced scripts, in the text")
_ROW = ("rank", "doc", PART_ID, WARC_OFFSET.name)
_EDGE_LIMIT = 20_000_000


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
        yield batch.append_column(_SIGNATURE.name, packed.cast(pa.binary())).append_column(
            _UNITS.name, pa.array(sketches.units)
        )


def fit_dedup_document(docs: "DataFrame", params: DedupDocumentParams, side: SideWriter) -> None:  # noqa: ARG001
    """Compare candidates and list the documents that give way, each with its survivor and their similarity."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    settings = SketchParams(permutations=params.permutations, shingle=params.shingle)
    keeps = (DOC_ID, RECORD_ID, URL, FETCH_TIME, LANGUAGE)
    sketches = side.measure("signatures", measure_signatures, (_SIGNATURE, _UNITS), keeps, settings)
    newest = F.coalesce(-F.unix_micros(FETCH_TIME.name), F.lit(2**62))
    rank = -F.col(_UNITS.name).cast("long") if params.keep == "longest" else newest
    ordered = sketches.where(F.col(_UNITS.name) > 0).select(
        rank.alias("rank"),
        F.conv(F.substring(DOC_ID.name, 1, 15), 16, 10).cast("long").alias("doc"),
        PART_ID,
        WARC_OFFSET.name,
        LANGUAGE.name,
        _SIGNATURE.name,
    )
    edges = side.save("edges", _verified(_linked(ordered, params), ordered, params))
    gone = _resolved(edges, sketches)
    side.save(VERDICTS, gone, by_part=True)


def _linked(ordered: "DataFrame", params: DedupDocumentParams) -> "DataFrame":
    """Return pairs of rows that share a band within a language, once each."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    bands = params.bands

    def keys_of(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pipeline.kernels.minhash import band_keys  # noqa: PLC0415

        for batch in batches:
            signatures = np.frombuffer(b"".join(batch.column(_SIGNATURE.name).to_pylist()), np.uint32)
            keys = band_keys(signatures.reshape(batch.num_rows, -1), bands)
            row = np.repeat(np.arange(batch.num_rows), bands)
            repeated = batch.select([*_ROW, LANGUAGE.name]).take(pa.array(row))
            yield repeated.append_column("band", pa.array(keys.ravel()))

    row_schema = ", ".join(f"{name} long" for name in _ROW)
    banded = ordered.mapInArrow(keys_of, f"{row_schema}, language string, band long")
    keyed = banded.select(F.xxhash64(LANGUAGE.name, "band").alias("key"), *_ROW)
    runs = keyed.repartition("key").sortWithinPartitions("key", *_ROW)
    representatives = params.representatives

    def link(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pipeline.kernels.survivors import RunLinker  # noqa: PLC0415

        linker = RunLinker(representatives)
        for batch in batches:
            if batch.num_rows:
                later, earlier = linker.link(batch.column("key").to_numpy(), _pack(batch, _ROW))
                yield _pairs(later, earlier)

    pairs = runs.mapInArrow(link, ", ".join(f"{side}_{name} long" for side in ("later", "earlier") for name in _ROW))
    return pairs.distinct()


def _pack(batch: pa.RecordBatch, names: tuple[str, ...]) -> Any:
    packed = np.empty(batch.num_rows, [(name, np.int64) for name in names])
    for name in names:
        packed[name] = batch.column(name).to_numpy()
    return packed


def _pairs(later: Any, earlier: Any) -> pa.RecordBatch:
    columns = {f"later_{name}": later[name] for name in _ROW} | {f"earlier_{name}": earlier[name] for name in _ROW}
    return pa.RecordBatch.from_pydict({name: pa.array(values) for name, values in columns.items()})


def _verified(pairs: "DataFrame", ordered: "DataFrame", params: DedupDocumentParams) -> "DataFrame":
    """Return the pairs whose estimated similarity reaches the threshold, with it."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    for end in ("later", "earlier"):
        signatures = ordered.select(
            F.col(PART_ID).alias(f"{end}_{PART_ID}"),
            F.col(WARC_OFFSET.name).alias(f"{end}_{WARC_OFFSET.name}"),
            F.col(_SIGNATURE.name).alias(f"{end}_signature"),
        )
        pairs = pairs.join(signatures, on=[f"{end}_{PART_ID}", f"{end}_{WARC_OFFSET.name}"], how="inner")
    threshold, width = params.threshold, params.permutations
    names = [f"{end}_{name}" for end in ("later", "earlier") for name in _ROW]

    def compare(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pipeline.kernels.minhash import estimated_jaccard  # noqa: PLC0415

        for batch in batches:
            left, right = (
                np.frombuffer(b"".join(batch.column(f"{end}_signature").to_pylist()), np.uint32).reshape(-1, width)
                for end in ("later", "earlier")
            )
            similarity = pa.array(estimated_jaccard(left, right), pa.float64())
            scored = batch.select(names).append_column("similarity", similarity)
            yield scored.filter(pc.greater_equal(similarity, threshold))

    return pairs.mapInArrow(compare, ", ".join(f"{name} long" for name in names) + ", similarity double")


def _resolved(edges: "DataFrame", sketches: "DataFrame") -> "DataFrame":
    """Return the verdicts: which documents give way, to which, and how like they are."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    from pipeline.kernels.survivors import resolve  # noqa: PLC0415

    table = edges.toArrow()
    if table.num_rows > _EDGE_LIMIT:
        raise CurationError(f"dedup_document: {table.num_rows} verified pairs are more than the driver's {_EDGE_LIMIT}")
    batch = table.combine_chunks().to_batches()[0] if table.num_rows else None
    rows: list[tuple[int, int, int, int, float]] = []
    if batch is not None:
        ends = [
            batch.select([f"{end}_{name}" for name in _ROW]).rename_columns(list(_ROW)) for end in ("later", "earlier")
        ]
        later, earlier = (_pack(end, _ROW) for end in ends)
        nodes, numbers = np.unique(np.concatenate([later, earlier]), return_inverse=True)
        similarity = batch.column("similarity").to_numpy()
        half = len(later)
        survivor = resolve(numbers[:half], numbers[half:], similarity, len(nodes))
        like = {
            (int(a), int(b)): float(s) for a, b, s in zip(numbers[:half], numbers[half:], similarity, strict=True)
        }
        for number in np.flatnonzero(survivor >= 0):
            gone, stays = nodes[number], nodes[survivor[number]]
            score = like[int(number), int(survivor[number])]
            rows.append((int(gone[PART_ID]), int(gone[WARC_OFFSET.name]), int(stays[PART_ID]), int(stays[WARC_OFFSET.name]), score))
    spark = edges.sparkSession
    schema = f"{PART_ID} long, {WARC_OFFSET.name} long, survivor_part long, survivor_offset long, similarity double"
    verdicts = spark.createDataFrame(rows, schema)
    survivors = sketches.select(
        F.col(PART_ID).alias("survivor_part"),
        F.col(WARC_OFFSET.name).alias("survivor_offset"),
        F.col(RECORD_ID.name).alias("survivor_record_id"),
        F.col(URL.name).alias("survivor_url"),
    )
    return verdicts.join(survivors, on=["survivor_part", "survivor_offset"], how="inner").select(
        PART_ID,
        WARC_OFFSET.name,
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
