"""Earlier runs that a run is de-duplicated against: what each level of theirs left for later ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.dedup.bucket_files import SUPERSEDED, BucketFiles
from pipeline.engine.committed import Committed
from pipeline.engine.recipes import Step
from pipeline.engine.side_tables import PartFiles, bucket_name, part_files
from pipeline.engine.stage import AgainstParams, Params
from pipeline.errors import ConfigError
from pipeline.rows.row_ids import MeasuredPart, MeasuredParts
from pipeline.rows.verdicts import VERDICTS
from pipeline.runs import storage
from pipeline.runs.manifest import MANIFEST, StageTable
from pipeline.runs.parts import digest


@dataclass(frozen=True)
class EarlierLevel:
    """One level of an earlier run.

    Attributes:
        run: The run directory.
        table: The level's committed table.
    """

    run: str
    table: StageTable

    def place(self, name: str) -> str:
        """Return the directory of a side table."""
        return storage.join(self.table.directory, "_side", name)

    def parts(self, name: str) -> list[PartFiles]:
        """Return the files of a side table that was measured part by part.

        Raises:
            ConfigError: There is none: the run was made by an earlier version.
        """
        manifest = storage.read_json(storage.join(self.place(name), MANIFEST))
        if manifest is None:
            raise ConfigError(f"--against {self.run}: it has no index of {self.table.stage}; run it again")
        return part_files(self.place(name), manifest["parts"])

    def index(self, name: str, first_part: int = 0) -> BucketFiles:
        """Return the index that a side table by bucket holds; see `BucketFiles` for the arguments.

        Raises:
            ConfigError: There is none: the run was made by an earlier version.
        """
        side = self.table.manifest.sides.get(name)
        if side is None:
            raise ConfigError(f"--against {self.run}: it has no index of {self.table.stage}; run it again")
        files = {path: storage.join(self.place(name), path) for path, _ in side["files"]}
        numbered = {number: files.get(f"{bucket_name(number)}.parquet") for number in range(side["buckets"])}
        found = {number: path for number, path in numbered.items() if path is not None}
        return BucketFiles(found, side["buckets"], first_part)

    def require(self, version: int, params: Mapping[str, Any], **notes: Any) -> None:
        """Check that the level was made by the same code and parameters, and noted the same.

        Raises:
            ConfigError: It did not, so that both cannot be compared.
        """
        if self.table.member.version != version:
            raise ConfigError(f"--against {self.run}: its {self.table.stage} is of another version; run it again")
        held = {**self.table.member.params, **{name: self.table.manifest.notes.get(name) for name in notes}}
        for name, value in {**params, **notes}.items():
            found = held.get(name)
            if found != value:
                stage = self.table.stage
                raise ConfigError(f"--against {self.run}: {stage}.{name} is {found!r} there and {value!r} here")


def with_earlier_runs(params: Params, stage: str, runs: Sequence[str], *, needed: bool) -> Params:
    """Write into a level's parameters which runs to go by, and what they hold today.

    Args:
        params: Of any stage; those of one that knows no earlier runs are returned as they are.
        stage: Its name.
        runs: Run directories.
        needed: Whether the stage is asked for.

    Raises:
        ConfigError: The parameters name earlier runs themselves, or a run lacks a stage that is needed.
    """
    if not isinstance(params, AgainstParams):
        return params
    if params.against or params.against_digest:
        raise ConfigError(f"{stage}.against: name earlier runs with --against, which is for all levels")
    if not runs:
        return params
    held = []
    for run in runs:
        committed = Committed(run)
        table = committed.table(stage) if stage in committed.chain.stages else None
        if table is None and needed:
            raise ConfigError(
                f"--against {run}: it has no committed '{stage}' (it has: {', '.join(committed.chain.stages)})"
            )
        held.append([table.member.fingerprint, table.digest] if table is not None else None)
    return params.model_copy(update={"against": tuple(runs), "against_digest": digest(held)})


def heed_superseded(step: Step, tables: Mapping[str, StageTable]) -> Step:
    """Return a step that knows which captures of earlier runs this run's `dedup_url` superseded.

    Args:
        step: Of any stage; only `dedup_document` asks.
        tables: Committed tables of the stages before it.
    """
    urls = tables.get("dedup_url")
    if step.stage.name != "dedup_document" or urls is None:
        return step
    if not (isinstance(step.params, AgainstParams) and step.params.against):
        return step
    listed = urls.manifest.sides.get(SUPERSEDED)
    known = digest(step.params.against_digest, listed)
    return Step(step.stage, step.params.model_copy(update={"against_digest": known}))


def earlier_levels(runs: Sequence[str], stage: str) -> list[EarlierLevel]:
    """Return a level of every earlier run.

    Raises:
        ManifestError: A run has no committed table of the stage, or nothing is committed there.
    """
    return [EarlierLevel(run, Committed(run).table(stage)) for run in runs]


def superseded_name(run: str, part: str) -> str:
    """Return the name of the file, in a `superseded` side table, of the captures of one part of an earlier run."""
    return f"{digest(run)}-{part}"


def superseded_places(levels: Sequence[EarlierLevel], own: str) -> list[str]:
    """Return the directories that list superseded captures: of the earlier runs themselves, and of this run.

    Args:
        levels: Of the earlier runs.
        own: This run's; "" where `dedup_url` did not run.
    """
    places = [own] if own else []
    for level in levels:
        committed = Committed(level.run)
        if "dedup_url" in committed.chain.stages:
            places.append(storage.join(committed.table("dedup_url").directory, "_side", SUPERSEDED))
    return places


def measured_parts(
    levels: Sequence[EarlierLevel], name: str, own: Sequence[PartFiles], superseded: Sequence[str] = ()
) -> MeasuredParts:
    """Return the measured parts of earlier runs, with what is gone from them, and then this run's.

    Args:
        levels: Of the earlier runs.
        name: Of the side table.
        own: This run's parts.
        superseded: Directories that list superseded captures.
    """
    parts: list[MeasuredPart] = []
    for level in levels:
        for part in level.parts(name):
            gone = storage.join(level.place(VERDICTS), f"{part.name}.parquet")
            file = f"{superseded_name(level.run, part.name)}.parquet"
            newer = tuple(storage.join(place, file) for place in superseded)
            parts.append(MeasuredPart(*part, gone, newer, level.run))
    return MeasuredParts((*parts, *(MeasuredPart(*part) for part in own)), len(parts))


def indexes(levels: Sequence[EarlierLevel], name: str, measured: str = "") -> list[BucketFiles]:
    """Return the index of every earlier run.

    Args:
        levels: Of the earlier runs.
        name: Of the side table by bucket.
        measured: Side table whose parts the places in the index are of; empty where it holds no places.
    """
    found, first = [], 0
    for level in levels:
        found.append(level.index(name, first))
        first += len(level.parts(measured)) if measured else 0
    return found


def publish_superseded(run: str, tables: Sequence[StageTable]) -> None:
    """Put the list of superseded captures of earlier runs where users find it; there is none without earlier runs."""
    target = storage.join(run, SUPERSEDED)
    storage.remove(target)
    for table in tables:
        for path, _ in table.manifest.sides.get(SUPERSEDED, {}).get("files", []) if table.stage == "dedup_url" else []:
            storage.link(storage.join(table.directory, "_side", SUPERSEDED, path), storage.join(target, path))
