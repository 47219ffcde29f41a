"""The quarantine list of a run: pages that hung, which no task reads again until an operator deletes their entry.

It is a directory of small JSON files, one per page. Their names hold part, offset and doc_id, so that a listing is the
whole list, and a page that stands at the same place of a changed file is another page. The list is an input like any
other: a part whose pages on it changed is read again. Tasks look at it when they begin, so that Spark's next try of a
task goes on without the page.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.cells.part_cells import PartCells
from pipeline.cells.parts import digest, page_key, page_keys
from pipeline.cells.reader import read_cells
from pipeline.quarantine.watchdog import Watch
from pipeline.stores import storage
from schemas.columns import DOC_ID, WARC_OFFSET

if TYPE_CHECKING:
    from pipeline.cells.parts import Part

_NAME = re.compile(r"(?!_tmp-)(?P<part>.+)-(?P<page>\d+-[0-9a-f]+)\.json")
_SHOWN = 5


@dataclass(frozen=True)
class Quarantine:
    """A run's list, read anew whenever it is asked; small enough to travel with every task.

    Attributes:
        directory: Where the entries are; empty for a list that is always empty.
    """

    directory: str

    def names(self) -> list[str]:
        """Return the names of the entries, sorted."""
        if not self.directory:
            return []
        return [name for name in storage.names(self.directory) if _NAME.fullmatch(name)]

    def pages(self, names: Sequence[str] | None = None) -> dict[str, set[str]]:
        """Return part → keys of its pages that are on the list, or that some of its names are of."""
        pages: dict[str, set[str]] = {}
        for name in self.names() if names is None else names:
            if match := _NAME.fullmatch(name):
                pages.setdefault(match["part"], set()).add(match["page"])
        return pages

    def add(self, entry: Mapping[str, Any]) -> None:
        """Put a page on the list; one that is there already stays there once.

        Args:
            entry: JSON values; `part`, `warc_offset` and `doc_id` say which page.
        """
        name = f"{entry['part']}-{page_key(entry['warc_offset'], entry['doc_id'])}.json"
        storage.write_json(storage.join(self.directory, name), dict(entry))

    def watch(self, part: "Part", stage: str, limit: float) -> Watch:
        """Return what a task tells its watchdog while it reads the part's pages."""
        job = {"directory": self.directory, "part": part.name, "warc_file": part.source, "stage": stage}
        return Watch(job, limit)

    def what_happened(self, names: Sequence[str]) -> str:
        """Return in words that these entries are new, and what a user can do."""
        entries = [storage.read_json(storage.join(self.directory, name)) or {} for name in names[:_SHOWN]]
        pages = [
            f"{entry.get('url')} ({entry.get('warc_file')} at offset {entry.get('warc_offset')},"
            f" {entry.get('cpu_seconds')} s of CPU time)"
            for entry in entries
        ]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        return (
            f"a page hung, and every try of its task was used up: {'; '.join(pages)}{more}. It is on the quarantine"
            " list now: run again, and it is dropped as 'quarantined' without being read, and what is finished stays."
            f" To have a page read again, delete its entry in {self.directory}"
        )


NO_QUARANTINE = Quarantine("")


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


def quarantine_of(run: str) -> Quarantine:
    """Return a run's list."""
    return Quarantine(storage.join(storage.absolute(run), "_quarantine"))
