"""Steps: a stage with its parameters on an input, and the hashes by which what it gives is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.engine.quarantine import Quarantine
from pipeline.engine.stage import Params, Stage
from pipeline.runs.manifest import StageTable, recipe_of
from pipeline.runs.parts import Part, digest
from schemas.columns import SCRATCH, Column


@dataclass(frozen=True)
class Source:
    """What a segment reads: the parts of an input or of the table before, and their columns."""

    parts: tuple[Part, ...]
    columns: tuple[Column, ...]
    rows: int | None
    digest: str

    @classmethod
    def of_table(cls, table: StageTable) -> "Source":
        """Return a committed table as a source."""
        return cls(tuple(table.parts()), table.columns, table.rows, table.digest)


@dataclass(frozen=True)
class Step:
    """A stage with its parameters."""

    stage: Stage
    params: Params

    @property
    def settings(self) -> dict[str, Any]:
        """The parameters on which results depend, as JSON values."""
        return self.params.model_dump(mode="json", exclude=set(self.params.beside_results))

    @property
    def recipe(self) -> str:
        """Hash of what the stage does, apart from its input."""
        return recipe_of(self.stage.name, self.stage.version, self.settings)

    @property
    def content_recipe(self) -> str:
        """Hash of what the stage makes of a row's content, apart from its input: its limits have no part in it."""
        return recipe_of(self.stage.name, self.stage.version, self.params.content_settings())

    def fingerprint(self, before: str) -> str:
        """Return the stage's fingerprint on an input that is known by `before`."""
        return digest(before, self.recipe)


def heeded(before: str, quarantine: Quarantine) -> str:
    """Return what an input, known by `before`, is known by without the pages of a quarantine list."""
    return digest(before, names) if (names := quarantine.names()) else before


def fingerprints(steps: Sequence[Step], before: str) -> dict[str, str]:
    """Return the fingerprint of every stage of a segment on an input."""
    found = {}
    for step in steps:
        before = step.fingerprint(before)
        found[step.stage.name] = before
    return found


def contents(steps: Sequence[Step], before: str, side_print: str) -> dict[str, str]:
    """Return what the content of a part's rows is made of after every stage; deciding what goes changes none."""
    found = {}
    for step in steps:
        changes = [column for column in (*step.stage.measures, *step.stage.adds) if not column.name.startswith(SCRATCH)]
        if changes:
            before = digest(before, step.content_recipe, side_print if step.stage.fit is not None else "")
        found[step.stage.name] = before
    return found
