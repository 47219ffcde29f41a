"""What a run directory holds already: which version, if any, has a stage with given parameters on a given input."""

from dataclasses import dataclass, field
from functools import cache

from pipeline.engine.quarantine import quarantine_of
from pipeline.engine.recipes import Step, heeded
from pipeline.errors import ManifestError, near_miss
from pipeline.runs import storage
from pipeline.runs.manifest import Manifest, Member, StageTable, versions


@dataclass
class Chain:
    """The last committed chain of a run: which version holds each stage.

    Attributes:
        stages: stage → version directory below the run.
        inputs: What the user named as input.
        against: Earlier runs that it was de-duplicated against.
    """

    stages: dict[str, str] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, run: str) -> "Chain":
        """Return the run's chain, an empty one for a new run."""
        value = storage.read_json(storage.join(run, "chain.json"))
        return cls() if value is None else cls(dict(value["stages"]), value["inputs"], value.get("against", []))

    def save(self, run: str) -> None:
        """Make this the run's chain."""
        value = {"stages": list(self.stages.items()), "inputs": self.inputs, "against": self.against}
        storage.write_json(storage.join(run, "chain.json"), value)


class Committed:
    """The committed versions of a run and its chain, read as they are asked for."""

    def __init__(self, run: str) -> None:
        """Look at a run directory; it need not exist yet."""
        self.run = run
        self.chain = Chain.load(run)
        self.manifests = cache(self._manifests)

    def _manifests(self, first_stage: str) -> dict[str, Manifest]:
        """Return directory → manifest of the committed segments that begin with a stage."""
        found = {directory: Manifest.load(directory) for directory in versions(self.run, first_stage)}
        return {directory: manifest for directory, manifest in found.items() if manifest is not None}

    def find(self, step: Step, before: StageTable | str | None) -> StageTable | None:
        """Return the committed table of a stage on an input, None where there is none.

        Args:
            step: The stage with its parameters.
            before: The table that it reads, or the digest of the run's input; None where that is to be redone.
        """
        if before is None:
            return None
        name = step.stage.name
        if isinstance(before, StageTable):
            after = before.stages[before.stages.index(before.stage) + 1 :]
            if after and after[0] == name:
                table = StageTable(before.directory, name, before.manifest)
                if table.member.recipe == step.recipe:
                    return table
            before = before.digest
        wanted = step.fingerprint(heeded(before, quarantine_of(self.run, step.stage)))
        for directory, manifest in self.manifests(name).items():
            if manifest.members[0].fingerprint == wanted:
                return StageTable(directory, name, manifest)
        return None

    def why_not(self, step: Step) -> str:
        """Return in words why a stage has to run."""
        member = self._last_member(step.stage.name)
        if member is None:
            return "never run before"
        changed = [
            f"{key} {member.params.get(key)!r} → {value!r}"
            for key, value in step.settings.items()
            if member.params.get(key) != value
        ]
        if changed:
            return ", ".join(changed)
        if member.version != step.stage.version:
            return "its code is newer"
        what = "its input or the quarantine list" if step.stage.reads_inputs else "its input"
        return f"{what} changed: stale"

    def _last_member(self, stage: str) -> Member | None:
        """Return a stage as it was last committed: in the chain, or stale."""
        if stage in self.chain.stages:
            manifest = Manifest.load(storage.join(self.run, self.chain.stages[stage]))
            if manifest is not None:
                return StageTable("", stage, manifest).member
        for first in storage.names(storage.join(self.run, "stages")):
            for manifest in self.manifests(first).values():
                for member in manifest.members:
                    if member.stage == stage:
                        return member
        return None

    def tables(self) -> list[StageTable]:
        """Return the tables of the last committed chain in order.

        Raises:
            ManifestError: The run has no committed chain, or a version of it is gone.
        """
        if not self.chain.stages:
            raise ManifestError(f"{self.run} holds no committed run")
        found = []
        for stage, place in self.chain.stages.items():
            directory = storage.join(self.run, place)
            manifest = Manifest.load(directory)
            if manifest is None:
                raise ManifestError(f"{self.run}: the table of '{stage}' is gone from {place}")
            found.append(StageTable(directory, stage, manifest))
        return found

    def table(self, stage: str) -> StageTable:
        """Return the chain's table of one stage.

        Raises:
            ManifestError: The chain has no such stage, with the near miss.
        """
        tables = {table.stage: table for table in self.tables()}
        if stage not in tables:
            raise ManifestError(
                f"{self.run} has no committed stage '{stage}' (it has: {', '.join(tables)}){near_miss(stage, tables)}"
            )
        return tables[stage]
