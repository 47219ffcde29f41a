"""Where decisions, inputs and the release of a run are, and the tables in them, opened."""

import pyarrow.dataset as ds

from pipeline.errors import ManifestError, near_miss
from pipeline.release.manifest import read_manifest
from pipeline.release.published import manifest_of
from pipeline.release.writing import release_key
from pipeline.results.decisions import chain_digest
from pipeline.runs.run import Run
from pipeline.stores import storage

RESULTS = ("decisions", "inputs", "release")


def locate(run: str, what: str) -> str:
    """Return the directory of `decisions`, `inputs` or `release`.

    Raises:
        ManifestError: It is not committed, or describes an earlier chain; with the near miss.
    """
    tables = Run(run).tables()
    if what not in RESULTS:
        names = [table.stage for table in tables]
        names += [name for name in RESULTS if storage.exists(storage.join(run, name))]
        raise ManifestError(f"{run} has no committed '{what}' (it has: {', '.join(names)}){near_miss(what, names)}")
    directory = storage.join(run, what)
    written = read_manifest(directory) if what == "release" else manifest_of(storage.join(run, "decisions"))
    if written is None:
        raise ManifestError(f"{run} has no committed '{what}'")
    if what == "release":
        is_fresh = written["source"] == release_key(tables[-1])
    else:
        is_fresh = written["chain"] == chain_digest(tables)
    if not is_fresh:
        raise ManifestError(f"{run}: '{what}' is stale, it describes an earlier chain: run again")
    return directory


def open_table(directory: str) -> ds.Dataset:
    """Return a committed directory as a data set, for scans that keep no more than a batch in memory."""
    verifying = ds.ParquetFragmentScanOptions(page_checksum_verification=True)
    checked = ds.ParquetFileFormat(default_fragment_scan_options=verifying)
    if not storage.is_remote(directory):
        return ds.dataset(directory, format=checked)
    store, inner = storage.filesystem(directory)
    return ds.dataset(inner, format=checked, filesystem=store)
