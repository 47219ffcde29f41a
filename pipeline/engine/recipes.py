"""Steps: a stage with its parameters, and the hashes by which what it gives is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.cells.parts import digest
from pipeline.engine.stage import Params, Stage
from pipeline.runs.table import Table


@dataclass(frozen=True)
class Step:
    """A stage with its parameters.

    Attributes:
        stage: The stage, as these parameters want it.
        params: Its parameters.
        code: File → hash of the definitions in it that decide the stage's cells.
        is_kept: Whether earlier results of it are taken for those of the code as it is now (`--keep-results`).
    """

    stage: Stage
    params: Params
    code: Mapping[str, str] = field(default_factory=dict)
    is_kept: bool = False

    @property
    def name(self) -> str:
        """Name of the stage."""
        return self.stage.name

    @property
    def settings(self) -> dict[str, Any]:
        """The parameters on which results depend, as JSON values."""
        return self.params.result_settings()

    @property
    def recipe(self) -> str:
        """Hash of what the stage does, apart from its input."""
        return digest(self.name, self.stage.version, self.code, self._columns, self.settings)

    @property
    def content_recipe(self) -> str:
        """Hash of what the stage makes of cells, apart from its input: its limits have no part in it."""
        return digest(self.name, self.stage.version, self.code, self._columns, self.params.content_settings())

    @property
    def _columns(self) -> list[tuple[str, str]]:
        """Names and types of the columns that the stage adds or changes: those of a user's table among them."""
        return [(column.name, str(column.type)) for column in (*self.stage.adds, *self.stage.changes)]

    def reads(self) -> tuple[str, ...]:
        """Return the names of the columns that the stage may read."""
        columns = (*self.stage.needs, *self.stage.uses, *self.stage.changes)
        return (*(column.name for column in columns), *self.params.reads())

    def key(self, before: Table, quarantined: str = "") -> str:
        """Return what the stage's table is known by on an input.

        A stage that reads the input files again knows them by what `ingest` read of them: a hash of every body.

        Args:
            before: The table that it reads.
            quarantined: Hash of the pages that it must not read again.
        """
        cells = [part.state for part in before.cells(self.reads())]
        heard = [before.listened(upstream.stage, upstream.table) for upstream in self.stage.listens_to]
        return digest(self.recipe, cells, heard, quarantined)
