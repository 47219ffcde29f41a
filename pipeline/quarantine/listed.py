"""The quarantine list of a run: pages that hung, which no task reads again until an operator deletes their entry.

It is a directory of small JSON files. An entry's name holds its stage, part, offset and doc_id, so that a listing is
the whole list, and a page that stands at the same place of a changed file is another page. The list is an input like
any other: a part whose pages on it changed is measured again. Tasks look at it when they begin, so that Spark's next
try of a task goes on without the page.

Some stages measure many rows at once. Where such a batch hangs, its rows are on the list as suspects: the next try
measures them one at a time, which finds the page. What is measured does not depend on suspects.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.cells.part_cells import PartCells
from pipeline.cells.parts import digest, page_key, page_keys
from pipeline.cells.reader import read_cells
from pipeline.quarantine.watchdog import Watch
from pipeline.stores import storage
from schemas.columns import DOC_ID, SOURCE_URL, WARC_OFFSET

PAGE_COLUMNS = (WARC_OFFSET, DOC_ID, SOURCE_URL)
"""What a page is known by."""
_PAGE = re.compile(r"(?P<part>.+)-(?P<page>\d+-[0-9a-f]+)\.json")
_ROWS = re.compile(r"(?P<part>.+)-(?P<first>\d+)to(?P<last>\d+)\.json")
_SHOWN = 5


@dataclass(frozen=True)
class Quarantine:
    """A stage's entries on the list of a run, read anew whenever they are asked for; travels with every task.

    Attributes:
        directory: Where the entries are; empty for a list that is always empty.
        stage: Name of the stage.
    """

    directory: str
    stage: str

    def entries(self) -> list[str]:
        """Return the names of all entries, suspects too, sorted."""
        if not self.directory:
            return []
        return [name for name in storage.names(self.directory) if name.startswith(f"{self.stage}.")]

    def names(self) -> list[str]:
        """Return the names of the entries of pages, sorted."""
        return [name for name in self.entries() if _PAGE.fullmatch(name)]

    def pages(self, names: Sequence[str] | None = None) -> dict[str, set[str]]:
        """Return part → keys of its pages that are on the list, or that some of its names are of."""
        pages: dict[str, set[str]] = {}
        for name in self.names() if names is None else names:
            if match := _PAGE.fullmatch(name.removeprefix(f"{self.stage}.")):
                pages.setdefault(match["part"], set()).add(match["page"])
        return pages

    def suspects(self) -> dict[str, list[tuple[int, int]]]:
        """Return part → (first, last) row of its rows that must be measured one at a time."""
        suspects: dict[str, list[tuple[int, int]]] = {}
        for name in self.entries():
            if match := _ROWS.fullmatch(name.removeprefix(f"{self.stage}.")):
                suspects.setdefault(match["part"], []).append((int(match["first"]), int(match["last"])))
        return suspects

    def add(self, entry: Mapping[str, Any]) -> None:
        """Put a page or the rows of a batch on the list; what is there already stays there once.

        Args:
            entry: JSON values; `part`, `warc_offset` and `doc_id` say which page; `suspects`, a list of (part, first
                row, last row), which rows; `out_of_memory` that they did not hang.
        """
        fields = dict(entry)
        for part, first, last in fields.pop("suspects", ()):
            rows = {"part": part, "first_row": first, "last_row": last}
            self._write(f"{part}-{first}to{last}", {**fields, **rows})
        if "doc_id" in fields:
            self._write(f"{fields['part']}-{page_key(fields['warc_offset'], fields['doc_id'])}", fields)

    def _write(self, name: str, entry: dict[str, Any]) -> None:
        storage.write_json(storage.join(self.directory, f"{self.stage}.{name}.json"), entry)

    def watch(self, limit: float) -> Watch:
        """Return what a task tells its watchdog while it measures.

        Args:
            limit: CPU seconds per page, or per batch.
        """
        return Watch({"directory": self.directory, "stage": self.stage}, limit)

    def that_hung(self, names: Sequence[str]) -> list[str]:
        """Return those entries that are not there because memory did not suffice."""
        return [name for name in names if not self._entry(name).get("out_of_memory")]

    def _entry(self, name: str) -> dict[str, Any]:
        return storage.read_json(storage.join(self.directory, name)) or {}

    def what_happened(self, names: Sequence[str]) -> str:
        """Return in words that these entries are new, and what a user can do."""
        entries = [self._entry(name) for name in names[:_SHOWN]]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        return (
            f"a page hung, and every try of its task was used up: {'; '.join(map(_in_words, entries))}{more}. It is on"
            " the quarantine list now: run again, and it is dropped as 'quarantined' without being read, and what is"
            f" finished stays. To have a page read again, delete its entry in {self.directory}"
        )


def _in_words(entry: Mapping[str, Any]) -> str:
    used = f"{entry.get('cpu_seconds')} s of CPU time"
    if "first_row" in entry:
        return f"rows {entry['first_row']} to {entry['last_row']} of {entry['part']} ({used} together)"
    return f"{entry.get('url')} ({entry.get('warc_file')} at offset {entry.get('warc_offset')}, {used})"


NO_QUARANTINE = Quarantine("", "")


def names_digest(names: Collection[str]) -> str:
    """Return a hash of the names of entries; "" for none."""
    return digest(sorted(names)) if names else ""


def pages_among(cells: PartCells, listed: Collection[str]) -> dict[int, str]:
    """Return row → key of the pages on the list that are still among a part's rows: no other has a say in its cells.

    Args:
        cells: The part, asked for place and id of its pages.
        listed: Keys of the part's pages on the list.
    """
    if not listed or not {name for cell_set in cells.sets for name in cell_set.adds} >= {WARC_OFFSET.name, DOC_ID.name}:
        return {}
    batches = read_cells(cells, (WARC_OFFSET, DOC_ID))
    pages = (
        (row, key) for batch in batches for row, key in zip(batch.column(0).to_pylist(), page_keys(batch), strict=True)
    )
    return {row: key for row, key in pages if key in listed}


def quarantine_of(run: str, stage: str) -> Quarantine:
    """Return a stage's entries on the list of a run."""
    return Quarantine(storage.join(storage.absolute(run), "_quarantine"), stage)
