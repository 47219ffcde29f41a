"""The contract of a stage: what it needs, what it adds, how it measures, fits and decides.

A stage is up to three pure functions:

* `measure` turns a part's Arrow batches into batches with more columns. The measures of neighbouring stages run in
  one Python hop.
* `fit` is for knowledge of the whole corpus: it shuffles keys, never text, and leaves small named side tables.
* `decide`, the decorated function, is DataFrame → DataFrame in Columns. It never filters rows: it fills `drop`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from pipeline.errors import ContractError, near_miss
from pipeline.spark.types import spark_type
from schemas.columns import DROP, DROP_TYPE, REQUIRED, SCRATCH, Column

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame

    from pipeline.engine.quarantine import Quarantine
    from pipeline.engine.side_tables import PartFiles
    from pipeline.runs.parts import BatchStream, Part


class Params(BaseModel):
    """Parameters of a stage: frozen, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
    beside_results: ClassVar[frozenset[str]] = frozenset()
    """Names of parameters on which no result depends: another value of theirs makes nothing stale."""
    limits: ClassVar[frozenset[str]] = frozenset()
    """Names of parameters that decide which rows go, and change no content of a row."""

    def content_settings(self) -> dict[str, Any]:
        """Return the parameters on which the content of rows depends, as JSON values."""
        return self.model_dump(mode="json", exclude=set(self.beside_results | self.limits))


class AgainstParams(Params):
    """Parameters of a stage that can go by earlier runs too."""

    against: tuple[str, ...] = ()
    """Directories of earlier runs to de-duplicate against; `--against` sets it for all levels."""
    against_digest: str | None = None
    """Hash of what these runs hold; the run fills it in, so that an earlier run that changes makes this one stale."""
    beside_results: ClassVar[frozenset[str]] = frozenset({"against"})


class SideTables(Protocol):
    """Side tables of the stage that is running, as a worker or the driver reads them."""

    @property
    def quarantine(self) -> "Quarantine":
        """Pages that hung, and the watchdog for those to come; the run's for a stage that reads inputs again."""

    def table(self, name: str) -> pa.Table:
        """Return a whole side table; for tables that fit a worker's memory."""

    def files(self, name: str) -> tuple[str, ...]:
        """Return the files of a whole side table, in order; for what a worker does not hold as a table."""

    def slice(self, name: str, part: "Part") -> pa.Table | None:
        """Return what a by-part side table holds for one part; None where it holds nothing of it."""


class SideWriter(SideTables, Protocol):
    """What `fit` works with: reads the stage's input by columns and commits side tables."""

    @property
    def rows(self) -> int:
        """Rows of the stage's input."""

    def measure(  # noqa: PLR0913  (what to measure, of what, and what of it is kept)
        self,
        name: str,
        measure: "Measure",
        adds: Sequence[Column],
        keeps: Sequence[Column],
        settings: "Params | None" = None,
        *,
        by_row: bool = True,
        of: str = "",
        reads: Sequence[str] = (),
    ) -> "DataFrame":
        """Measure the input, or a side table of it, part by part in one hop; an unchanged part not again."""

    def part_files(self, name: str = "") -> "list[PartFiles]":
        """Return the files of a side table that was measured part by part; without a name, of the stage's input."""

    def place(self, name: str, stage: str = "") -> str:
        """Return the directory of a side table of this stage, or of one that ran before it; "" if that did not run."""

    def note(self, **values: Any) -> None:
        """Remember what the run's report is to say of the fit: JSON values by name."""

    def save(
        self,
        name: str,
        rows: "DataFrame",
        *,
        by_part: bool = False,
        scratch: bool = False,
        small: bool = False,
        buckets: "int | Sequence[str]" = 0,
    ) -> "DataFrame":
        """Commit rows as a side table and return them as read back; the lineage ends here."""


Measure = Callable[["BatchStream", "Part", Any, SideTables], "BatchStream"]
Decide = Callable[["DataFrame", Any], "DataFrame"]
Fit = Callable[["DataFrame", Any, SideWriter], None]


