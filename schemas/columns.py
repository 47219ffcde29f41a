"""Columns that stages need and add: one name, one type, one meaning each.

Types are Arrow's; `pipeline.spark.types` translates them for Spark. A column with a `default` may be absent from a
table of texts that a user brings: it then holds that value.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import pyarrow as pa


class _Default(Enum):
    """An enumeration's members stay themselves when they travel to a worker."""

    REQUIRED = "required"


REQUIRED = _Default.REQUIRED
"""Marks a column that no default can stand in for."""


SCRATCH = "__"
"""A name that begins so is a stage's own affair: no later stage and no table has it."""


@dataclass(frozen=True, eq=False)
class Column:
    """A named, typed, commented column of the tables that stages exchange."""

    name: str
    type: pa.DataType
    comment: str
    default: Any = REQUIRED

    @property
    def field(self) -> pa.Field:
        """The Arrow field of this column; every column may hold nulls."""
        return pa.field(self.name, self.type, metadata={"comment": self.comment})


SPAN_TYPE = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("kind", pa.string())])

PII_TYPE = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("entity", pa.string()), ("score", pa.float32())])

CONTAMINATION_TYPE = pa.struct(
    [
        ("suite", pa.string()),
        ("item", pa.string()),
        ("is_training", pa.bool_()),
        ("coverage", pa.float64()),
        ("words", pa.int32()),
        ("answer_near", pa.bool_()),
        ("start", pa.int32()),
        ("end", pa.int32()),
    ]
)

NO_PROSE = ("code", "math")
"""Kinds of spans that are spared where prose is measured, labelled or taken out; what is marked otherwise is prose."""

DROP_TYPE = pa.struct(
    [
        ("stage", pa.string()),
        ("reason", pa.string()),
        ("value", pa.float64()),
        ("limit", pa.float64()),
        ("survivor_record_id", pa.string()),
        ("survivor_url", pa.string()),
        ("survivor_run", pa.string()),
        ("similarity", pa.float64()),
    ]
)

# Identity: where the row comes from.
RECORD_ID = Column("record_id", pa.string(), "WARC-Record-ID as written in the file; the URL column's value for tables")
DOC_ID = Column("doc_id", pa.string(), "128-bit hash of the record's own identity and its URL, as 32 hex digits")
SOURCE_URL = Column("source_url", pa.string(), "URL as crawled")
URL = Column("url", pa.string(), "Canonical URL; an id that is no URL stands here verbatim")
HOST = Column("host", pa.string(), "Host of the canonical URL, lower case", None)
FETCH_TIME = Column("fetch_time", pa.timestamp("us", "UTC"), "WARC-Date of the capture; null where unknown", None)
WARC_FILE = Column("warc_file", pa.string(), "Input file as the user named it")
WARC_OFFSET = Column(
    "warc_offset",
    pa.int64(),
    "Where the record begins in its file, in bytes (counted on where a file is one gzip member); row number for tables",
)

# What ingest keeps of the HTTP response.
BODY_BYTES = Column("body_bytes", pa.int64(), "Bytes of the decoded body", None)
BODY_HASH = Column("body_hash", pa.int64(), "XXH3 of the decoded body: of what extract reads", None)
CHARSET = Column("charset", pa.string(), "Charset that the Content-Type header names, lower case", None)
X_ROBOTS_TAG = Column("x_robots_tag", pa.string(), "X-Robots-Tag headers, one a line", None)
CONTENT_USAGE = Column("content_usage", pa.string(), "Headers Content-Usage and Content-Signal, one a line", None)
TDM_RESERVATION = Column("tdm_reservation", pa.string(), "TDM-Reservation header", None)
TDM_POLICY = Column("tdm_policy", pa.string(), "TDM-Policy header", None)
DECLARED_ROBOTS = Column(
    "declared_robots", pa.string(), "Meta tags for robots that forbid something, 'name: content', one a line", None
)
DECLARED_TDM = Column(
    "declared_tdm", pa.string(), "Meta tags tdm-reservation and tdm-policy, 'name: content', one a line", None
)
CONTENT_LANGUAGE = Column("content_language", pa.string(), "Content-Language header", None)
LAST_MODIFIED = Column("last_modified", pa.string(), "Last-Modified header as sent", None)
DROP = Column("drop", DROP_TYPE, "Why the row was dropped; null while it is kept", None)

