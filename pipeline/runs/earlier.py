"""What earlier versions of a stage left, and what one that was killed had finished; and what nobody needs any more."""

from typing import Any

from pipeline.runs.manifest import Manifest, SetRecord
from pipeline.runs.run import Head, manifests_of
from pipeline.stores import storage


def earlier_manifests(run: str, stage: str) -> list[Manifest]:
    """Return manifests whose pieces may be used again: what a killed run finished, the current version, others."""
    current = Head.load(run).stages.get(stage)
    manifests = manifests_of(run, stage)
    ordered = sorted(manifests, key=lambda key: (key != current, key))
    finished = _finished(run, stage)
    return [*([finished] if finished is not None else []), *(manifests[key] for key in ordered)]


def _units(run: str, stage: str) -> str:
    return storage.join(run, "stages", stage, "units")


def _finished(run: str, stage: str) -> Manifest | None:
    """Return what tasks had finished of a version that was never committed, as if it were; None for nothing."""
    directory = _units(run, stage)
    lines = storage.read_jsons([storage.join(directory, name) for name in storage.names(directory)])
    records: dict[str, SetRecord] = {}
    files: dict[str, list[Any]] = {}
    for line in filter(None, lines):
        record = records.setdefault(line["set"], SetRecord(tuple(line["adds"]), tuple(line["changes"])))
        for part, unit in line["parts"].items():
            record.add_unit(part, unit)
        files |= line["files"]
    if not records:
        return None
    return Manifest(stage, 0, {}, "", [], [], "", sets=records, files=files)


def remove_units(run: str, stage: str) -> None:
    """Remove what tasks of a version had finished, now that it is committed."""
    storage.remove(_units(run, stage))


def prune(run: str) -> None:
    """Remove versions of the current stages that are not current, and files that no manifest names."""
    head = Head.load(run)
    root = storage.join(run, "stages")
    for stage in storage.names(root):
        named: set[str] = set()
        for key, manifest in manifests_of(run, stage).items():
            if stage in head.stages and head.stages[stage] != key:
                storage.remove(storage.join(root, stage, f"{key}.json"))
            else:
                named |= set(manifest.files)
        finished = _finished(run, stage)  # of a version that was killed, to go on from
        named |= finished.named_files() if finished is not None else set()
        for room in ("files", "tables"):
            _keep(run, f"stages/{stage}/{room}", named)


def _keep(run: str, directory: str, named: set[str]) -> None:
    """Remove what lies in a directory and is not named, nor holds anything that is."""
    depth = directory.count("/") + 2
    kept = {"/".join(path.split("/")[:depth]) for path in named}
    for name in storage.names(storage.join(run, directory)):
        path = f"{directory}/{name}"
        if path not in kept:
            storage.remove(storage.join(run, path))
