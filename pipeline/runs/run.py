"""A run directory, opened: which version of each stage is current, and the tables that these are.

head.json                        which manifest of each stage is current, the inputs, earlier runs
stages/<stage>/<key>.json        manifest of a version of the stage's table: the commit
stages/<stage>/units/            what tasks of a version that is not committed yet have finished
stages/<stage>/files/            cells and drops, whatever version names them
stages/<stage>/tables/<key>/     small tables of a fit
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from pipeline.cells.part_cells import CellSet, PartCells
from pipeline.cells.parts import Part, digest
from pipeline.cells.pieces import Piece
from pipeline.errors import ManifestError, near_miss
from pipeline.runs.manifest import FORMER, Manifest, PartRecord, SetRecord
from pipeline.stores import storage
from schemas.columns import DROP, Column


@dataclass
class Head:
    """What is current in a run.

    Attributes:
        stages: stage → key of its manifest, in order.
        inputs: What the user named as input.
        against: Earlier runs that it was de-duplicated against.
        plan: Where the stages come from; "" for the project's own.
    """

    stages: dict[str, str] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)
    plan: str = ""

    @classmethod
    def load(cls, run: str) -> "Head":
        """Return the run's head, an empty one for a new run.

        Raises:
            ManifestError: The run is of a former format.
        """
        value = storage.read_json(storage.join(run, "head.json"))
        if value is not None:
            return cls(dict(value["stages"]), value["inputs"], value["against"], value["plan"])
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


@dataclass(frozen=True)
class Table:
    """A stage's table: the rows that passed it, and all columns that it and those before it left.

    Attributes:
        root: The run directory.
        chain: Manifests of the stages up to this one.
    """

    root: str
    chain: tuple[Manifest, ...]

    @property
    def manifest(self) -> Manifest:
        """What the stage itself left."""
        return self.chain[-1]

    @property
    def stage(self) -> str:
        """Name of the stage."""
        return self.manifest.stage

    @property
    def parts(self) -> list[PartRecord]:
        """The parts, in order of their names."""
        return self.chain[0].parts

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the table: those that its stages add, less those that they leave out."""
        have: dict[str, Column] = {}
        for manifest in self.chain:
            have |= {column.name: column for column in manifest.stored_columns()}
            have = {name: column for name, column in have.items() if name not in manifest.leaves_out}
        return tuple(have.values())

    @cached_property
    def rows(self) -> int:
        """Rows that passed the stage."""
        return sum(self._rows_of.values())

    def rows_of(self, part: str) -> int:
        """Return how many rows of a part passed the stage."""
        return self._rows_of[part]

    @cached_property
    def _rows_of(self) -> dict[str, int]:
        left = {part.name: part.rows for part in self.parts}
        for manifest in self.chain:
            for name, record in manifest.drops.items():
                left[name] -= record.rows.rows if record.rows is not None else 0
        return left

    @property
    def before(self) -> "Table":
        """The table that the stage read."""
        return Table(self.root, self.chain[:-1])

    def files(self, stage: str, name: str) -> tuple[str, ...]:
        """Return the files of a small table that a stage of the chain left; none where it left none."""
        record = next((m.tables.get(name) for m in self.chain if m.stage == stage), None)
        return () if record is None else tuple(storage.join(self.root, path) for path, _ in record.files)

    def listened(self, stage: str, name: str) -> str | None:
        """Return the hash of a small table of a stage of the chain, None where it left none."""
        record = next((m.tables.get(name) for m in self.chain if m.stage == stage), None)
        return None if record is None else record.digest

    def cells(
        self, names: Sequence[str], *, own: Sequence[str] = (), parts: Sequence[str] | None = None
    ) -> list[PartCells]:
        """Return the parts, with where some columns of them lie.

        Args:
            names: Of columns; one that no stage left is passed over.
            own: Sets of the last stage that are its own affair, to be read too.
            parts: Names of the parts; None for all.
        """
        wanted = set(names)
        sources: list[tuple[SetRecord, tuple[str, ...], tuple[str, ...]]] = []
        for manifest in reversed(self.chain):
            for name, record in reversed(manifest.sets.items()):
                if not record.by_row:
                    continue
                is_own = manifest is self.manifest and name in own
                adds = tuple(one for one in record.adds if one in wanted and (is_own or one in manifest.adds))
                changes = tuple(one for one in record.changes if one in wanted)
                if adds or changes:
                    sources.append((record, adds, changes))
                wanted -= set(adds)  # the newest set that has a column speaks for it
        sources.reverse()
        chosen = None if parts is None else set(parts)
        return [
            PartCells(
                self.root,
                Part(part.name, part.source, part.uri, part.bytes, part.digest),
                part.rows,
                tuple(
                    gone.rows
                    for manifest in self.chain
                    if (gone := manifest.drops.get(part.name)) is not None and gone.rows is not None
                ),
                tuple(
                    CellSet(adds, changes, record.pieces.get(part.name, ()), record.is_sparse)
                    for record, adds, changes in sources
                ),
            )
            for part in self.parts
            if chosen is None or part.name in chosen
        ]

    def with_drops(self, names: Sequence[str], first: int = 0, *, own: Sequence[str] = ()) -> list[PartCells]:
        """Return the parts with all rows that some stages left, dropped since or not: the column `drop` says which.

        A cell that a row never had, since it was dropped before, is null.

        Args:
            names: Of columns.
            first: How many stages have to have let a row pass.
            own: Sets of the last stage that are its own affair, to be read too.
        """
        passed = Table(self.root, self.chain[:first]).cells(()) if first else None
        parts = []
        for number, cells in enumerate(self.cells(names, own=own)):
            sets = tuple(one._replace(is_sparse=True) for one in cells.sets)
            drops = passed[number].drops if passed is not None else ()
            gone = tuple(Piece(stretch, None, ()) for stretch in cells.drops[len(drops) :])
            parts.append(replace(cells, drops=drops, sets=(*sets, CellSet((DROP.name,), (), gone, is_sparse=True))))
        return parts

    @cached_property
    def digest(self) -> str:
        """Hash of which rows the table has, and of all of their cells."""
        return digest([cells.state for cells in self.cells([column.name for column in self.columns])])

    @cached_property
    def digest_of_drops(self) -> str:
        """Hash of whom the stage dropped, and why."""
        return digest([(part, record.content) for part, record in sorted(self.manifest.drops.items())])


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
        for table in self.tables():
            if table.stage == stage:
                return table
        have = ", ".join(self.stages)
        raise ManifestError(
            f"{self.path} has no committed stage '{stage}' (it has: {have}){near_miss(stage, self.stages)}"
        )
