"""The order of the stages, and what a run would do: which are done, which run, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.dedup.order import Order
from pipeline.engine.committed import Committed
from pipeline.engine.recipes import Source, Step
from pipeline.engine.stage import Params, Stage, check_chain
from pipeline.errors import ConfigError, ContractError
from pipeline.heeded_tables import heed_side_tables
from pipeline.inputs.files import Inputs
from pipeline.inputs.tables import check_types, stored_type
from pipeline.runs.manifest import StageTable, column_named
from pipeline.runs.parts import digest
from pipeline.stages.dedup_document import DedupDocumentParams, dedup_document
from pipeline.stages.dedup_line import dedup_line
from pipeline.stages.dedup_url import dedup_url
from pipeline.stages.extract import extract, extract_table
from pipeline.stages.heuristics import heuristics
from pipeline.stages.ingest import IngestParams, ingest, ingest_table
from pipeline.stages.language import language
from pipeline.stages.mix import mix
from pipeline.stages.opt_out import opt_out
from pipeline.stages.pii import pii
from pipeline.stages.repeated_lines import repeated_lines
from pipeline.stages.route import route
from pipeline.stages.safety import safety
from pipeline.stages.url_screen import url_screen
from schemas.columns import SCRATCH, TEXT, Column

STAGES: tuple[Stage, ...] = (
    ingest,
    url_screen,
    dedup_url,
    opt_out,
    extract,
    language,
    route,
    safety,
    pii,
    dedup_document,
    dedup_line,
    repeated_lines,
    heuristics,
    mix,
)
NAMES = tuple(one.name for one in STAGES)


@dataclass(frozen=True)
class Selection:
    """Which stages the user asked for: `--from`, `--to`, `--only`."""

    first: str | None = None
    last: str | None = None

    def __contains__(self, stage: str) -> bool:
        """Tell whether a stage is asked for."""
        start = NAMES.index(self.first) if self.first else 0
        return start <= NAMES.index(stage) and not self.comes_after(stage)

    def comes_after(self, stage: str) -> bool:
        """Tell whether a stage comes after all that is asked for."""
        return self.last is not None and NAMES.index(stage) > NAMES.index(self.last)


@dataclass(frozen=True)
class Planned:
    """A stage and what is to become of it.

    Attributes:
        step: The stage with its parameters.
        state: `done`, `run` or `left out`.
        why: In words, for the user.
        table: Its committed table where it is done.
    """

    step: Step
    state: str
    why: str
    table: StageTable | None = None


def source_of(inputs: Inputs, params: IngestParams) -> Source:
    """Return what `ingest` reads.

    Raises:
        ContractError: An input table lacks the URL column, or has neither text nor HTML.
    """
    key = digest([(part.name, part.digest) for part in inputs.parts])
    return Source(inputs.parts, tuple(_table_columns(inputs, params)), None, key)


def _table_columns(inputs: Inputs, params: IngestParams) -> list[Column]:
    if inputs.kind == "warc":
        return []
    names = [field.name for field in inputs.fields]
    if params.url_column not in names:
        raise ContractError(
            f"{inputs.parts[0].source} has no URL column '{params.url_column}' (--set ingest.url_column=…);"
            f" it has: {', '.join(names)}"
        )
    if params.text_column not in names and params.html_column not in names:
        raise ContractError(
            f"{inputs.parts[0].source} has neither '{params.text_column}' (--set ingest.text_column=…) nor"
            f" '{params.html_column}' (--set ingest.html_column=…); it has: {', '.join(names)}"
        )
    shared = [(field, column) for field in inputs.fields if (column := column_named(field.name)) is not None]
    check_types(inputs.parts[0].source, shared)
    columns = []
    for field in inputs.fields:
        if field.name == params.text_column:
            columns.append(TEXT)
        elif field.name != params.html_column:
            columns.append(
                column_named(field.name) or Column(field.name, stored_type(field.type), "column of the input", None)
            )
    return columns


def stages_for(inputs: Inputs, params: IngestParams) -> tuple[Stage, ...]:
    """Return the plan for these inputs: a table needs no stage whose columns it brings."""
    if inputs.kind == "warc":
        return STAGES
    have = {column.name for column in _table_columns(inputs, params)}
    variants = {
        "ingest": ingest_table(inputs.fields, _table_columns(inputs, params)),
        "extract": extract_table(params.html_column or ""),
    }
    return tuple(
        variants.get(one.name, one)
        for one in STAGES
        if not (one.satisfied_by and have >= {column.name for column in one.satisfied_by})
    )


def make_plan(run: str, inputs: Inputs, params: Mapping[str, Params], asked: Selection) -> list[Planned]:
    """Return what is to become of every stage, without starting anything.

    Raises:
        ContractError: The chain of contracts does not hold.
        ConfigError: A stage before those that are asked for is missing or stale.
    """
    first = params["ingest"]
    assert isinstance(first, IngestParams)
    committed = Committed(run)
    stages = stages_for(inputs, first)
    chosen = [one for one in stages if _takes_part(one, inputs, asked, committed)]
    source = source_of(inputs, first)
    check_chain(chosen, source.columns, defaults=inputs.kind != "warc")
    _check_order(chosen, source, params["dedup_document"], defaults=inputs.kind != "warc")

    planned: list[Planned] = []
    before: StageTable | str | None = source.digest
    redone = ""
    tables: dict[str, StageTable] = {}
    for one in stages:
        step = heed_side_tables(Step(one, params[one.name]), tables)
        if one not in chosen:
            planned.append(Planned(step, "left out", "not among the stages that were asked for"))
            continue
        table = committed.find(step, before)
        if table is not None:
            planned.append(Planned(step, "done", "committed with these parameters on this input", table))
            before = tables[one.name] = table
            continue
        why = f"{redone} is redone" if redone else committed.why_not(step)
        if one.name not in asked and one.name != "ingest":
            raise ConfigError(f"stage '{one.name}' is not up to date ({why}): run it first, with --from {one.name}")
        planned.append(Planned(step, "run", why))
        before, redone = None, one.name
    return planned


def _check_order(chosen: Sequence[Stage], source: Source, params: Params, *, defaults: bool) -> None:
    """Refuse an order of documents by a column that is not there, before anything runs."""
    assert isinstance(params, DedupDocumentParams)
    if dedup_document in chosen:
        before = chosen[: chosen.index(dedup_document)]
        Order(params.keep).check(check_chain(before, source.columns, defaults=defaults))


def _takes_part(one: Stage, inputs: Inputs, asked: Selection, committed: Committed) -> bool:
    """A table may bring what the stages before `--from` would have added; WARC files bring nothing."""
    if one.name == "ingest" or one.name in asked:
        return True
    if asked.comes_after(one.name):
        return False
    return inputs.kind == "warc" or one.name in committed.chain.stages


def next_segment(steps: Sequence[Step], run: str) -> list[Step]:
    """Return the first segment of some stages: a fit needs a committed input, all else goes in one pass.

    It ends where an earlier version of it ended, so that parts which did not change can be linked.
    """
    length = 1
    while length < len(steps) and steps[0].stage.name != "ingest" and not _begins_segment(steps, length):
        length += 1
    segment = list(steps[:length])
    recipes = [step.recipe for step in segment]
    common = 0
    for manifest in Committed(run).manifests(segment[0].stage.name).values():
        pairs = zip(recipes, (member.recipe for member in manifest.members), strict=False)
        same = next((number for number, (new, old) in enumerate(pairs) if new != old), len(manifest.members))
        common = max(common, min(same, length))
    return segment[:common] if common else segment


def _begins_segment(steps: Sequence[Step], number: int) -> bool:
    """A fit and a second look at the inputs need a committed table; a measure needs what earlier Columns decided.

    What changes a column that an earlier stage of the segment reads or writes must wait, too: that stage's table is to
    have the column as that stage left it, and measures come before all Column logic.
    """
    stage, before = steps[number].stage, [step.stage for step in steps[:number]]
    decided = {column.name for one in before for column in one.adds}
    known = {column.name for one in before for column in (*one.needs, *one.measures, *one.adds)}
    waits = stage.measure is not None and any(column.name in decided for column in stage.needs)
    changes = any(column.name in known and not column.name.startswith(SCRATCH) for column in stage.measures)
    return stage.fit is not None or stage.reads_inputs or waits or changes
