"""Steps: a stage with its parameters, and the hashes by which what it gives is known."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.cells.parts import Part, digest
from pipeline.engine.stage import Params, Stage, WatchedParams
from pipeline.quarantine.listed import NO_QUARANTINE, Quarantine, names_digest, quarantine_of
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

    @property
    def max_page_cpu_seconds(self) -> float | None:
        """CPU seconds after which a page hangs; None for a stage that nobody watches."""
        return self.params.max_page_cpu_seconds if isinstance(self.params, WatchedParams) else None

    def quarantine(self, run: str) -> Quarantine:
        """Return the stage's entries on the list of a run; none for a stage that nobody watches."""
        return NO_QUARANTINE if self.max_page_cpu_seconds is None else quarantine_of(run, self.name)

    def key(self, before: Table | None, parts: Sequence[Part], quarantined: Collection[str] = ()) -> str:
        """Return what the stage's table is known by on an input.

        A stage that reads the input files again knows them by what `ingest` read of them: a hash of every body.

        Args:
            before: The table that it reads; None for the first stage.
            parts: The input of the run, which the first stage reads.
            quarantined: Names of the entries of pages that it must not read again.
        """
        listed = names_digest(quarantined)
        if before is None:
            files = digest([(part.name, part.digest) for part in parts])
            return digest(self.recipe, files, *([listed] if listed else []))
        cells = [part.state for part in before.cells(self.reads())]
        heard = [before.listened(upstream.stage, upstream.table) for upstream in self.stage.listens_to]
        return digest(self.recipe, cells, heard, listed)
