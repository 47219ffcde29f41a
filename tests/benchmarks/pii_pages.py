"""Lists what `pii` touches on pages of documentation, code and math, to be read and judged.

`python -m tests.benchmarks.pii_pages --run RUN --gold gold.jsonl.gz`: a finished run of the crawl whose page types the
gold file knows (`url`, `set`, `type`). The values are read from the run's tables before `pii`, and printed: mind where
that goes.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.pii.redaction import FOUND
from tests.benchmarks.heuristics_pages import REFERENCE, page_groups
from tests.benchmarks.stored_rows import judged_rows, passed_rows

_AROUND = 30


class Touched(NamedTuple):
    """A value that was replaced: on which page, of which kind, and in which words."""

    url: str
    entity: str
    in_code: bool
    before: str
    value: str
    after: str


def touched_values(run: str, gold: Path) -> tuple[int, list[Touched]]:
    """Return how many pages of documentation, code and math there are, and what was replaced on them."""
    groups = page_groups(gold)
    spans = _spans(run)
    rows = passed_rows(run, "safety", ["source_url", "warc_file", "warc_offset", "text", "spans"])
    pages = [row for row in rows if groups.get(row["source_url"]) == REFERENCE]
    result = []
    for row in sorted(pages, key=lambda row: str(row["source_url"])):
        code = [(span["start"], span["end"]) for span in row["spans"] if span["kind"] in ("code", "math")]
        for one in spans.get((row["warc_file"], row["warc_offset"])) or ():
            start, end, text = one["start"], one["end"], row["text"]
            in_code = any(first <= start < last for first, last in code)
            around = text[max(0, start - _AROUND) : start], text[start:end], text[end : end + _AROUND]
            result.append(Touched(row["source_url"], one["entity"], in_code, *around))
    return len(pages), result


def _spans(run: str) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """Return where values stood in the texts that `pii` read."""
    rows = judged_rows(run, "pii", ["warc_file", "warc_offset"], (FOUND,), ("measured",))
    return {(row["warc_file"], row["warc_offset"]): row[FOUND.name] for row in rows}


def main() -> None:
    """Print the values, and how many pages they stand on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True)
    parser.add_argument("--gold", required=True, type=Path)
    asked = parser.parse_args()
    pages, values = touched_values(asked.run, asked.gold)
    for one in values:
        place = "code" if one.in_code else "text"
        print(f"{one.entity:<14}{place:<5}{one.url[-60:]:<61}{one.before!r} [{one.value}] {one.after!r}")
    kinds = Counter(one.entity for one in values)
    print(f"{pages} pages, {len({one.url for one in values})} of them touched: {dict(kinds.most_common())}")
    others = {one.url for one in values if one.entity != "EMAIL_ADDRESS"}
    print(f"{len(others)} of them for something else than an address of e-mail")


if __name__ == "__main__":
    main()
