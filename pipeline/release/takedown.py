"""Documents taken out of a release: the files that hold them are written anew, and nothing else is touched.

Needs neither Spark nor the run. Memory holds the row groups of a few files at a time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.cells.checked_file import opened_parquet
from pipeline.errors import ManifestError
from pipeline.release.journal import new_files, replace_files
from pipeline.release.layout import FORMAT, MANIFEST
from pipeline.release.metadata_files import METADATA_FILES, write_metadata_files
from pipeline.release.mixture_file import tokens_path
from pipeline.release.published import sha256_of
from pipeline.release.receipts import FORMAT as RECEIPT_FORMAT
from pipeline.release.receipts import Copy, copies_entry, file_entry, hashes_of, receipt_path
from pipeline.release.reduced import SUMS, added, reduced, sums_of
from pipeline.release.shards import ShardFile
from pipeline.release.tokens import filter_tokens
from pipeline.stores import storage
from pipeline.url_screen.taken_down import KINDS, MATCHED_BY, Lists
from schemas.columns import DOC_ID

_THREADS: Final = 4
_SCANNED, _COPIED = 16_384, 256
"""Rows at a time: of a few columns, and of all."""
_READ_AS: Final = {"urls": "URLs", "hosts": "hosts", "doc_ids": "doc_ids"}


class Wanted(NamedTuple):
    """What is to be taken out of a release.

    Attributes:
        asked: The lists.
        copies: Documents like those that were asked for, as a run knows them.
        with_copies: Whether these go too.
    """

    asked: Lists
    copies: tuple[Copy, ...] = ()
    with_copies: bool = False

    @property
    def of_copies(self) -> Lists:
        """The copies as a list."""
        return Lists(doc_ids=tuple(dict.fromkeys(copy.doc_id for copy in self.copies)))

    @property
    def all(self) -> Lists:
        """All that goes."""
        return self.asked.with_more(self.of_copies) if self.with_copies else self.asked


@dataclass
class _Hits:
    """What lists mean of a release, or of one of its shards.

    Attributes:
        rows: Shard → rows that go.
        entries: Kind → numbers of the entries that were asked for and mean some row.
        copies: doc_ids of copies that are there.
        doc_ids: Of documents that go.
    """

    rows: dict[str, int] = field(default_factory=dict)
    entries: dict[str, set[int]] = field(default_factory=lambda: {kind: set() for kind in KINDS})
    copies: set[str] = field(default_factory=set)
    doc_ids: set[str] = field(default_factory=set)

    def add(self, other: "_Hits") -> None:
        self.rows |= other.rows
        self.copies |= other.copies
        self.doc_ids |= other.doc_ids
        for kind in KINDS:
            self.entries[kind] |= other.entries[kind]


class _Rewritten(NamedTuple):
    """A shard without what goes.

    Attributes:
        shard: Its entry in the manifest.
        tokens: Those of its tokenised files.
        sums: Of the rows that are gone.
    """

    shard: dict[str, Any]
    tokens: list[dict[str, Any]]
    sums: pa.Table


def take_out(release: str, wanted: Wanted, say: Callable[[str], None], *, dry_run: bool = False) -> str | None:
    """Take documents out of a release; return the path of the receipt, None where none of them is in it.

    Args:
        release: The folder of the manifest; the caller has its lock, and nothing is pending in it.
        wanted: What goes.
        say: Told what is in it, what is not, and what was done.
        dry_run: Whether to say it only.

    Raises:
        ManifestError: A file that is to be written anew is not what the manifest says.
        DamageError: Likewise.
    """
    manifest = storage.read_json(storage.join(release, MANIFEST))
    if manifest is None or manifest.get("format") != FORMAT:
        raise ManifestError(f"{release}: this version reads manifests of format {FORMAT}")
    hits = _scan(release, manifest, wanted)
    for line in _hit_lines(release, manifest, wanted, hits):
        say(line)
    if dry_run or not (hits.rows or wanted.copies):
        return None
    storage.remove(new_files(release))
    shards = [shard for shard in manifest["shards"] if shard["path"] in hits.rows]
    with ThreadPoolExecutor(_THREADS) as threads:
        rewritten = list(threads.map(lambda shard: _rewrite(release, manifest, shard, wanted.all), shards))
    receipt = _write_new(release, manifest, wanted, hits, rewritten)
    say(f"receipt: {storage.join(release, receipt)}")
    return receipt


def _scan(release: str, manifest: Mapping[str, Any], wanted: Wanted) -> _Hits:
    hits = _Hits()
    with ThreadPoolExecutor(_THREADS) as threads:
        for of_shard in threads.map(lambda shard: _scan_shard(release, shard["path"], wanted), manifest["shards"]):
            hits.add(of_shard)
    return hits


def _scan_shard(release: str, path: str, wanted: Wanted) -> _Hits:
    hits, copies = _Hits(), wanted.of_copies
    gone = 0
    with opened_parquet(storage.join(release, path)) as file:
        for batch in file.iter_batches(_SCANNED, columns=[column.name for column in MATCHED_BY]):
            asked, of_copies = wanted.asked.match(batch), copies.match(batch)
            goes = asked.rows | of_copies.rows if wanted.with_copies else asked.rows
            gone += int(goes.sum())
            doc_ids = batch.column(DOC_ID.name)
            hits.doc_ids.update(doc_ids.filter(pa.array(goes)).to_pylist())
            hits.copies.update(doc_ids.filter(pa.array(of_copies.rows)).to_pylist())
            for kind in KINDS:
                hits.entries[kind] |= asked.entries[kind]
    if gone:
        hits.rows[path] = gone
    return hits


def _hit_lines(release: str, manifest: Mapping[str, Any], wanted: Wanted, hits: _Hits) -> Iterable[str]:
    for kind in KINDS:
        entries, met = wanted.asked.of(kind), hits.entries[kind]
        if entries:
            yield f"{_READ_AS[kind]}: {len(entries):,} asked for, {len(met):,} of them in {release}"
            yield from (f"  not in it: {entry}" for number, entry in enumerate(entries) if number not in met)
    for copy in wanted.copies:
        there = "in the release" if copy.doc_id in hits.copies else "not in the release"
        what = "kept in place of" if copy.relation == "survivor" else "dropped in favour of"
        yield f"  copy: {copy.url} ({copy.doc_id}), {what} {copy.of}: {there}"
    if wanted.copies and not wanted.with_copies:
        yield "  copies stay; --with-copies takes them out too"
    if not hits.rows:
        yield f"{release}: nothing of it is in the release, which stays as it is"
        return
    rows, files = sum(hits.rows.values()), len(hits.rows)
    yield f"{len(hits.doc_ids):,} documents, {rows:,} rows in {files:,} of {len(manifest['shards']):,} shards go"
    sizes = {shard["path"]: shard["rows"] for shard in manifest["shards"]}
    yield from (f"  {path}: {sizes[path]:,} rows - {gone:,}" for path, gone in sorted(hits.rows.items()))


def _rewrite(release: str, manifest: Mapping[str, Any], shard: Mapping[str, Any], gone: Lists) -> _Rewritten:
    """Write a shard and its tokens without what goes."""
    path, target = shard["path"], new_files(release)
    _check(release, shard)
    file = ShardFile(target, path)
    kept: list[npt.NDArray[np.bool_]] = []
    sums: list[pa.Table] = []
    try:
        with opened_parquet(storage.join(release, path)) as source:
            for batch in source.iter_batches(_COPIED):
                goes = gone.match(batch).rows
                kept.append(~goes)
                if goes.any():
                    sums.append(sums_of(batch.filter(pa.array(goes)), shard["split"]))
                file.write(pa.Table.from_batches([batch.filter(pa.array(~goes))]))
        made = {**shard, **file.close()._asdict()}
    except BaseException as error:
        file.abandon(error)
        raise
    entries = {entry["path"]: entry for entry in manifest["files"]}
    base = tokens_path(path)
    tokens: list[dict[str, Any]] = []
    if f"{base}.idx" in entries:
        for ending in (".bin", ".idx"):
            _check(release, entries[base + ending])
        tokens = [entry._asdict() for entry in filter_tokens(release, target, base, np.concatenate(kept))]
    return _Rewritten(made, tokens, added(sums))


def _check(release: str, entry: Mapping[str, Any]) -> None:
    """Refuse to go by a file that is not what was written."""
    if sha256_of(storage.join(release, entry["path"])) != entry["sha256"]:
        raise ManifestError(
            f"{storage.join(release, entry['path'])} is not what was written: see what"
            f" `gristmill verify {release}` says, and take the file from a copy"
        )


def _write_new(
    release: str, manifest: dict[str, Any], wanted: Wanted, hits: _Hits, rewritten: Sequence[_Rewritten]
) -> str:
    """Write metadata files, receipt and manifest, and put all new files in place; return the receipt's path."""
    target = new_files(release)
    sums = added([shard.sums for shard in rewritten])
    removed = {name: int(np.sum(sums[name].to_numpy())) for name in SUMS} | {"documents": len(hits.doc_ids)}
    made = reduced(manifest, sums.to_pylist())
    earlier = list(manifest.get("takedowns", ()))
    receipt = receipt_path(len(earlier) + 1, wanted.all.known_by)
    made["takedowns"] = [*earlier, {"receipt": receipt, **removed}]
    shards = {each.shard["path"]: each.shard for each in rewritten}
    made["shards"] = [shards.get(shard["path"], shard) for shard in manifest["shards"]]
    metadata = {entry["path"]: entry for entry in write_metadata_files(target, made)}
    new = {entry["path"]: entry for each in rewritten for entry in each.tokens} | metadata
    before = {entry["path"]: entry for entry in (*manifest["shards"], *manifest["files"])}
    changed = [
        path for path in (*shards, *new) if path not in metadata or metadata[path]["sha256"] != before[path]["sha256"]
    ]
    for path in set(changed) & set(METADATA_FILES):
        _check(release, before[path])
    content = {
        "format": RECEIPT_FORMAT,
        "number": len(earlier) + 1,
        "asked": {kind: len(wanted.asked.of(kind)) for kind in KINDS},
        "found": {kind: len(hits.entries[kind]) for kind in KINDS},
        "removed": removed,
        "with_copies": wanted.with_copies,
        "entries": hashes_of(wanted.asked),
        "copies": copies_entry(
            wanted.copies, frozenset(hits.copies) if wanted.with_copies else frozenset(), frozenset(hits.copies)
        ),
        "files": [
            file_entry(path, before[path], {**shards, **new}[path], hits.rows.get(path)) for path in sorted(changed)
        ],
    }
    storage.write_json(storage.join(target, receipt), content)
    files = [new.get(entry["path"], entry) for entry in manifest["files"]]
    size = len(storage.read(storage.join(target, receipt)))
    files.append({"path": receipt, "bytes": size, "sha256": sha256_of(storage.join(target, receipt))})
    made["files"] = files
    storage.write_json(storage.join(target, MANIFEST), made)
    replace_files(release, [*changed, receipt])
    return receipt
