"""Extraction: types of pages, confidence, what was left out, and single pages beside their texts."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.parts import Part
from pipeline.errors import InputError, ManifestError
from pipeline.inputs.files import kind_of
from pipeline.inputs.pages import warc_pages
from pipeline.inspection.show import Source, show
from pipeline.results.redaction import Redaction
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from pipeline.stages.extract import ExtractParams
from pipeline.summaries.histograms import counts_in
from pipeline.summaries.reading import added, all_records, empty, lowest, ones, records_judged, stage_of, stages_of
from schemas.columns import (
    DOC_ID,
    DROP,
    EXTRACTION_CONFIDENCE,
    EXTRACTOR,
    PAGE_TYPE,
    SOURCE_URL,
    WARC_FILE,
    WARC_OFFSET,
)

STAGE: Final = "extract"
_BINS: Final = 25
_FILES: Final = 2
_OF_CLASSES: Final = "class "
"""What a fact about a block begins with that quotes the page's own class names."""


def page_types(run: str) -> pa.Table:
    """Return pages by type and by what chose their text: `pages`, those `kept` to the end, mean `confidence` (0 to 1).

    Empty without `extract`.
    """
    by, sums = (PAGE_TYPE.name, EXTRACTOR.name), ("pages", "kept", "sure", "thousandths")
    total = empty(by, sums)
    for batch in records_judged(run, STAGE, (PAGE_TYPE, EXTRACTOR, EXTRACTION_CONFIDENCE)):
        confidence = pc.fill_null(batch.column(EXTRACTION_CONFIDENCE.name), 0)
        rows = pa.table(
            {
                **{name: batch.column(name) for name in by},
                "pages": ones(batch.num_rows),
                "kept": pc.is_null(batch.column(DROP.name)).cast(pa.int64()),
                "sure": pc.is_valid(batch.column(EXTRACTION_CONFIDENCE.name)).cast(pa.int64()),
                "thousandths": pc.round(pc.multiply(confidence, 1000)).cast(pa.int64()),
            }
        )
        total = added(total, rows, by, sums)
    of = pc.if_else(pc.greater(total["sure"], 0), pc.multiply(total["sure"], 1000), None)
    means = pc.divide(total["thousandths"].cast(pa.float64()), of.cast(pa.float64()))
    table = total.drop_columns(["sure", "thousandths"]).append_column("confidence", means)
    return table.sort_by([("pages", "descending"), *((name, "ascending") for name in by)])


def confidences(run: str) -> pa.Table:
    """Return how sure extraction was of its texts: `became` (kept, or dropped), `from`, `to` (0 to 1), `pages`."""
    edges = np.linspace(0, 1, _BINS + 1)
    counts = {became: np.zeros(_BINS, np.int64) for became in ("kept", "dropped")}
    for batch in records_judged(run, STAGE, (EXTRACTION_CONFIDENCE,)):
        is_kept = pc.is_null(batch.column(DROP.name))
        values = batch.column(EXTRACTION_CONFIDENCE.name)
        counts["kept"] += counts_in(edges, values.filter(is_kept))
        counts["dropped"] += counts_in(edges, values.filter(pc.invert(is_kept)))
    rows = [
        {"became": became, "from": float(edges[n]), "to": float(edges[n + 1]), "pages": int(count)}
        for became, of_side in counts.items()
        for n, count in enumerate(of_side)
    ]
    schema = pa.schema([("became", pa.string()), ("from", pa.float64()), ("to", pa.float64()), ("pages", pa.int64())])
    return pa.Table.from_pylist(rows if stage_of(run, STAGE) is not None else [], schema)


def doubtful_pages(run: str, most: int = 10) -> pa.Table:
    """Return the pages of whose texts extraction was least sure, of those whose texts may be shown.

    Columns: `doc_id`, `source_url`, `page_type`, `extraction_confidence`, `stage` that dropped it later, or `kept`.
    """
    columns = (DOC_ID, SOURCE_URL, PAGE_TYPE, EXTRACTION_CONFIDENCE)
    schema = pa.schema([*((column.name, column.type) for column in columns), ("stage", pa.string())])
    redaction = Redaction(Run(run).tables()[-1])
    shown = [name for name in [*Run(run).stages, "kept"] if redaction.has_passed(name)]
    first = schema.empty_table()
    for batch in records_judged(run, STAGE, columns):
        rows = pa.Table.from_batches([batch]).append_column("stage", stages_of(batch)).select(schema.names)
        rows = rows.filter(pc.is_in(rows["stage"], pa.array(shown, pa.string())))
        rows = rows.filter(pc.is_valid(rows[EXTRACTION_CONFIDENCE.name]))
        order = [(EXTRACTION_CONFIDENCE.name, "ascending"), (DOC_ID.name, "ascending")]
        first = pa.concat_tables([first, rows.cast(schema)]).sort_by(order).slice(0, most)
    return first


