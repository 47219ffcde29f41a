"""extract: HTML → plain text with its code and math, and what pages declare, for the pages that are still wanted."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from importlib.resources import files
from itertools import chain
from traceback import format_tb
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pyarrow as pa
import xxhash
from pydantic import Field

from pipeline.cells.parts import BatchStream, Part, charsets_digest, page_keys
from pipeline.engine.stage import Stage, WatchedParams, stage
from pipeline.engine.tables import FittedTables
from pipeline.errors import InputError
from pipeline.inputs.files import changed
from pipeline.inputs.pages import Page, PageReader, table_pages, warc_pages
from pipeline.kernels.text.composed import compose, is_composed, nfc
from pipeline.rows.reasons import dropped, first_reason
from pipeline.terminal import safe
from schemas.columns import (
    BODY_HASH,
    CANONICAL_URL,
    DECLARED_LANGUAGE,
    DOC_ID,
    EXTRACTION_CONFIDENCE,
    EXTRACTOR,
    LICENSE,
    MODIFIED,
    PAGE_TYPE,
    PUBLISHED,
    SOURCE_URL,
    SPAN_TYPE,
    SPANS,
    TEXT,
    TITLE,
    WARC_FILE,
    WARC_OFFSET,
    Column,
)
from schemas.reasons import QUARANTINED

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_REFUSAL = Column("__unread", pa.string(), "why there is no text", None)
_LOG = logging.getLogger(__name__)
_BATCH_ROWS = 256
_BATCH_CHARS = 4 << 20
_READ = (
    *(TEXT, SPANS, TITLE, PAGE_TYPE, DECLARED_LANGUAGE, CANONICAL_URL, PUBLISHED, MODIFIED),
    *(LICENSE, EXTRACTION_CONFIDENCE, EXTRACTOR),
)
"""What the kernel tells of a page, in its order."""
_UNREAD = ("", (), *(None,) * (len(_READ) - 2))
_ANY_PAGE = (
    "<h1>A</h1><p>B <math><mi>x</mi></math> <code>c</code><pre>d</pre><table><tr><td>E<td>f</table><ul><li>g</ul>"
    "<b>h<p>i</b><div class=fragment><div class=line><i class=lineno>1</i>j</div></div>"
    "<script src=mathjax.js></script>\\(k\\)<x-l><template shadowrootmode=open><slot></slot></template>m</x-l>"
)


class ExtractParams(WatchedParams):
    """Parameters of extract."""

    engine: Literal["blocks", "trafilatura"] = "blocks"
    """What chooses the text: blocks, the learned classifier of text blocks; or trafilatura, the baseline beside it."""
    compose: bool = True
    """Whether texts and titles are composed (Unicode's NFC, as the W3C asks of the web), code as it stands; they are
    compared so in any case."""
    max_nodes: int = Field(200_000, ge=1)
    """Elements of a page above which its rest is not looked at."""
    charsets_digest: str | None = None
    """Hash of the tables of charsets; the run fills it in."""
    model_digest: str | None = None
    """Hash of the fitted model's file; the run fills it in, so that another fit reads the pages anew."""

    def resolved(self) -> Self:
        """Return the parameters with the hashes of the model that ships, and of the tables of charsets."""
        return self.model_copy(update={"model_digest": model_digest(), "charsets_digest": charsets_digest()})


def model_digest() -> str:
    """Return what the shipped model is known by: the hash of its file, without loading what evaluates it."""
    return xxhash.xxh3_128_hexdigest((files("pipeline.kernels.html.main_content") / "main_content.npz").read_bytes())


def measure_extract(
    rows: BatchStream, params: ExtractParams, fitted: FittedTables, pages: PageReader = warc_pages
) -> BatchStream:
    """Scan the part's file once and add to the rows what their pages say and declare.

    Raises:
        InputError: The file does not hold the pages that ingest met there.
    """
    _make_ready(params)
    part = fitted.part
    keys = pa.Table.from_batches(batches) if (batches := list(rows)) else None
    if keys is None or not keys.num_rows:
        return
    columns = (WARC_OFFSET, SOURCE_URL, DOC_ID, BODY_HASH)
    offsets, urls, doc_ids, hashes = (keys[column.name].to_pylist() for column in columns)
    quarantined = {number for number, key in enumerate(page_keys(keys)) if key in fitted.quarantined}
    watch = fitted.quarantine.watch(params.max_page_cpu_seconds)
    row_of = {offset: number for number, offset in enumerate(offsets) if number not in quarantined}
    batch = _ReadRows(keys, quarantined, part)
    for page in pages(part, set(row_of)):
        number = row_of[page.offset]
        if number < batch.next_row:  # a second record at the same place
            continue
        batch.pass_over(number)
        if page.body_hash != hashes[number]:
            raise InputError(changed(part))
        with watch.page(part, page.offset, doc_ids[number], urls[number]):
            batch.add(_read(page, urls[number], params))
        if batch.is_full:
            yield batch.take()
    batch.pass_over(keys.num_rows)
    yield from batch.rest()


class _ReadRows:
    """Rows of a part in their order, each with what was read of its page, or why there is nothing."""

    def __init__(self, keys: pa.Table, quarantined: set[int], part: Part) -> None:
        self._keys, self._quarantined, self._part = keys, quarantined, part
        self.next_row = 0
        self._start = 0
        self._read: list[Sequence[Any]] = []
        self._refusals: list[str | None] = []
        self._chars = 0

    def pass_over(self, until: int) -> None:
        """Add the rows before a number: pages come in the order of their places, so these are not read at all.

        Raises:
            InputError: They should have been.
        """
        for number in range(self.next_row, until):
            if number not in self._quarantined:
                raise InputError(changed(self._part))
            self._read.append(_UNREAD)
            self._refusals.append(QUARANTINED)
        self.next_row = max(until, self.next_row)

    def add(self, read: Sequence[Any]) -> None:
        """Add the next row."""
        self._read.append(read)
        self._refusals.append(_refusal_of(read))
        self._chars += len(read[0])
        self.next_row += 1

    @property
    def is_full(self) -> bool:
        """Whether a batch's worth of rows is there."""
        return len(self._read) >= _BATCH_ROWS or self._chars >= _BATCH_CHARS

    def take(self) -> pa.RecordBatch:
        """Return the rows that are there."""
        keys = self._keys.slice(self._start, len(self._read))
        made = _with_read(keys, self._read, self._refusals)
        self._start, self._read, self._refusals, self._chars = self.next_row, [], [], 0
        return made

    def rest(self) -> BatchStream:
        """Yield the rows that are left, where there are any."""
        if self._read:
            yield self.take()


def _refusal_of(read: Sequence[Any]) -> str | None:
    """Return why there is no text, None where there is."""
    if read is _UNREAD:
        return "unreadable"
    return None if read[0].strip(" ") else "no_text"


@lru_cache(maxsize=4)
def _make_ready(params: ExtractParams) -> None:
    """Load and compile what extraction stands on: a worker's first page is not charged for it."""
    _extracted(_ANY_PAGE, "", params)


def _as_it_is(text: str) -> Sequence[Any]:
    """Return the values of `_READ` for a text: its lines without white space around them and without empty ones."""
    lines = (line.strip() for line in text.splitlines())
    return ("\n".join(filter(None, lines)), (), *(None,) * (len(_READ) - 2))


def _extracted(html: str | bytes, url: str, params: ExtractParams, *, xml: bool = False) -> Sequence[Any]:
    """Return the values of `_READ`; those of a page that was not read where reading it breaks."""
    from pipeline.kernels.extraction import extract as extract_text

    try:
        return extract_text(html, url, engine=params.engine, max_nodes=params.max_nodes, xml=xml)
    except (MemoryError, OSError):  # no page is to blame for these
        raise
    except Exception as error:  # a page costs itself, whatever is wrong with it or with us; the log says where
        where = "".join(format_tb(error.__traceback__))  # but not what: the message could quote the page
        _LOG.error("%s could not be read: %s\n%s", safe(url), type(error).__name__, where)
        return _UNREAD


def _read(page: Page, url: str, params: ExtractParams) -> Sequence[Any]:
    """Return what a page says: a text as it is, a page of HTML read."""
    read = _as_it_is(page.source.decode()) if page.is_text else _extracted(page.source, url, params, xml=page.is_xml)
    return _composed(read) if params.compose and read is not _UNREAD else read


def _composed(read: Sequence[Any]) -> Sequence[Any]:
    """Return what was read of a page with its text and title composed."""
    text, spans, title, *others = read
    if not is_composed(text):
        text, spans = compose(text, spans, keep=("code",))
    return (text, spans, title and nfc(title), *others)


def _with_read(keys: pa.Table, read: Sequence[Sequence[Any]], refusals: Sequence[str | None]) -> pa.RecordBatch:
    """Return some rows with what was read of their pages, a column at a time."""
    made = {
        column: span_lists(values) if column is SPANS else pa.array(values, column.type)
        for column, values in zip(_READ, zip(*read, strict=True), strict=True)
    }
    made[_REFUSAL] = pa.array(refusals, _REFUSAL.type)
    names = {column.name for column in made}  # an input table may have a title of its own: the page's stands
    rows = keys.select([name for name in keys.column_names if name not in names])
    for column, array in made.items():
        rows = rows.append_column(column.field, array)
    return rows.combine_chunks().to_batches()[0]


def span_lists(spans: Sequence[Sequence[tuple[int, int, str]]]) -> pa.ListArray:
    """Return lists of spans as one column: a dictionary for each span would cost more than writing them does.

    >>> span_lists([[(0, 4, "code")], []]).to_pylist()
    [[{'start': 0, 'end': 4, 'kind': 'code'}], []]
    """
    flat = list(chain.from_iterable(spans))
    fields = zip(*flat, strict=True) if flat else ((), (), ())
    ends = np.cumsum([0, *map(len, spans)], dtype=np.int32)
    arrays = [pa.array(values, field.type) for values, field in zip(fields, SPAN_TYPE, strict=True)]
    return pa.ListArray.from_arrays(ends, pa.StructArray.from_arrays(arrays, fields=list(SPAN_TYPE)), type=SPANS.type)


@stage(
    needs=(DOC_ID, SOURCE_URL, WARC_FILE, WARC_OFFSET, BODY_HASH),
    adds=(*_READ, _REFUSAL),
    skip_if_present=(TEXT,),
    measure=measure_extract,
    rereads_source=True,
    version=3,
)
def extract(docs: "DataFrame", params: ExtractParams) -> "DataFrame":  # noqa: ARG001
    """Drop pages on which no text was found, that could not be read, and that hung."""
    from pyspark.sql import functions as F  # noqa: N812

    reason = F.col(_REFUSAL.name)
    return first_reason(docs, F.when(reason.isNotNull(), dropped("extract", reason)))


def extract_table(html_column: str) -> Stage:
    """Return the extract stage for an input table that holds HTML."""
    return replace(extract, measure=partial(measure_extract, pages=partial(table_pages, column=html_column)))
