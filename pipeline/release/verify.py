"""Whether a release is what its manifest says: every byte, row, share and split, without Spark and without the run."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import DamageError, ManifestError
from pipeline.mixing.draws import draws, ties
from pipeline.release.documents import key_seed
from pipeline.release.journal import is_pending
from pipeline.release.layout import FORMAT, MANIFEST, TRAIN, VALIDATION, release_of
from pipeline.release.metadata_files import metadata_files_of
from pipeline.release.published import sha256_of
from pipeline.release.receipts import Gone, receipt_problems, receipts_of
from pipeline.release.statistics import totals_of
from pipeline.release.tokens import read_index
from pipeline.rows.sites import sites_of_urls
from pipeline.stores import storage
from schemas.columns import CATEGORY, DOC_ID, EPOCH, TOKENS, URL

_THREADS: Final = 4
_BATCH: Final = 16_384
_COLUMNS: Final = (DOC_ID.name, EPOCH.name, CATEGORY.name, TOKENS.name, URL.name)
_CLOSE: Final = 1e-9
_SHOWN: Final = 3


Codes = np.ndarray[Any, np.dtype[np.int64]]
_ODD: Final = np.int64(0x1E3779B97F4A7C15)
"""Spreads keys, so that one number stands for doc_id and epoch."""


@dataclass
class _Seen:
    """What was seen in a shard."""

    rows: int = 0
    tokens: int = 0
    largest: int = 0
    sites: set[str] = field(default_factory=set)
    codes: Codes = field(default_factory=lambda: np.zeros(0, np.int64))
    wrong: list[str] = field(default_factory=list)


def verify(directory: str, say: Callable[[str], None]) -> int:
    """Check a release; say what is wrong, and return how many things are.

    Args:
        directory: The release, its `data/`, or its run.
        say: Told each thing that is wrong, and what was checked.

    Raises:
        ManifestError: There is no release, or another version wrote it.
        DamageError: Its manifest is not what was written.
    """
    release = release_of(directory)
    manifest = storage.read_json(storage.join(release, MANIFEST))
    if manifest is None or manifest.get("format") != FORMAT:
        raise ManifestError(f"{release}: this version reads manifests of format {FORMAT}")
    if is_pending(release):
        say(f"wrong: a takedown was interrupted: `gristmill takedown {release}` finishes it")
        return 1
    wrong = list(_problems(release, manifest))
    for line in wrong:
        say(f"wrong: {line}")
    if not wrong:
        files, rows = len(manifest["shards"]) + len(manifest["files"]), sum(s["rows"] for s in manifest["shards"])
        say(f"{release}: {files:,} files and {rows:,} rows are what the manifest says")
    return len(wrong)


def _problems(release: str, manifest: Mapping[str, Any]) -> Iterator[str]:
    files = [*manifest["shards"], *manifest["files"]]
    with ThreadPoolExecutor(_THREADS) as threads:
        hashes = threads.map(lambda file: sha256_of(storage.join(release, file["path"])), files)
    damaged = set()
    for file, sha256 in zip(files, hashes, strict=True):
        if sha256 != file["sha256"]:
            damaged.add(file["path"])
            what = "there is no such file" if sha256 is None else "its bytes are not what was written"
            yield f"{file['path']}: {what}"
    yield from _strays(release, {file["path"] for file in files})
    whole = [shard for shard in manifest["shards"] if shard["path"] not in damaged]
    whole.sort(key=lambda shard: shard["split"] != VALIDATION)
    seed, gone = manifest["mix"]["seed"], _gone(release, manifest)
    count = sum(shard["split"] == VALIDATION for shard in whole)
    with ThreadPoolExecutor(_THREADS) as threads:
        first = list(threads.map(lambda shard: _look(release, shard, seed, gone, None), whole[:count]))
        held_out = set().union(*(looked.sites for looked in first))
        rest = threads.map(lambda shard: _look(release, shard, seed, gone, held_out), whole[count:])
        seen = [*first, *rest]
    for shard, looked in zip(whole, seen, strict=True):
        yield from (f"{shard['path']}: {line}" for line in looked.wrong)
        if shard["split"] != VALIDATION and looked.sites:
            sites = sorted(looked.sites)
            yield f"{shard['path']}: pages of {len(sites):,} sites of the validation split, {sites[0]} for one"
    yield from _repeated(whole, seen)
    yield from receipt_problems(release, manifest)
    yield from _budgets(manifest, whole, seen)
    yield from _sums(manifest)
    yield from _tokens(release, manifest, damaged)
    for path, text in metadata_files_of(manifest).items():
        if path not in damaged and storage.read(storage.join(release, path)) != text.encode():
            yield f"{path}: it does not say what the manifest does"


def _strays(release: str, named: set[str]) -> Iterator[str]:
    """Yield the files that the manifest does not name."""
    folders = {"/".join(path.split("/")[:depth]) for path in named for depth in range(path.count("/") + 1)}
    for folder in sorted(folders):
        for name in storage.names(storage.join(release, folder) if folder else release):
            path = f"{folder}/{name}" if folder else name
            if path not in named | folders | {MANIFEST} and not name.startswith((".", "_")):
                yield f"{path}: the manifest does not name it"


def _gone(release: str, manifest: Mapping[str, Any]) -> Gone:
    """Return what was taken down; nothing where receipts are not right, which is said elsewhere."""
    try:
        return Gone.of(receipt for _, receipt in receipts_of(release, manifest))
    except (ManifestError, DamageError):
        return Gone.of(())


def _look(release: str, shard: Mapping[str, Any], seed: int, gone: Gone, held_out: set[str] | None) -> _Seen:
    """Read a shard's columns, but for the texts.

    Args:
        release: The release.
        shard: As the manifest names it.
        seed: Of the shuffle.
        gone: What was taken down.
        held_out: The sites that are looked for; None for all.
    """
    seen = _Seen()
    codes: list[Codes] = []
    last = -1
    with storage.open_for_reading(storage.join(release, shard["path"])) as stream, pq.ParquetFile(stream) as file:
        for batch in file.iter_batches(_BATCH, columns=list(_COLUMNS)):
            seen.rows += batch.num_rows
            seen.tokens += pc.sum(batch.column(TOKENS.name).cast(pa.int64())).as_py() or 0
            seen.largest = max(seen.largest, pc.max(batch.column(TOKENS.name)).as_py() or 0)
            keys = _keys(batch, seed)
            if len(keys) and (keys.min() < shard["low"] or keys.max() >= shard["high"]):
                seen.wrong.append("documents of another shard are in it")
            if len(keys) and (np.diff(np.concatenate(([last], keys))) < 0).any():
                seen.wrong.append("its documents are not in the order of their keys")
            last = int(keys[-1]) if len(keys) else last
            if not pc.all(pc.equal(batch.column(CATEGORY.name), shard["category"])).as_py():
                seen.wrong.append(f"not all of its documents are of the category {shard['category']}")
            codes.append(keys * _ODD + ties(batch.column(DOC_ID.name)))
            seen.wrong += [f"{name} was taken down, and is in it" for name in gone.among(batch)]
            sites = set(pc.unique(sites_of_urls(batch.column(URL.name)).drop_null()).to_pylist())
            seen.sites |= sites if held_out is None else sites & held_out
    seen.codes = np.concatenate(codes) if codes else seen.codes
    for name, counted in (("rows", seen.rows), ("tokens", seen.tokens)):
        if counted != shard[name]:
            seen.wrong.append(f"{counted:,} {name}, and the manifest says {shard[name]:,}")
    seen.wrong = list(dict.fromkeys(seen.wrong))
    return seen


def _keys(batch: pa.RecordBatch, seed: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the keys by which documents are shuffled: of one doc_id and epoch they are one, and lie in one shard."""
    epochs = batch.column(EPOCH.name).to_numpy()
    keys = np.empty(batch.num_rows, np.int64)
    for epoch in np.unique(epochs):
        here = np.flatnonzero(epochs == epoch)
        keys[here] = draws(batch.column(DOC_ID.name).take(pa.array(here)), key_seed(seed, int(epoch)))
    return keys


