"""A page as extraction reads it: what it declares, its text with the spans marked, and why the rest was left out."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from pydantic import ValidationError

from pipeline.cells.parts import Part
from pipeline.errors import InputError, ManifestError, near_miss
from pipeline.inputs.files import kind_of
from pipeline.inputs.pages import Page, table_pages, warc_pages
from pipeline.inspection.page_notes import page_notes
from pipeline.kernels.extraction import Extraction, cut_tags, extract
from pipeline.kernels.html.main_content.model import shipped_model
from pipeline.kernels.html.reading import Reading, read_page
from pipeline.kernels.html.rejections import Rejected, block_texts, cut_of, rejected_blocks
from pipeline.kernels.text.spans import Span
from pipeline.kernels.warc.charset import decode
from pipeline.kernels.warc.http import HTML_TYPES
from pipeline.kernels.warc.sniffing import is_html, is_text
from pipeline.results.explain import records_of
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from pipeline.stages.extract import ExtractParams, model_digest
from schemas.columns import (
    CANONICAL_URL,
    DECLARED_LANGUAGE,
    EXTRACTION_CONFIDENCE,
    EXTRACTOR,
    LICENSE,
    MODIFIED,
    PAGE_TYPE,
    PUBLISHED,
    SPANS,
    TEXT,
    TITLE,
)
from schemas.reasons import meaning_of

Engine = Literal["blocks", "trafilatura"]

_MAX_CHARS = 8_000_000
_SHOWN = 44
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_FACTS = {
    TITLE: "title",
    PAGE_TYPE: "type",
    DECLARED_LANGUAGE: "language",
    CANONICAL_URL: "canonical",
    PUBLISHED: "published",
    MODIFIED: "modified",
    LICENSE: "licence",
    EXTRACTION_CONFIDENCE: "confidence",
    EXTRACTOR: "engine",
}


class Source(NamedTuple):
    """A page to show.

    Attributes:
        html: Its HTML.
        url: Its address.
        where: Where it came from.
        params: The parameters it is to be read with.
        is_xml: Whether it was sent as XML.
    """

    html: str
    url: str | None
    where: list[str]
    params: ExtractParams
    is_xml: bool = False


@dataclass(frozen=True)
class Shown:
    """What there is to tell of a page.

    Attributes:
        where: Where it came from, in words.
        extraction: What extraction says.
        blocks: How many text blocks it has.
        cut: The lowest probability at which a block was kept; None where none was.
        rejected: The blocks that were left out.
        notes: What of its markup is read in a way of its own.
    """

    where: list[str]
    extraction: Extraction
    blocks: int
    cut: float | None
    rejected: list[Rejected]
    notes: list[str]

    def as_values(self, most: int | None) -> dict[str, Any]:
        """Return all of it as JSON values, by the names of the columns."""
        values = {column.name: value for column, value in _values(self.extraction).items()}
        rejected = [{**block._asdict(), "probability": round(block.probability, 4)} for block in self.rejected[:most]]
        return values | {
            EXTRACTION_CONFIDENCE.name: round(self.extraction.confidence, 4),
            TEXT.name: self.extraction.text,
            SPANS.name: [span._asdict() for span in self.extraction.spans],
            "from": self.where,
            "notes": self.notes,
            "blocks": self.blocks,
            "kept_from": None if self.cut is None else round(self.cut, 4),
            "left_out": len(self.rejected),
            "rejected": rejected,
        }

    def lines(self, most: int | None) -> Iterator[str]:
        """Yield all of it as lines for people."""
        for where in self.where:
            yield f"from        {where}"
        for column, value in _values(self.extraction).items():
            if value is not None:
                shown = f"{value:.2f} (F1 expected of the text)" if isinstance(value, float) else _safe(str(value))
                yield f"{_FACTS[column]:<11} {shown}"
        for note in self.notes:
            yield f"note        {note}"
        yield ""
        yield from _marked(self.extraction.text, self.extraction.spans)
        yield ""
        yield from self._left_out(most)

    def _left_out(self, most: int | None) -> Iterator[str]:
        what = "kept from a probability of" if self.extraction.engine == "blocks" else "the classifier would keep from"
        cut = f" ({what} {self.cut:.2f} on)" if self.cut is not None else ""
        yield f"left out: {len(self.rejected)} of {self.blocks} blocks{cut}"
        for block in self.rejected[:most]:
            text = block.text if len(block.text) <= _SHOWN else f"{block.text[: _SHOWN - 1]}…"
            yield f"{block.probability:6.2f}  {_safe(text):<{_SHOWN}}  {'; '.join(block.why)}".rstrip()
        if most is not None and len(self.rejected) > most:
            yield f"… and {len(self.rejected) - most} more: --rejected all"


def show(source: Source) -> Shown:
    """Read a page as the stage does, and tell why what was left out was."""
    params = source.params
    extraction = extract(
        source.html,
        source.url,
        engine=params.engine,
        max_chars=_MAX_CHARS,
        max_nodes=params.max_nodes,
        xml=source.is_xml,
    )
    page = cut_tags(source.html[:_MAX_CHARS].encode("utf-8", "ignore"), params.max_nodes)
    reading = read_page(page, source.url, shipped_model(), xml=source.is_xml)
    texts = block_texts(reading)
    rejected = rejected_blocks(reading, texts, _left_out(reading, texts, extraction))
    notes = page_notes(reading, extraction)
    return Shown(source.where, extraction, len(texts), cut_of(reading), rejected, notes)


def _left_out(reading: Reading, texts: Sequence[str], extraction: Extraction) -> Any:
    """Return which blocks are not in the text; trafilatura knows no blocks, so its text is searched for them."""
    if extraction.engine == "blocks":
        return ~reading.kept
    text = " ".join(extraction.text.split())
    return np.array([words not in text for words in texts], np.bool_)


def page_of_file(path: str, url: str | None, engine: Engine | None) -> Source:
    """Return the page that a file holds, `-` for standard input.

    Raises:
        InputError: There is no such file, with the near miss; or it holds no text.
    """
    if path != "-" and not Path(path).exists():
        instead = near_miss(path, [str(file) for file in Path(path).parent.glob("*")]) if "://" not in path else ""
        hint = ": a page out of a run is named with --run RUN" if "://" in path else instead
        raise InputError(f"no such file: {path}{hint}")
    body = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    if body.strip(b"\0\t\n\r ") and not (is_html(body, HTML_TYPES[0]) and is_text(body, None)):
        raise InputError(f"{path} is no page: its bytes are another format or noise, and a run drops it as not_html")
    text, charset = decode(body, None)
    where = f"{'standard input' if path == '-' else path}, read as {charset}"
    return Source(text, url, [where], ExtractParams(engine=engine or "blocks"))


def page_of_run(run: str, page: str, engine: Engine | None) -> Source:
    """Return a page out of a run: of several captures the newest of those that got furthest.

    Args:
        run: The run directory.
        page: URL as crawled or canonical, WARC-Record-ID or doc_id.
        engine: Which to read it with; None for the run's own.

    Raises:
        ManifestError: The run has no such page, or never read it; or its record is no longer there.
    """
    tables = {table.stage: table for table in Run(run).tables()}
    records = records_of(run, page)
    steps = list(tables)
    row = max(reversed(records), key=lambda record: (_reached(record, steps), str(record["fetch_time"])))
    if row["stage"] == "ingest":
        meaning = meaning_of("ingest", row["reason"])
        raise ManifestError(f"{page} is no page: ingest dropped it as '{row['reason']}'. {meaning}")
    stored = _page_of(tables["ingest"], row)
    where = [f"{row['warc_file']} at {row['warc_offset']:,}, {'kept' if row['kept'] else 'dropped by ' + row['stage']}"]
    if len(records) > 1:
        others = ", ".join(str(record["doc_id"]) for record in records if record is not row)
        where.append(f"{len(records)} captures, of which this is {row['doc_id']}; the others: {others}")
    params = _params_of(tables.get("extract"))
    if params.model_digest not in (None, model_digest()):
        where.append("the run read it with another model: what is shown is how the one that is here reads it")
    params = params.model_copy(update={"engine": engine} if engine else {})
    return Source(stored.source.decode(), row["source_url"], where, params, stored.is_xml)


def _params_of(extracted: Table | None) -> ExtractParams:
    """Return what a run extracted with; the defaults where it did not, or where an earlier version did."""
    try:
        return ExtractParams.model_validate(extracted.manifest.params if extracted else {})
    except ValidationError:
        return ExtractParams()


def _reached(row: dict[str, Any], stages: Sequence[str]) -> int:
    return len(stages) if row["kept"] else stages.index(row["stage"])


def _page_of(ingest: Table, row: dict[str, Any]) -> Page:
    record = next((part for part in ingest.parts if part.source == row["warc_file"]), None)
    if record is None:
        raise ManifestError(f"{row['warc_file']} is no input of the run any more")
    part = Part(record.name, record.source, record.uri, record.bytes, "")
    offset = row["warc_offset"]
    if kind_of(part.uri) == "warc":
        pages = warc_pages(part, {offset})
    elif any(column.name == TEXT.name for column in ingest.columns):
        raise ManifestError(f"{part.source} holds texts: there was no page to extract one from")
    else:
        pages = table_pages(part, {offset}, ingest.manifest.params["html_column"])
    page = next((page for page in pages if page.offset == offset), None)
    if page is None:
        raise ManifestError(f"record not found: {part.source} holds no page at {offset:,} any more")
    return page


def _values(extraction: Extraction) -> dict[Any, Any]:
    return dict(
        zip(
            _FACTS,
            (extraction.title, extraction.page_type, extraction.language, extraction.canonical_url,
             extraction.published, extraction.modified, extraction.licence, extraction.confidence, extraction.engine),
            strict=True,
        )
    )  # fmt: skip


def _marked(text: str, spans: Sequence[Span]) -> Iterator[str]:
    """Yield the lines of a text, what stands in each beside it; in parentheses what is no more than a part of it."""
    start = 0
    for line in text.split("\n") if text else []:
        end = start + len(line)
        here = [span for span in spans if span.start < end and span.end > start]
        kinds = dict.fromkeys(
            span.kind if span.start <= start and span.end >= end else f"({span.kind})" for span in here
        )
        yield f"{' '.join(kinds):>12} │ {_safe(line)}"
        start = end + 1


def _safe(text: str) -> str:
    """Return text that a terminal prints and does not obey."""
    return _CONTROLS.sub("\ufffd", text)
