"""dedup_url: of several captures of one canonical URL, the most recent is kept."""

from typing import TYPE_CHECKING, Literal

from pipeline.parts import PART_ID
from pipeline.stage import Params, SideWriter, first_reason, stage
from pipeline.verdicts import VERDICT, VERDICTS, look_up_verdicts
from schemas.columns import BODY_BYTES, DOC_ID, FETCH_TIME, RECORD_ID, URL, WARC_FILE, WARC_OFFSET

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class DedupUrlParams(Params):
    """Parameters of dedup_url."""

    keep: Literal["newest"] = "newest"
    """Which capture stays: the newest; of equals the longest body, then the highest doc_id, file and offset."""


def fit_dedup_url(docs: "DataFrame", params: DedupUrlParams, side: SideWriter) -> None:  # noqa: ARG001
    """Find the survivor of each URL from keys alone and list the captures that give way to it."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    size = F.col(BODY_BYTES.name) if BODY_BYTES.name in docs.columns else F.lit(None).cast("long")
    order = [F.col(FETCH_TIME.name), size, F.col(DOC_ID.name), F.col(WARC_FILE.name), F.col(WARC_OFFSET.name)]
    keys = docs.select(
        F.xxhash64(URL.name).alias("key_1"),
        F.xxhash64(F.lit("second"), F.col(URL.name)).alias("key_2"),
        PART_ID,
        WARC_OFFSET.name,
        F.struct(*order, F.col(RECORD_ID.name), F.col(URL.name)).alias("capture"),
    )
    repeated = (
        keys.groupBy("key_1", "key_2")
        .agg(F.max("capture").alias("survivor"), F.count(F.lit(1)).alias("captures"))
        .where(F.col("captures") > 1)
    )
    survivor = F.col("survivor")
    same_row = (F.col("capture")[WARC_FILE.name] == survivor[WARC_FILE.name]) & (
        F.col(WARC_OFFSET.name) == survivor[WARC_OFFSET.name]
    )
    verdicts = (
        keys.join(repeated, on=["key_1", "key_2"], how="inner")
        .where(~same_row)
        .select(
            PART_ID,
            WARC_OFFSET.name,
            F.lit("dedup_url").alias("stage"),
            F.lit("newer_capture").alias("reason"),
            F.lit(None).cast("double").alias("value"),
            F.lit(None).cast("double").alias("limit"),
            survivor[RECORD_ID.name].alias("survivor_record_id"),
            survivor[URL.name].alias("survivor_url"),
            F.lit(None).cast("double").alias("similarity"),
        )
    )
    side.save(VERDICTS, verdicts, by_part=True)


@stage(
    needs=(DOC_ID, RECORD_ID, URL, FETCH_TIME, WARC_FILE, WARC_OFFSET),
    measures=(VERDICT,),
    measure=look_up_verdicts,
    fit=fit_dedup_url,
)
def dedup_url(docs: "DataFrame", params: DedupUrlParams) -> "DataFrame":  # noqa: ARG001
    """Keep the most recent capture of each canonical URL."""
    return first_reason(docs, docs[VERDICT.name])
