"""A run directory, opened: which version of each stage is current, and the tables that these are.

head.json                        which manifest of each stage is current, the inputs, earlier runs
stages/<stage>/<key>.json        manifest of a version of the stage's table: the commit
stages/<stage>/units/            what tasks of a version that is not committed yet have finished
stages/<stage>/files/            cells and drops, whatever version names them
stages/<stage>/tables/<key>/     small tables of a fit
"""

from dataclasses import dataclass, field
from functools import cached_property

from pipeline.errors import ManifestError, near_miss
from pipeline.runs.manifest import FORMER, Manifest
from pipeline.runs.table import Table
from pipeline.stores import storage
from schemas.renamed import STAGES, now


@dataclass
class Head:
    """What is current in a run.

    Attributes:
        stages: stage → key of its manifest, in order.
        inputs: What the user named as input.
        against: Earlier runs that it was de-duplicated against.
        plan: Where the stages come from; "" for the project's own.
        without: Stages of these that are left out.
    """

    stages: dict[str, str] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)
    plan: str = ""
    without: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, run: str) -> "Head":
        """Return the run's head, an empty one for a new run.

        Raises:
            ManifestError: The run is of a former format.
        """
        value = storage.read_json(storage.join(run, "head.json"))
        if value is not None:
            return cls(
                dict(value["stages"]), value["inputs"], value["against"], value["plan"], value.get("without", [])
            )
        if storage.exists(storage.join(run, FORMER)):
            raise ManifestError(
                f"{run} was made by an earlier version, whose tables this one does not read:"
                " name another output, or go on with that version"
            )
        return cls()

    def save(self, run: str) -> None:
        """Make this the run's head."""
        value = {**vars(self), "stages": list(self.stages.items())}
        storage.write_json(storage.join(run, "head.json"), value)


def manifest_path(run: str, stage: str, key: str) -> str:
    """Return where a version's manifest stands."""
    return storage.join(run, "stages", stage, f"{key}.json")


def manifests_of(run: str, stage: str) -> dict[str, Manifest]:
    """Return key → manifest of every committed version of a stage."""
    names = [name for name in storage.names(storage.join(run, "stages", stage)) if name.endswith(".json")]
    loaded = {name.removesuffix(".json"): Manifest.load(storage.join(run, "stages", stage, name)) for name in names}
    return {key: manifest for key, manifest in loaded.items() if manifest is not None}


class Run:
    """A run directory with its head; tables are read as they are asked for."""

    def __init__(self, path: str) -> None:
        """Open a run directory; it need not exist yet.

        Raises:
            ManifestError: It is of a former format.
        """
        self.path = path
        self.head = Head.load(path)

    @cached_property
    def _chain(self) -> tuple[Manifest, ...]:
        chain = []
        for stage, key in self.head.stages.items():
            manifest = Manifest.load(manifest_path(self.path, stage, key))
            if manifest is None:
                raise ManifestError(f"{self.path}: the manifest of '{stage}' is gone")
            chain.append(manifest)
        return tuple(chain)

    @property
    def stages(self) -> list[str]:
        """Names of the committed stages, in order."""
        return list(self.head.stages)

    def current_name(self, stage: str) -> str:
        """Return what a stage is called now; a name of an earlier version is taken with a warning."""
        return stage if stage in self.head.stages else now(STAGES, stage, self.path)

    def tables(self) -> list[Table]:
        """Return the committed tables in order.

        Raises:
            ManifestError: Nothing is committed, or a manifest is gone.
        """
        if not self.head.stages:
            raise ManifestError(f"{self.path} holds no committed run")
        return [Table(self.path, self._chain[: number + 1]) for number in range(len(self._chain))]

    def table(self, stage: str) -> Table:
        """Return the table of one stage.

        Raises:
            ManifestError: There is no such stage, with the near miss.
        """
        name = self.current_name(stage)
        for table in self.tables():
            if table.stage == name:
                return table
        have = ", ".join(self.stages)
        raise ManifestError(
            f"{self.path} has no committed stage '{stage}' (it has: {have}){near_miss(stage, self.stages)}"
        )