def _repeated(shards: Sequence[Mapping[str, Any]], seen: Sequence[_Seen]) -> Iterator[str]:
    """Yield where a document stands in a split twice in one epoch: eight bytes per row are held for that."""
    for split in sorted({shard["split"] for shard in shards}):
        of_split = [
            (shard, looked.codes) for shard, looked in zip(shards, seen, strict=True) if shard["split"] == split
        ]
        every = np.sort(np.concatenate([codes for _, codes in of_split]))
        repeated = np.unique(every[1:][every[1:] == every[:-1]])
        if len(repeated):
            paths = [shard["path"] for shard, codes in of_split if np.isin(codes, repeated).any()]
            more = f" and {len(paths) - _SHOWN} more files" if len(paths) > _SHOWN else ""
            named = ", ".join(paths[:_SHOWN]) + more
            yield f"{named}: {len(repeated):,} documents stand in the {split} split twice in one epoch"


def _budgets(manifest: Mapping[str, Any], shards: Sequence[Mapping[str, Any]], seen: Sequence[_Seen]) -> Iterator[str]:
    """Yield the categories that miss their budgets by more than a document; none of a release that texts left since."""
    if manifest["mix"]["write"] == "all" or manifest.get("takedowns"):
        return
    tokens: Counter[str] = Counter()
    largest: dict[str, int] = {}
    for shard, looked in zip(shards, seen, strict=True):
        if shard["split"] == TRAIN:
            tokens[shard["category"]] += looked.tokens
            largest[shard["category"]] = max(largest.get(shard["category"], 0), looked.largest)
    for category in manifest["mix"]["categories"] if len(shards) == len(manifest["shards"]) else ():
        name, budget = category["category"], category["budget"]
        if name in largest and abs(tokens[name] - budget) > largest[name]:
            yield f"{MANIFEST}: {tokens[name]:,} tokens of {name} are not its share of {budget:,} to within a document"