# What the address says.
URL_CATEGORIES = Column(
    "url_categories",
    pa.string(),
    "Categories of all list entries that the URL, its host or a parent of that meets, in order, joined by ','; null for"
    " none",
    None,
)
URL_HARD_WORDS = Column("url_hard_words", pa.int32(), "Different words of `url_screen.hard_words` in the URL", None)
URL_SOFT_WORDS = Column("url_soft_words", pa.int32(), "Different words of `url_screen.soft_words` in the URL", None)
OPT_OUT_SIGNAL = Column(
    "opt_out_signal",
    pa.string(),
    "By what the page's owner has opted out, honoured or not: source, agent, directive; null where by nothing",
    None,
)

# Text.
TEXT = Column("text", pa.string(), "Plain text of the document, one block a line")
TITLE = Column("title", pa.string(), "Title of the page; null where there is none", None)
SPANS = Column(
    "spans", pa.list_(SPAN_TYPE), "Headings, tables, code and math in the text: start, end (code points), kind", []
)
PAGE_TYPE = Column(
    "page_type",
    pa.string(),
    "article, forum, documentation, product, collection or service, as a model judges; null for a page without text",
    None,
)
EXTRACTION_CONFIDENCE = Column(
    "extraction_confidence",
    pa.float32(),
    "F1 expected of the text against the page's true main content, 0 to 1; null for a page that was not read",
    None,
)
EXTRACTOR = Column("extractor", pa.string(), "What chose the text: blocks, trafilatura, or json-ld", None)

# What the page declares of itself. The names say so: a table that a user brings may well have a `published` of its own.
DECLARED_LANGUAGE = Column("declared_language", pa.string(), "Language that the page declares, a BCP 47 tag", None)
CANONICAL_URL = Column("declared_canonical_url", pa.string(), "Address that the page declares for itself", None)
PUBLISHED = Column("declared_published", pa.string(), "When it says it was published, ISO 8601", None)
MODIFIED = Column("declared_modified", pa.string(), "When it says it was last changed, ISO 8601", None)
LICENSE = Column(
    "declared_license",
    pa.string(),
    "Licence that the page links as its own, else the first open licence it links: cc-by-4.0 or a URL; may be a part's",
    None,
)

# Labels.
LANGUAGE = Column(
    "language",
    pa.string(),
    "Language of the prose: ISO 639-1, or lid.176's code, or ISO 639-3; 'und' below the score limit",
    "und",
)
LANGUAGE_SCORE = Column("language_score", pa.float32(), "Probability of the language, 0 to 1", None)
LANGUAGE_LABEL = Column("language_label", pa.string(), "The model's own likeliest label, such as eng_Latn", None)
LANGUAGE_SCRIPT = Column("language_script", pa.string(), "Script of most letters of the prose, by ISO 15924", None)
LANGUAGE_SECOND = Column(
    "language_second", pa.string(), "Language of another part of the prose; null where there is none of a tenth", None
)
LANGUAGE_SECOND_SHARE = Column("language_second_share", pa.float32(), "Share of the prose of that part, 0 to 1", None)
CODE_SHARE = Column("code_share", pa.float32(), "Share of the text's code points inside code spans, 0 to 1", None)
MATH_SHARE = Column("math_share", pa.float32(), "Share of the text's code points inside math spans, 0 to 1", None)
CODE_SCORE = Column("code_score", pa.float32(), "Probability that the page shows code, by its text, 0 to 1", None)
MATH_SCORE = Column("math_score", pa.float32(), "Probability that the page shows mathematics, likewise", None)
CATEGORY = Column("category", pa.string(), "general, math, code, multilingual; null stays out of the mix", None)

