"""Tables that others rely on: their columns, in order."""

import pyarrow as pa

from schemas.columns import (
    CAPTURES,
    CATEGORY,
    CODE_SCORE,
    COPIES_EXACT,
    COPIES_NEAR,
    DOC_ID,
    EPOCH,
    EXTRACTION_CONFIDENCE,
    FETCH_TIME,
    IDENTITY,
    LANGUAGE,
    LANGUAGE_SCRIPT,
    LANGUAGE_SECOND,
    LANGUAGE_SECOND_SHARE,
    LICENSE,
    MATH_SCORE,
    PAGE_TYPE,
    PUBLISHED,
    QUALITY_BUCKET,
    QUALITY_PERCENTILE,
    QUALITY_SCORE,
    SOURCE_URL,
    TEXT,
    TITLE,
    TOKENS,
    TOPIC,
    TOPIC_SCORE,
    TOXICITY_SCORE,
    URL,
    WARC_FILE,
    WARC_OFFSET,
    WEIGHT,
)

DECISIONS = pa.schema(
    [
        *(column.field for column in IDENTITY),
        pa.field("kept", pa.bool_()),
        pa.field("stage", pa.string(), metadata={"comment": "Stage that dropped the record; null where kept"}),
        pa.field("reason", pa.string(), metadata={"comment": "Drop reason; see schemas.reasons"}),
        pa.field("value", pa.float64(), metadata={"comment": "What was measured, where the reason is a threshold"}),
        pa.field("limit", pa.float64(), metadata={"comment": "The threshold that the value failed"}),
        pa.field("survivor_record_id", pa.string(), metadata={"comment": "Record kept in this one's place"}),
        pa.field("survivor_url", pa.string(), metadata={"comment": "URL of the record kept in its place"}),
        pa.field("survivor_run", pa.string(), metadata={"comment": "Earlier run that record is of; null for this one"}),
        pa.field("similarity", pa.float64(), metadata={"comment": "Estimated Jaccard similarity to the survivor"}),
    ]
)
"""One row for every WARC response record (or table row) that came in."""

INPUTS = pa.schema(
    [
        WARC_FILE.field,
        pa.field("bytes", pa.int64(), metadata={"comment": "Size of the file"}),
        pa.field("records", pa.int64(), metadata={"comment": "Records of any type that could be read"}),
        pa.field(
            "responses", pa.int64(), metadata={"comment": "Records taken as pages or texts (or table rows) among them"}
        ),
        pa.field(
            "kinds",
            pa.list_(pa.struct([("kind", pa.string()), ("count", pa.int64())])),
            metadata={"comment": "Records by type of WARC record and media type; none for tables"},
        ),
        pa.field("error", pa.string(), metadata={"comment": "What is damaged; null where the file is whole"}),
    ]
)
"""One row an input file."""

RELEASE = pa.schema(
    [
        column.field
        for column in (
            DOC_ID,
            URL,
            SOURCE_URL,
            TITLE,
            TEXT,
            LANGUAGE,
            LANGUAGE_SCRIPT,
            LANGUAGE_SECOND,
            LANGUAGE_SECOND_SHARE,
            PAGE_TYPE,
            CATEGORY,
            CODE_SCORE,
            MATH_SCORE,
            TOXICITY_SCORE,
            TOPIC,
            TOPIC_SCORE,
            QUALITY_SCORE,
            QUALITY_PERCENTILE,
            QUALITY_BUCKET,
            PUBLISHED,
            LICENSE,
            EXTRACTION_CONFIDENCE,
            COPIES_EXACT,
            COPIES_NEAR,
            CAPTURES,
            TOKENS,
            EPOCH,
            WEIGHT,
            FETCH_TIME,
            WARC_FILE,
            WARC_OFFSET,
        )
    ]
)
"""The shards of a release."""