def _sums(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield where totals, shards, cells, languages and licences do not add up to the same."""
    named = {(total["split"], total["category"]): total for total in manifest["totals"]}
    counted: dict[tuple[str, str], Counter[str]] = {}
    for shard in manifest["shards"]:
        sums = counted.setdefault((shard["split"], shard["category"]), Counter())
        sums.update({"rows": shard["rows"], "tokens": shard["tokens"], "bytes": shard["text_bytes"]})
    for key in sorted(named.keys() | counted.keys()):
        for name in ("rows", "tokens", "bytes"):
            total, sums_of = named.get(key, {}).get(name, 0), counted.get(key, Counter())[name]
            if total != sums_of:
                yield f"{MANIFEST}: {total:,} {name} of {'/'.join(key)}, and its shards have {sums_of:,}"
    in_train = totals_of([{**cell, "split": TRAIN} for cell in manifest["cells"]])
    for total in in_train:
        expected = named.get((TRAIN, total["category"]), {"tokens": 0})["tokens"]
        if total["tokens"] != expected:
            yield f"{MANIFEST}: the cells of {total['category']} have {total['tokens']:,} tokens, and it {expected:,}"
    tokens_in_train = sum(total["tokens"] for total in in_train)
    for cell in manifest["cells"]:
        if tokens_in_train and abs(cell["reached_share"] - cell["tokens"] / tokens_in_train) > _CLOSE:
            name = "/".join(str(cell[key]) for key in ("category", "group", "bucket"))
            yield f"{MANIFEST}: cell {name} has not the share of tokens that it is said to have reached"
    yield from _kinds(manifest)


def _kinds(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield where languages or licences of a split do not add up to its categories."""
    for kind in ("languages", "licences"):
        by_split: Counter[str] = Counter()
        for row in manifest[kind]:
            by_split[row["split"]] += row["tokens"]
        for split in sorted({total["split"] for total in manifest["totals"]}):
            tokens = sum(total["tokens"] for total in manifest["totals"] if total["split"] == split)
            if by_split[split] != tokens:
                yield f"{MANIFEST}: {kind} of {split} have {by_split[split]:,} tokens, and its categories {tokens:,}"


def _tokens(release: str, manifest: Mapping[str, Any], damaged: set[str]) -> Iterator[str]:
    """Yield where tokenised shards have other numbers than the shards."""
    shards = {f"tokens/{shard['path'].removesuffix('.parquet')}.idx": shard for shard in manifest["shards"]}
    for file in manifest["files"]:
        shard = shards.get(file["path"])
        if shard is None or file["path"] in damaged:
            continue
        _, sizes, _ = read_index(storage.read(storage.join(release, file["path"])))
        if (len(sizes), int(sizes.sum()) - len(sizes)) != (shard["rows"], shard["tokens"]):
            yield f"{file['path']}: other numbers of documents or tokens than {shard['path']}"
