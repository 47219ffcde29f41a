"""The quarantine list of a run: pages that hung, which no task reads again until an operator deletes their entry.

It is a directory of small JSON files, one a page. Their names hold part, offset and doc_id, so that a listing is the
whole list, and a page that stands at the same place of a changed file is another page. What a list means for a part is
what its record says was left out (`PartRecord.quarantined`): by that, and not by the moment at which a task has looked
at the list, a part is known to be up to date or not.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.engine.watchdog import Watch
from pipeline.runs import storage
from pipeline.runs.parts import page_key

if TYPE_CHECKING:
    from pipeline.engine.stage import Stage
    from pipeline.runs.parts import Part

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

    def pages(self) -> dict[str, set[str]]:
        """Return part → keys of its pages that are on the list."""
        found: dict[str, set[str]] = {}
        for name in self.names():
            if match := _NAME.fullmatch(name):
                found.setdefault(match["part"], set()).add(match["page"])
        return found

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


def quarantine_of(run: str, stage: "Stage") -> Quarantine:
    """Return the list that a stage heeds: the run's, where it reads pages of the input files again."""
    return Quarantine(storage.join(storage.absolute(run), "_quarantine")) if stage.reads_inputs else NO_QUARANTINE