TOXICITY_SCORE = Column(
    "toxicity_score",
    pa.float32(),
    "Probability that the text is toxic; null in languages the model does not know",
    None,
)

# What kind of page it is, and how good.
TOPIC = Column("topic", pa.string(), "Likeliest topic; null in languages the model does not know", None)
TOPIC_SCORE = Column("topic_score", pa.float32(), "Probability of the topic, 0 to 1", None)
QUALITY_SCORE = Column(
    "quality_score", pa.float32(), "Highest or mean percentile that a quality model gives the page, 0 to 1", None
)
QUALITY_PERCENTILE = Column(
    "quality_percentile",
    pa.float32(),
    "Share of the tokens of its language and category in documents with a lower quality_score, 0 to 1",
    None,
)
QUALITY_BUCKET = Column(
    "quality_bucket", pa.int32(), "Twentieth of the tokens of its language and category, 0 to 19", None
)

PII = Column(
    "pii",
    pa.list_(PII_TYPE),
    "Personal data that was replaced: start and end of what stands in its place (code points), kind, score",
    None,
)
PII_PER_1000_WORDS = Column("pii_per_1000_words", pa.float32(), "Values of personal data per 1,000 words", None)
LOG_LINES_REMOVED = Column(
    "log_lines_removed", pa.int32(), "Lines of logs and the like that were taken out of the text", None
)
LINES_REMOVED = Column("lines_removed", pa.int32(), "Lines that line de-duplication took out of the text", None)
CONTAMINATION = Column(
    "contamination",
    pa.list_(CONTAMINATION_TYPE),
    "Items of benchmarks in the text, best first: suite, id, whether of a training set, coverage 0 to 1, words of the"
    " item, whether its answer stands near (null: it has none), start and end (code points) as `decontaminate` read the"
    " text; null for none",
    None,
)

# Copies that it stands for.
CAPTURES = Column(
    "captures",
    pa.int32(),
    "Older captures of its address that it is kept in the place of; null where there is none",
    None,
)
COPIES_EXACT = Column(
    "copies_exact", pa.int32(), "Exact copies that it is kept in the place of; null where there is none", None
)
COPIES_NEAR = Column(
    "copies_near", pa.int32(), "Near duplicates that it is kept in the place of; null where there is none", None
)

# Mix.
TOKENS = Column("tokens", pa.int32(), "Tokens of the text by the mix's tokenizer, no special tokens", None)
TEXT_BYTES = Column("text_bytes", pa.int64(), "Bytes of the text in UTF-8", None)
SPLIT = Column("split", pa.string(), "train, or validation: of a site that no document of the mix is from", None)
EPOCHS = Column("epochs", pa.int32(), "Times the document stands in the training split of the release")
WEIGHT = Column("weight", pa.float64(), "Times that documents of its cell stand in the mix, on average")
ANNEAL_EPOCHS = Column("anneal_epochs", pa.int32(), "Times the document stands in the annealing set", None)
EPOCH = Column("epoch", pa.int32(), "Which repetition of the document this row is, from 0")

IDENTITY = (RECORD_ID, DOC_ID, URL, SOURCE_URL, FETCH_TIME, WARC_FILE, WARC_OFFSET)
"""What every table of every stage carries."""

TEXT_DEFAULTS = (TITLE, SPANS, PAGE_TYPE, LANGUAGE, CATEGORY)
"""What a table of texts that a user brings is given where it lacks it: the columns' defaults."""

SURVIVOR_FIELDS = ("survivor_record_id", "survivor_url", "survivor_run", "similarity")


_NAMED = {column.name: column for column in list(vars().values()) if isinstance(column, Column)}


def column_named(name: str) -> Column | None:
    """Return the project's column of this name, None for a column of the user's own."""
    return _NAMED.get(name)