@dataclass(frozen=True)
class Stage:
    """A stage and its contract.

    Attributes:
        name: As in the plan, in configuration and in `decisions`.
        version: Raised whenever the code would decide or write differently on the same input.
        params: The model of its parameters.
        needs: Columns that must be there.
        measures: Columns that the Python hop adds or changes; a name that begins with `__` is scratch.
        adds: Columns that the Column logic adds.
        satisfied_by: A table that already has these columns has no need of the stage.
        forgets: Columns that its table no longer carries.
        measure: The Arrow function, None where there is nothing to measure.
        fit: The whole-corpus step, None where a part can be decided alone.
        decide: The Column logic.
        reads_inputs: Whether the measure reads pages of the input files again; such a stage begins a segment and heeds
            the run's quarantine list.
    """

    name: str
    version: int
    params: type[Params]
    needs: tuple[Column, ...]
    measures: tuple[Column, ...]
    adds: tuple[Column, ...]
    satisfied_by: tuple[Column, ...]
    forgets: tuple[Column, ...]
    measure: Measure | None
    fit: Fit | None
    decide: Decide
    reads_inputs: bool = False

    def columns_after(self, before: Sequence[Column]) -> list[Column]:
        """Return the columns of the stage's table, given those of its input."""
        names = {column.name for column in before}
        new = [c for c in (*self.measures, *self.adds) if c.name not in names and not c.name.startswith(SCRATCH)]
        forgotten = {column.name for column in self.forgets}
        return [column for column in (*before, *new) if column.name not in forgotten]


def stage(  # noqa: PLR0913  (each argument is one clause of the contract)
    *,
    needs: tuple[Column, ...] = (),
    measures: tuple[Column, ...] = (),
    adds: tuple[Column, ...] = (),
    satisfied_by: tuple[Column, ...] = (),
    forgets: tuple[Column, ...] = (),
    measure: Measure | None = None,
    fit: Fit | None = None,
    reads_inputs: bool = False,
    version: int = 1,
) -> Callable[[Decide], Stage]:
    """Make a stage of its deciding function, whose name is the stage's; its second parameter's type is the Params.

    Raises:
        ContractError: The function's `params` argument is not annotated with a Params model.
    """

    def wrap(decide: Decide) -> Stage:
        params = decide.__annotations__.get("params")
        if not (isinstance(params, type) and issubclass(params, Params)):
            raise ContractError(f"stage '{decide.__name__}': annotate its 'params' with a Params model, not {params!r}")
        clauses = (needs, measures, adds, satisfied_by, forgets, measure, fit)
        return Stage(decide.__name__, version, params, *clauses, decide, reads_inputs)

    return wrap


def check_chain(stages: Sequence[Stage], columns: Sequence[Column], *, defaults: bool = False) -> list[Column]:
    """Check that every stage finds the columns it needs; return the columns after the last one.

    Args:
        stages: In the order in which they run.
        columns: What the first of them is handed.
        defaults: Whether a column that is missing may take its documented default (tables that a user brings).

    Raises:
        ContractError: Names the stage, the column and the near miss.
    """
    have = list(columns)
    for one in stages:
        names = [column.name for column in have]
        for column in one.needs:
            if column.name in names:
                continue
            if defaults and column.default is not REQUIRED:
                have.append(column)
                continue
            raise ContractError(
                f"stage '{one.name}' needs column '{column.name}', which no earlier stage adds"
                f" (there are: {', '.join(names)}){near_miss(column.name, names)}"
            )
        have = one.columns_after(have)
    return have


def dropped(
    stage_name: str,
    reason: "SparkColumn | str",
    value: "SparkColumn | None" = None,
    limit: "SparkColumn | float | None" = None,
) -> "SparkColumn":
    """Return the `drop` struct for rows that a stage drops, none of which has a survivor."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    known = {
        "stage": F.lit(stage_name),
        "reason": F.lit(reason) if isinstance(reason, str) else reason,
        "value": F.lit(None) if value is None else value,
        "limit": F.lit(limit) if isinstance(limit, int | float) else F.lit(None) if limit is None else limit,
    }
    fields = (known.get(field.name, F.lit(None)).cast(spark_type(field.type)).alias(field.name) for field in DROP_TYPE)
    return F.struct(*fields)


def first_reason(docs: "DataFrame", *candidates: "SparkColumn") -> "DataFrame":
    """Fill `drop` with the first candidate that is not null; a row that is dropped already keeps its reason."""
    from pyspark.sql import functions as F  # noqa: N812, PLC0415

    return docs.withColumn(DROP.name, F.coalesce(F.col(DROP.name), *candidates))