class LeftOut(NamedTuple):
    """What of a sample of pages was left out.

    Attributes:
        pages: `doc_id`, `source_url`, `blocks`, `left_out` (blocks), `words`, `words_left_out`.
        facts: `fact` that speaks against blocks, `blocks` of which it holds, `words` in them.
        sentence: Which pages these are, or why there are none.
    """

    pages: pa.Table
    facts: pa.Table
    sentence: str


def left_out(run: str, most: int = 60) -> LeftOut:
    """Return what was left out of a sample of pages, which are read again from their WARC files.

    The sample is the pages with the lowest doc_ids, of no more than two files, for a file is read from its beginning.
    Facts are told without the page's own words.

    Args:
        run: The run directory.
        most: Pages.
    """
    pages = pa.schema(
        [
            (DOC_ID.name, pa.string()),
            (SOURCE_URL.name, pa.string()),
            *((name, pa.int64()) for name in ("blocks", "left_out", "words", "words_left_out")),
        ]
    ).empty_table()
    facts = empty(("fact",), ("blocks", "words"))
    extracted = stage_of(run, STAGE)
    if extracted is None:
        return LeftOut(pages, facts, "The run has no stage extract.")
    rows: list[dict[str, object]] = []
    told: dict[str, list[int]] = {}
    tables = Run(run).tables()
    columns = (SOURCE_URL, WARC_FILE, WARC_OFFSET)
    sample = lowest(all_records(tables, (DOC_ID, *columns), tables.index(extracted) + 1), 4 * most, columns)
    try:
        for row, source in _pages_again(run, extracted, sample, most):
            seen = show(source)
            without = sum(block.words for block in seen.rejected)
            words = without + len(seen.extraction.text.split())
            rows.append(
                {
                    DOC_ID.name: row[DOC_ID.name],
                    SOURCE_URL.name: row[SOURCE_URL.name],
                    "blocks": seen.blocks,
                    "left_out": len(seen.rejected),
                    "words": words,
                    "words_left_out": without,
                }
            )
            for block in seen.rejected:
                for fact in plain_facts(block.why):
                    counts = told.setdefault(fact, [0, 0])
                    counts[0] += 1
                    counts[1] += block.words
    except (InputError, ManifestError, OSError) as error:
        return LeftOut(pages, facts, f"The pages cannot be read again: {type(error).__name__}.")
    if not rows:
        return LeftOut(pages, facts, "None of the pages lies in a WARC file where it was: nothing is read again.")
    lines = [{"fact": fact, "blocks": blocks, "words": words} for fact, (blocks, words) in told.items()]
    return LeftOut(
        pa.Table.from_pylist(rows, pages.schema),
        pa.Table.from_pylist(lines, facts.schema).sort_by([("blocks", "descending"), ("fact", "ascending")]),
        f"The {len(rows):,} pages with the lowest doc_ids were read again from their WARC files.",
    )


def plain_facts(facts: list[str]) -> list[str]:
    """Return what speaks against a block, without the names that the page itself gives its classes.

    Shares are in words of tenths, so that blocks can be counted by them.

    >>> plain_facts(["73% of it is links", "class jane-at-mill", "few words", "stands 4 times on the page"])
    ['much of it is links', 'its classes are those of boilerplate', 'few words', 'stands more than once on the page']
    """
    plain = []
    for fact in facts:
        if fact.startswith(_OF_CLASSES):
            plain.append("its classes are those of boilerplate")
        elif fact.endswith("% of it is links"):
            plain.append("much of it is links")
        elif fact.startswith("stands ") and fact.endswith(" times on the page"):
            plain.append("stands more than once on the page")
        else:
            plain.append(fact)
    return list(dict.fromkeys(plain))


def _pages_again(run: str, extracted: Table, sample: pa.Table, most: int) -> Iterator[tuple[dict[str, object], Source]]:
    """Yield documents of a sample with their pages, from the files that hold the first of them."""
    params = ExtractParams.model_validate(extracted.manifest.params)
    parts = {record.source: record for record in Run(run).tables()[0].parts}
    rows = sample.to_pylist()
    files = list(dict.fromkeys(row[WARC_FILE.name] for row in rows))
    for file in [file for file in files if file in parts and kind_of(parts[file].uri) == "warc"][:_FILES]:
        record = parts[file]
        part = Part(record.name, record.source, record.uri, record.bytes, "")
        wanted = {
            row[WARC_OFFSET.name]: row for row in [row for row in rows if row[WARC_FILE.name] == file][: most // _FILES]
        }
        for page in warc_pages(part, set(wanted)):
            if page.offset in wanted and not page.is_text:
                row = wanted[page.offset]
                yield row, Source(page.source.decode(), row[SOURCE_URL.name], [], params, page.is_xml)
