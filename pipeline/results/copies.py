"""Pages with the text of others: what a run dropped as copies, and what it kept in their place."""

from collections.abc import Collection
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from pipeline.errors import ManifestError
from pipeline.release.published import manifest_of
from pipeline.release.receipts import Copy
from pipeline.results.locations import open_table
from pipeline.stores import storage
from pipeline.url_screen.taken_down import Lists
from schemas.columns import DOC_ID, RECORD_ID, SOURCE_URL, URL

_SURVIVOR, _SURVIVOR_RUN, _SURVIVOR_URL = "survivor_record_id", "survivor_run", "survivor_url"
_READ: Final = [RECORD_ID.name, DOC_ID.name, URL.name, SOURCE_URL.name, _SURVIVOR, _SURVIVOR_RUN, _SURVIVOR_URL]
_BATCH: Final = 65_536


class Related(NamedTuple):
    """What a run knows of listed pages.

    Attributes:
        copies: Documents like those that are listed, and not listed themselves.
        urls: Addresses of the documents that are listed by doc_id.
        elsewhere: Lines that say which earlier runs hold copies.
    """

    copies: tuple[Copy, ...]
    urls: tuple[str, ...]
    elsewhere: tuple[str, ...]


def related_pages(run: str, lists: Lists) -> Related:
    """Return the pages that were dropped for listed ones, or kept in their place, and for and instead of these.

    Args:
        run: The run directory.
        lists: What is asked for.

    Raises:
        ManifestError: The run has no decisions.
    """
    directory = storage.join(run, "decisions")
    if manifest_of(directory) is None:
        raise ManifestError(f"{run} has no committed decisions, which name the copies: run it to the end first")
    decisions = open_table(directory)
    listed = _listed(decisions, lists)
    by_doc_id = set(lists.doc_ids)
    urls = tuple(sorted({row[URL.name] for row in listed if row[DOC_ID.name] in by_doc_id}))
    copies, rows = _connected(decisions, listed)
    elsewhere = {
        f"a copy of {row[URL.name]} is kept in the earlier run {row[_SURVIVOR_RUN]}: {row[_SURVIVOR_URL]}"
        for row in rows
        if row[_SURVIVOR_RUN] is not None
    }
    ordered = sorted(copies, key=lambda copy: (copy.of, copy.url, copy.doc_id))
    return Related(tuple(copy for copy in ordered if not _is_listed(lists, copy)), urls, tuple(sorted(elsewhere)))


def _is_listed(lists: Lists, copy: Copy) -> bool:
    row = {DOC_ID.name: [copy.doc_id], URL.name: [copy.url], SOURCE_URL.name: [copy.url]}
    return bool(lists.match(pa.table(row)).rows[0])


def _listed(decisions: ds.Dataset, lists: Lists) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for batch in decisions.to_batches(columns=_READ, batch_size=_BATCH):
        if batch.num_rows:
            rows += batch.filter(pa.array(lists.match(batch).rows)).to_pylist()
    return rows


def _connected(decisions: ds.Dataset, listed: list[dict[str, Any]]) -> tuple[list[Copy], list[dict[str, Any]]]:
    """Return all pages that stand in a chain of copies with listed ones, and the rows of both."""
    origin = {row[RECORD_ID.name]: row[URL.name] for row in listed if row[RECORD_ID.name] is not None}
    seen: dict[str, dict[str, Any]] = {row[DOC_ID.name]: row for row in listed}
    copies: list[Copy] = []
    frontier = listed
    while frontier:
        up = {
            row[_SURVIVOR]: origin[row[RECORD_ID.name]]
            for row in frontier
            if row[_SURVIVOR] is not None and row[_SURVIVOR_RUN] is None and row[RECORD_ID.name] in origin
        }
        down = {row[RECORD_ID.name] for row in frontier if row[RECORD_ID.name] is not None}
        frontier = []
        for row in _rows_with(decisions, up, down):
            if row[DOC_ID.name] in seen:
                continue
            is_survivor = row[RECORD_ID.name] in up
            of = up[row[RECORD_ID.name]] if is_survivor else origin[row[_SURVIVOR]]
            seen[row[DOC_ID.name]] = row
            origin.setdefault(row[RECORD_ID.name], of)
            copies.append(Copy(row[DOC_ID.name], row[URL.name], of, "survivor" if is_survivor else "dropped"))
            frontier.append(row)
    return copies, list(seen.values())


def _rows_with(decisions: ds.Dataset, survivors: Collection[str], dropped_for: Collection[str]) -> list[dict[str, Any]]:
    """Return the records of some ids, and those that were dropped for records of this run."""
    is_survivor = pc.field(RECORD_ID.name).isin(pa.array(sorted(survivors), pa.string()))
    is_of_this_run = pc.field(_SURVIVOR_RUN).is_null()
    is_dropped = pc.field(_SURVIVOR).isin(pa.array(sorted(dropped_for), pa.string())) & is_of_this_run
    rows: list[dict[str, Any]] = decisions.to_table(columns=_READ, filter=is_survivor | is_dropped).to_pylist()
    return rows
