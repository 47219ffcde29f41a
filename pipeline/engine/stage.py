"""The contract of a stage: what it needs, adds and changes, how it measures, fits and decides.

A stage is up to three pure functions:

* `measure` turns batches of the columns that it needs into batches with more columns, or with other cells in them.
* `fit` is for knowledge of the whole corpus: it shuffles keys, never text, and leaves small tables and drops.
* `decide`, the decorated function, is DataFrame → DataFrame in Columns. It never filters rows: it fills `drop`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field

from pipeline.cells.parts import BatchStream
from pipeline.errors import ContractError, near_miss
from schemas.columns import REQUIRED, SCRATCH, Column
from schemas.renamed import CLAUSES, now

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from pipeline.engine.fitting import FitContext
    from pipeline.engine.tables import FittedTables


class Params(BaseModel):
    """Parameters of a stage: frozen, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
    runtime: ClassVar[frozenset[str]] = frozenset()
    """Names of parameters on which no result depends: another value of theirs makes nothing stale."""
    limits: ClassVar[frozenset[str]] = frozenset()
    """Names of parameters that decide which rows go, and change no cell."""

    def result_settings(self) -> dict[str, Any]:
        """Return the parameters on which results depend, as JSON values."""
        return self.model_dump(mode="json", exclude=set(self.runtime))

    def content_settings(self) -> dict[str, Any]:
        """Return the parameters on which cells depend, as JSON values."""
        return self.model_dump(mode="json", exclude=set(self.runtime | self.limits))

    def resolved(self) -> Self:
        """Return the parameters with the hashes of the files that they name, and the versions of what reads them.

        Raises:
            ConfigError: A file is not there.
        """
        return self

    def reads(self) -> tuple[str, ...]:
        """Return the names of columns that the parameters name."""
        return ()

    def check_columns(self, columns: "Sequence[Column]") -> None:
        """Refuse, before anything runs, parameters that do not fit the columns of the stage's input.

        Raises:
            ConfigError: A column that they name is not there, or of another type.
        """


class WatchedParams(Params):
    """Parameters of a stage whose measures a watchdog ends where a page hangs in them.

    The stage needs a deciding function. If it reads the input files, its measure watches each page and goes by the list
    (`FittedTables.quarantine`); for any other stage the engine does both.
    """

    max_page_cpu_seconds: float = Field(300, gt=0)
    """CPU seconds after which a page fails its task and goes on the run's quarantine list; no result depends on it."""
    runtime: ClassVar[frozenset[str]] = frozenset({"max_page_cpu_seconds"})


class AgainstParams(Params):
    """Parameters of a stage that can go by earlier runs too."""

    against: tuple[str, ...] = ()
    """Directories of earlier runs to de-duplicate against; `--against` sets it for all levels."""
    against_digest: str | None = None
    """Hash of what these runs hold; the run fills it in, so that an earlier run that changes makes this one stale."""
    runtime: ClassVar[frozenset[str]] = frozenset({"against"})


class Upstream(NamedTuple):
    """A small table that an earlier stage leaves, by which a stage decides too.

    Attributes:
        stage: Name of the earlier stage.
        table: Name of the table.
    """

    stage: str
    table: str


class Released(NamedTuple):
    """How a stage wants the rows of its table released.

    Attributes:
        params: Of the stage, as JSON values.
        weights: category → share of tokens that was asked for.
        cuts: What each category was asked for, and where it ends.
        cells: What each cell was asked for.
        limited_by: What limits the size, in a word; None where nothing is left.
    """

    params: Mapping[str, Any]
    weights: dict[str, float]
    cuts: list[dict[str, Any]]
    cells: list[dict[str, Any]]
    limited_by: str | None


Measure = Callable[[BatchStream, Any, "FittedTables"], BatchStream]
Decide = Callable[["DataFrame", Any], "DataFrame"]
Fit = Callable[["FitContext", Any], None]


