"""One page of a run: its text, the page beside it, and the blocks that were left out, as far as they may be shown."""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from pipeline.errors import InputError, ManifestError
from pipeline.inspection.show import Shown, page_of_run, show
from pipeline.pii.params import PiiParams
from pipeline.results.explain import records_of
from pipeline.results.redaction import Redaction, ShownText, texts_by_id
from pipeline.runs.run import Run
from pipeline.runs.table import Table
from pipeline.summaries.extraction import plain_facts
from pipeline.summaries.page_frame import MOST_CHARS, frame_of, redacted_lines
from pipeline.summaries.reading import KEPT_STAGE, all_records
from pipeline.terminal import safe
from schemas.columns import DOC_ID, HOST, LANGUAGE

_BLOCKS: Final = pa.schema(
    [("block", pa.string()), ("words", pa.int64()), ("probability", pa.float64()), ("why", pa.string())]
)
_BLOCK_CHARS: Final = 160
_TEXT_CHARS: Final = 20_000


@dataclass(frozen=True)
class PageView:
    """A page as it may be shown.

    Attributes:
        url: As crawled.
        sentence: What became of it, and why what is missing is missing.
        title: As it left `pii`; None where there is none, or it may not be shown.
        text: Likewise.
        frame: An element of HTML that shows the page; "" where it cannot be shown.
        blocks: What was left out: `block` (its words, without personal data), `words`, `probability` (0 to 1), `why`.
    """

    url: str
    sentence: str
    title: str | None
    text: str | None
    frame: str
    blocks: pa.Table


def page_view(run: str, page: str) -> PageView:
    """Return a page with its text, the page itself where its WARC still lies there, and what was left out of it.

    Text, title and page are shown where `pii`, or another stage that hides them, has let the page pass; else there are
    its URL and what became of it.

    Args:
        run: The run directory.
        page: URL as crawled or canonical, WARC-Record-ID or doc_id.

    Raises:
        ManifestError: The run has no such page.
    """
    tables = Run(run).tables()
    names = [table.stage for table in tables]
    row = max(
        reversed(records_of(run, page)),
        key=lambda record: (len(names) if record["kept"] else names.index(record["stage"]), str(record["fetch_time"])),
    )
    became = "kept" if row["kept"] else f"dropped by {row['stage']} as {row['reason']}"
    if row["value"] is not None:
        became += (
            f": {row['value']:.4g}, limit {row['limit']:.4g}" if row["limit"] is not None else f": {row['value']:.4g}"
        )
    url = safe(row["source_url"])
    if not Redaction(tables[-1]).has_passed(KEPT_STAGE if row["kept"] else row["stage"]):
        why = f"The page was {became}. No stage had taken personal data out of it, so nothing of it is shown."
        return PageView(url, why, None, None, "", _BLOCKS.empty_table())
    words = texts_by_id(tables[-1], [row[DOC_ID.name]], MOST_CHARS).get(row[DOC_ID.name], ShownText())
    title, whole = words.title, words.text or ""
    text = whole if len(whole) <= _TEXT_CHARS else f"{whole[:_TEXT_CHARS]}…"
    try:
        source = page_of_run(run, row[DOC_ID.name], None)
    except (InputError, ManifestError, OSError) as error:
        sentence = (
            f"The page was {became}. It cannot be read again ({type(error).__name__}): its text is what there is."
        )
        return PageView(url, sentence, title, text, "", _BLOCKS.empty_table())
    seen, where = show(source), _where(tables, row[DOC_ID.name])
    params = _params(tables)
    if params is None:
        sentence = f"The page was {became}. What pii looked for is not known, so that the page itself is not shown."
        return PageView(url, sentence, title, text, "", _BLOCKS.empty_table())
    found_in = [seen.extraction.text, seen.extraction.title or ""]
    frame = frame_of(source.html, whole, found_in, params.find_params(), where)
    sentence = (
        f"The page was {became}. Of {seen.blocks:,} blocks {len(seen.rejected):,} were left out; marked is what is not"
        " in the text. The page is shown without its styles, pictures, scripts and personal data."
    )
    return PageView(url, sentence, title, text, frame, _blocks(seen, params, where))


def _where(tables: list[Table], doc_id: str) -> tuple[str | None, str | None]:
    """Return the language and the host of a page that passed the redaction."""
    for batch in all_records(tables, (DOC_ID, LANGUAGE, HOST), Redaction(tables[-1]).first):
        at = batch.column(DOC_ID.name).index(doc_id).as_py()
        if at >= 0:
            return batch.column(LANGUAGE.name)[at].as_py(), batch.column(HOST.name)[at].as_py()
    return None, None


def _params(tables: list[Table]) -> PiiParams | None:
    table = next((table for table in tables if table.stage == "pii"), None)
    return None if table is None else PiiParams.model_validate(table.manifest.params)


def _blocks(seen: Shown, params: PiiParams, where: tuple[str | None, str | None]) -> pa.Table:
    texts = redacted_lines([block.text for block in seen.rejected], params.find_params(), where)
    rows = [
        {
            "block": safe(text if len(text) <= _BLOCK_CHARS else f"{text[: _BLOCK_CHARS - 1]}…"),
            "words": block.words,
            "probability": block.probability,
            "why": "; ".join(plain_facts(block.why)),
        }
        for block, text in zip(seen.rejected, texts, strict=True)
    ]
    return pa.Table.from_pylist(rows, _BLOCKS)
