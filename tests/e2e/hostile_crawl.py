"""A crawl of pages with personal data and scripts, and a table of which even categories and reasons are hostile."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import functions as F  # noqa: N812

from pipeline.cells.batches import with_columns
from pipeline.cells.parts import BatchStream
from pipeline.curation import Request, curate
from pipeline.engine.stage import Params, stage
from pipeline.engine.tables import FittedTables
from pipeline.plan import STAGES as GIVEN
from pipeline.rows.reasons import dropped, first_reason
from schemas.columns import TEXT, Column
from tests.e2e.planted_values import planted_crawl, prose
from tests.sample.warc import member, response

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

MARK = "<script>alert('mill')</script>"
HOSTILE = "https://hostile{}.example.net/" + MARK + "/page"
EVERYWHERE = "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=2><!--\"'"
"""What stands in each place of a table and of a stage of one's own that may hold text."""
HOST = "<img src=x onerror=window.pwned=3>.example"
"""Where a host stands: an address has no slash there."""


def curated_hostile(folder: Path) -> tuple[Path, set[str]]:
    """Return a run of pages with personal data and with scripts, and what must stand nowhere."""
    crawl = planted_crawl()
    shown = MARK.replace("<", "&lt;").replace(">", "&gt;")
    for number in range(3):
        mail = crawl.email(f"scripted{number}y", is_read=False)
        main = (
            f"<h1>{shown}</h1>{prose(50 + number, MARK)}<p class='{mail}'>{shown}</p><!-- {mail} -->"
            f"<footer>{mail}</footer>"
        )
        crawl.add(HOSTILE.format(number), f"{MARK} mill {number}", main, f"<script>//{mail}</script>")
    warc = folder / "crawl.warc.gz"
    warc.write_bytes(b"".join(member(response(capture)) for capture in crawl.captures))
    curate(Request(output=str(folder / "run"), inputs=(str(warc),), assignments=("pii.site_min_pages=2",)))
    return folder / "run", crawl.read | crawl.unread


LETTERS = Column("letters", pa.int32(), "letters of the text", None)


def count_letters(rows: BatchStream, params: Params, _: FittedTables) -> BatchStream:
    """Add how long each text is."""
    for batch in rows:
        yield with_columns(batch, {LETTERS: pc.utf8_length(batch.column(TEXT.name))})


@stage(needs=(TEXT,), adds=(LETTERS,), measure=count_letters, meanings={EVERYWHERE: EVERYWHERE})
def hostile_stage(docs: "DataFrame", params: Params) -> "DataFrame":
    """Drop every other text for a reason that is hostile itself."""
    letters = F.col(LETTERS.name)
    return first_reason(docs, F.when(letters % 2 == 0, dropped("hostile_stage", EVERYWHERE, letters, 9.0)))


STAGES = (*GIVEN[:3], hostile_stage, *GIVEN[3:])


def curated_table(folder: Path) -> Path:
    """Return a run of a table whose file, addresses, titles, languages and categories are hostile."""
    file = folder / "<img src=x onerror=alert(1)>.jsonl"
    rows = [
        {"url": f"https://h{number}.example/{EVERYWHERE}", "text": f"{'x' * (number % 2)} {EVERYWHERE} {number:02}",
         "title": EVERYWHERE, "category": EVERYWHERE, "language": EVERYWHERE}
        for number in range(60)
    ]  # fmt: skip
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    source, run = f"{__name__}:STAGES", folder / "run-of-table"
    curate(Request(output=str(run), inputs=(str(file),), stages=source, last="hostile_stage"))
    return run


def curated_hosts(folder: Path) -> Path:
    """Return a run up to the mix of a table whose hosts, addresses, titles, texts and categories are hostile.

    Every other category is `general`, for a mixture takes no name that is hostile.
    """
    file = folder / "hosts.jsonl"
    rows = [
        {"url": f"https://h{number % 3}{HOST}/{number}{EVERYWHERE}", "text": prose(number % 30, EVERYWHERE),
         "title": EVERYWHERE, "category": EVERYWHERE if number % 2 else "general",
         "language": "en" if number % 4 else EVERYWHERE}
        for number in range(60)
    ]  # fmt: skip
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    run, without = folder / "run-of-hosts", ("safety", "log_lines", "heuristics")  # which would drop such texts
    curate(Request(output=str(run), inputs=(str(file),), last="mix", without=without))
    return run