@dataclass(frozen=True)
class Stage:
    """A stage and its contract.

    Attributes:
        name: As in the plan, in configuration and in `decisions`.
        params: The model of its parameters.
        version: Raised where a digest of the code cannot see that the stage decides otherwise.
        needs: Columns that must be there.
        uses: Columns that are read where they are there; one that it adds too is left as it is, unless the fit measures
            it anew.
        adds: Columns that it adds; one whose name begins with `__` is for its own `decide`.
        changes: Columns of earlier stages that `measure` changes, where they are there.
        measure: The Arrow function, None where there is nothing to measure after the fit.
        measure_reads: Columns that it is handed, those that the fit left among them; empty for `needs`, `uses` and
            `changes`.
        fit: The whole-corpus step, None where a part can be decided alone.
        decide: The Column logic; None where nothing is dropped, or the fit has named all drops.
        decides_by: Columns that `decide` reads beside those that the stage adds.
        skip_if_present: A table that already has these columns has no need of the stage.
        drops_columns: Columns that its table no longer has.
        rereads_source: Whether `measure` reads the input files: part by part.
        listens_to: Small tables of earlier stages.
        publishes: Small tables, by bucket, that the run puts into a directory of their name.
        hides: Columns that must not be shown as they were before this stage. They are shown of a record in which the
            first column that the stage adds is not null.
        report: Turns what the fit noted into lines of the report.
        meanings: Drop reason → what it means, for a stage of the user's own.
        variant: Returns the stage as some parameters want it.
        release: Says of a committed table how it is to be released; stages after it may add columns to that.
    """

    name: str
    params: type[Params]
    version: int = 1
    needs: tuple[Column, ...] = ()
    uses: tuple[Column, ...] = ()
    adds: tuple[Column, ...] = ()
    changes: tuple[Column, ...] = ()
    measure: Measure | None = None
    measure_reads: tuple[Column, ...] = ()
    fit: Fit | None = None
    decide: Decide | None = None
    decides_by: tuple[Column, ...] = ()
    skip_if_present: tuple[Column, ...] = ()
    drops_columns: tuple[Column, ...] = ()
    rereads_source: bool = False
    listens_to: tuple[Upstream, ...] = ()
    publishes: tuple[str, ...] = ()
    hides: tuple[Column, ...] = ()
    report: "Callable[[Mapping[str, Any]], Iterator[str]] | None" = None
    meanings: Mapping[str, str] = field(default_factory=dict)
    variant: "Callable[[Stage, Any], Stage] | None" = None
    release: "Callable[[Any, FittedTables], Released] | None" = None

    @property
    def public(self) -> tuple[Column, ...]:
        """Columns that it adds for those after it."""
        return tuple(column for column in self.adds if not column.name.startswith(SCRATCH))

    @property
    def functions(self) -> tuple[Callable[..., object] | None, ...]:
        """What decides cells and drops; None for what the stage does without."""
        return self.measure, self.fit, self.decide

    def columns_after(self, before: Sequence[Column]) -> list[Column]:
        """Return the columns of the stage's table, given those of its input."""
        public = {column.name: column for column in self.public}
        names = {column.name for column in before}
        kept = [public.get(column.name, column) for column in before]
        dropped = {column.name for column in self.drops_columns}
        return [c for c in (*kept, *(c for c in self.public if c.name not in names)) if c.name not in dropped]

    def for_params(self, params: Params) -> "Stage":
        """Return the stage as some parameters want it."""
        return self if self.variant is None else self.variant(self, params)


def stage(**clauses: Any) -> Callable[[Decide], Stage]:
    """Make a stage of its deciding function, whose name is the stage's; its second parameter's type is the Params.

    A stage that leaves the deciding to its fit, or drops nothing, says `decides=False`: the function is its docstring.

    Args:
        clauses: Fields of `Stage`; old names are taken with a warning.

    Raises:
        ContractError: The function's `params` argument is not annotated with a Params model; the stage is watched and
            decides nothing; or a clause is given under its old name and its new one.
    """
    decides = clauses.pop("decides", True)

    def wrap(decide: Decide) -> Stage:
        for old, new in CLAUSES.items():
            if old in clauses and new in clauses:
                raise ContractError(f"stage '{decide.__name__}': '{old}' is called '{new}' now, and both are given")
        fields = {now(CLAUSES, name, f"stage '{decide.__name__}'"): value for name, value in clauses.items()}
        params = decide.__annotations__.get("params")
        if not (isinstance(params, type) and issubclass(params, Params)):
            raise ContractError(f"stage '{decide.__name__}': annotate its 'params' with a Params model, not {params!r}")
        made = Stage(decide.__name__, params, decide=decide if decides else None, **fields)
        if issubclass(params, WatchedParams) and made.decide is None and not made.rereads_source:
            raise ContractError(f"stage '{made.name}' is watched: it needs a deciding function, for pages that hang")
        return made

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
    for stage in stages:
        names = [column.name for column in have]
        for column in stage.needs:
            if column.name in names:
                continue
            if defaults and column.default is not REQUIRED:
                have.append(column)
                continue
            raise ContractError(
                f"stage '{stage.name}' needs column '{column.name}', which no earlier stage adds"
                f" (there are: {', '.join(names)}){near_miss(column.name, names)}"
            )
        have = stage.columns_after(have)
    return have
