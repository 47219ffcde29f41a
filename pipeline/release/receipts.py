"""Receipts of what was taken out of a release: hashes of what was asked for, what was removed, hashes of files."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import pyarrow as pa

from pipeline.errors import DamageError, ManifestError
from pipeline.release.layout import MANIFEST
from pipeline.stores import storage
from pipeline.url_screen.taken_down import DOC_IDS, HOSTS, KINDS, URLS, Lists, hosts_of, parents_of
from schemas.columns import DOC_ID, URL

FOLDER: Final = "takedowns"
FORMAT: Final = 1


class Copy(NamedTuple):
    """A document that has the text of one that was asked for, or had it when the run compared them.

    Attributes:
        doc_id: Of the copy.
        url: Likewise.
        of: Address of the one that was asked for.
        relation: `survivor`, which was kept in its place, or `dropped`, in whose place it was kept.
        asked: Hash of that address.
    """

    doc_id: str
    url: str
    of: str
    relation: str

    @property
    def asked(self) -> str:
        """Hash of the address of the one that was asked for."""
        return hash_of(self.of)


def hash_of(entry: str) -> str:
    """Return the hash by which a receipt names an entry of a list."""
    return hashlib.sha256(entry.encode()).hexdigest()


def hashes_of(lists: Lists) -> dict[str, list[str]]:
    """Return kind → hashes of the entries, sorted: of addresses in canonical form, hosts in punycode, doc_ids."""
    entries = {URLS: lists.canonical, HOSTS: lists.hosts, DOC_IDS: lists.doc_ids}
    return {kind: sorted(set(map(hash_of, entries[kind]))) for kind in KINDS}


def receipts_of(release: str, manifest: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return (path, content) of the receipts of a release, the first takedown first.

    Raises:
        ManifestError: One of them is gone, or of another format.
        DamageError: One is not what was written.
    """
    receipts = []
    for entry in manifest.get("takedowns", ()):
        receipt = storage.read_json(storage.join(release, entry["receipt"]))
        if receipt is None or receipt.get("format") != FORMAT:
            raise ManifestError(f"{entry['receipt']}: there is no such receipt of format {FORMAT}")
        receipts.append((entry["receipt"], receipt))
    return receipts


def receipt_problems(release: str, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield where receipts do not fit each other, or the manifest."""
    try:
        receipts = receipts_of(release, manifest)
    except (ManifestError, DamageError) as error:
        yield str(error)
        return
    now = {file["path"]: file["sha256"] for file in (*manifest["shards"], *manifest["files"])}
    latest: dict[str, tuple[str, str]] = {}
    for path, receipt in receipts:
        for file in receipt["files"]:
            before = latest.get(file["path"])
            if before is not None and before[1] != file["before"]["sha256"]:
                yield f"{path}: {file['path']} was not what {before[0]} left"
            latest[file["path"]] = (path, file["after"]["sha256"])
    for name, (path, sha256) in sorted(latest.items()):
        if now.get(name) != sha256:
            yield f"{path}: {name} is not what it left, by {MANIFEST}"
    for entry, (path, receipt) in zip(manifest.get("takedowns", ()), receipts, strict=True):
        if any(entry[name] != receipt["removed"][name] for name in receipt["removed"]):
            yield f"{path}: it has removed something else than {MANIFEST} says"


class Gone(NamedTuple):
    """Hashes of all that receipts were asked for, which no row of the release may meet.

    Attributes:
        urls: Of addresses in canonical form.
        hosts: Of hosts.
        doc_ids: Of doc_ids, those of copies that were removed too among them.
    """

    urls: frozenset[str]
    hosts: frozenset[str]
    doc_ids: frozenset[str]

    @classmethod
    def of(cls, receipts: Iterable[Mapping[str, Any]]) -> "Gone":
        """Return what receipts were asked for."""
        asked: dict[str, set[str]] = {kind: set() for kind in KINDS}
        for receipt in receipts:
            for kind in KINDS:
                asked[kind].update(receipt["entries"][kind])
            asked[DOC_IDS].update(hash_of(copy["doc_id"]) for copy in receipt["copies"] if copy["removed"])
        return cls(*(frozenset(asked[kind]) for kind in KINDS))

    def among(self, rows: pa.RecordBatch) -> Iterator[str]:
        """Yield what rows of a release have that was taken down: doc_ids, addresses and hosts.

        Args:
            rows: With the columns doc_id and url.
        """
        urls = rows.column(URL.name)
        if self.doc_ids:
            yield from _met(rows.column(DOC_ID.name).to_pylist(), self.doc_ids)
        if self.urls:
            yield from _met(urls.to_pylist(), self.urls)
        if self.hosts:
            hosts = hosts_of(urls).unique().drop_null()
            yield from _met({name for names in parents_of(hosts) for name in names.to_pylist()}, self.hosts)


def _met(values: Iterable[str | None], gone: frozenset[str]) -> Iterator[str]:
    return (value for value in values if value and hash_of(value) in gone)


def file_entry(path: str, before: Mapping[str, Any], after: Mapping[str, Any], rows: int | None) -> dict[str, Any]:
    """Return what a receipt says of a file that was written anew.

    Args:
        path: Below the release.
        before: `sha256` and `bytes` as they were.
        after: The same as they are.
        rows: Rows removed; None for a file without rows.
    """
    sizes = ({name: entry[name] for name in ("sha256", "bytes")} for entry in (before, after))
    made: dict[str, Any] = dict(zip(("before", "after"), sizes, strict=True))
    return {"path": path, **made, **({} if rows is None else {"removed_rows": rows})}


def receipt_path(number: int, known_by: str) -> str:
    """Return where the receipt of a takedown stands below the release."""
    return f"{FOLDER}/{number:04d}-{known_by}.json"


def copies_entry(copies: Sequence[Copy], removed: frozenset[str], there: frozenset[str]) -> list[dict[str, Any]]:
    """Return what a receipt says of copies: whether each was in the release, and whether it was removed."""
    return [
        {
            "doc_id": copy.doc_id,
            "of": copy.asked,
            "relation": copy.relation,
            "in_release": copy.doc_id in there,
            "removed": copy.doc_id in removed,
        }
        for copy in copies
    ]
