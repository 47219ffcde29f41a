"""A stage's table: the rows that passed it, with all columns that it and those before it left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from pipeline.cells.part_cells import CellSet, PartCells
from pipeline.cells.parts import digest
from pipeline.cells.pieces import Piece
from pipeline.runs.manifest import Manifest, PartRecord, SetRecord
from pipeline.stores import storage
from schemas.columns import DROP, Column


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

    @property
    def hidden(self) -> frozenset[str]:
        """Names of the columns that some stage of the chain redacts."""
        return frozenset(name for manifest in self.chain for name in manifest.hides)

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
        self, names: Sequence[str], *, private_sets: Sequence[str] = (), parts: Sequence[str] | None = None
    ) -> list[PartCells]:
        """Return the parts, with where some columns of them lie.

        Args:
            names: Of columns; one that no stage left is passed over.
            private_sets: Sets of the last stage that are its own affair, to be read too.
            parts: Names of the parts; None for all.
        """
        wanted = set(names)
        sources: list[tuple[SetRecord, tuple[str, ...], tuple[str, ...]]] = []
        for manifest in reversed(self.chain):
            for name, record in reversed(manifest.sets.items()):
                if not record.by_row:
                    continue
                is_own = manifest is self.manifest and name in private_sets
                shown = record.adds if is_own else [column for column in record.adds if column in manifest.adds]
                adds = tuple(column for column in shown if column in wanted)
                changes = tuple(column for column in record.changes if column in wanted)
                if adds or changes:
                    sources.append((record, adds, changes))
                wanted -= set(adds)  # the newest set that has a column speaks for it
        sources.reverse()
        chosen = None if parts is None else set(parts)
        return [
            PartCells(
                self.root,
                part.part(),
                part.rows,
                tuple(
                    drop_record.rows
                    for manifest in self.chain
                    if (drop_record := manifest.drops.get(part.name)) is not None and drop_record.rows is not None
                ),
                tuple(
                    CellSet(adds, changes, record.pieces.get(part.name, ()), record.is_sparse)
                    for record, adds, changes in sources
                ),
            )
            for part in self.parts
            if chosen is None or part.name in chosen
        ]

    def with_drops(self, names: Sequence[str], first: int = 0, *, private_sets: Sequence[str] = ()) -> list[PartCells]:
        """Return the parts with all rows that some stages left, dropped since or not: the column `drop` says which.

        A cell that a row never had, since it was dropped before, is null.

        Args:
            names: Of columns.
            first: How many stages have to have let a row pass.
            private_sets: Sets of the last stage that are its own affair, to be read too.
        """
        passed = Table(self.root, self.chain[:first]).cells(()) if first else None
        parts = []
        for number, cells in enumerate(self.cells(names, private_sets=private_sets)):
            sets = tuple(cell_set._replace(is_sparse=True) for cell_set in cells.sets)
            drops = passed[number].drops if passed is not None else ()
            pieces = tuple(Piece(stretch, None, ()) for stretch in cells.drops[len(drops) :])
            parts.append(replace(cells, drops=drops, sets=(*sets, CellSet((DROP.name,), (), pieces, is_sparse=True))))
        return parts

    @cached_property
    def digest(self) -> str:
        """Hash of which rows the table has, and of all of their cells."""
        return digest([cells.state for cells in self.cells([column.name for column in self.columns])])

    @cached_property
    def digest_of_drops(self) -> str:
        """Hash of whom the stage dropped, and why."""
        return digest([(part, record.content) for part, record in sorted(self.manifest.drops.items())])
