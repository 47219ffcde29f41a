"""The main job: plan, run what is not done, commit, and tell what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipeline.dedup.earlier_runs import publish_superseded, with_earlier_runs
from pipeline.engine.committed import Chain, Committed
from pipeline.engine.config import known_stage, load_settings, params_for, settings_as_yaml
from pipeline.engine.recipes import Source, Step
from pipeline.engine.segment import run_segment
from pipeline.engine.stage import Params
from pipeline.errors import ConfigError, InputError, ManifestError
from pipeline.heeded_tables import heed_side_tables
from pipeline.inputs.files import Inputs, resolve
from pipeline.loaded_files import with_digests
from pipeline.plan import STAGES, Planned, Selection, make_plan, next_segment, source_of
from pipeline.results.decisions import chain_digest, damaged_inputs, write_decisions
from pipeline.results.release import write_release
from pipeline.results.report import result_lines, write_report
from pipeline.runs import storage
from pipeline.runs.lock import run_lock
from pipeline.runs.manifest import Manifest, StageTable, versions
from pipeline.spark.progress import Clock, Progress
from pipeline.spark.session import start_session
from pipeline.stages.ingest import IngestParams

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Request:
    """What the user asked for.

    Attributes:
        output: The run directory.
        inputs: Words for the input files; empty for those of the run's last time.
        configs: YAML files, later ones win.
        assignments: `stage.key=value`, after the files.
        first: Stage to start from.
        last: Stage to end with.
        dry_run: Only print the plan.
        strict: Whether a damaged input file ends the run.
        against: Earlier runs to de-duplicate against; None for those of the run's last time.
    """

    output: str
    inputs: tuple[str, ...] = ()
    configs: tuple[str, ...] = ()
    assignments: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None
    dry_run: bool = False
    strict: bool = False
    against: tuple[str, ...] | None = None


@dataclass
class Run:
    """A request that was understood: its files, its parameters, its plan."""

    request: Request
    inputs: Inputs
    params: dict[str, Params]
    asked: Selection
    specs: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, request: Request) -> "Run":
        """Understand a request, or say what is wrong with it, before Spark is touched.

        Raises:
            ConfigError: A stage, key or value is wrong.
            InputError: There is no such input.
        """
        first = known_stage(request.first, STAGES) if request.first else None
        last = known_stage(request.last, STAGES) if request.last else None
        asked = Selection(first, last)
        if first and last and first not in asked:
            raise ConfigError(f"--from {first} comes after --to {last}")
        params = with_digests(params_for(STAGES, load_settings(request.configs, request.assignments)))
        chain = Chain.load(request.output)
        against = _earlier_runs(request, chain)
        params |= {name: with_earlier_runs(one, name, against, needed=name in asked) for name, one in params.items()}
        specs = list(request.inputs) or chain.inputs
        if not specs:
            raise InputError(f"{request.output} is a new run: name its input with --input")
        return cls(request, resolve(specs), params, asked, specs, against)

    def plan(self) -> list[Planned]:
        """Return what is to become of every stage."""
        return make_plan(self.request.output, self.inputs, self.params, self.asked)


def _earlier_runs(request: Request, chain: Chain) -> list[str]:
    """Return the runs to de-duplicate against, by paths that mean the same everywhere.

    Raises:
        ConfigError: One of them is this run, or no run.
    """
    if request.against is None:
        return chain.against
    runs = list(dict.fromkeys(storage.real(run.rstrip("/")) for run in request.against))
    for run in runs:
        if run == storage.real(request.output):
            raise ConfigError(f"--against {run}: that is this run itself")
        if not Chain.load(run).stages:
            raise ConfigError(f"--against {run}: it holds no committed run")
    return runs


def curate(request: Request) -> None:
    """Bring a run up to date with a request, and print what came of it.

    Raises:
        CurationError: What is wrong, where, and what to do.
    """
    run = Run.of(request)
    planned = run.plan()
    progress = Progress()
    if request.dry_run:
        for line in plan_lines(planned):
            progress.say(line)
        return
    with run_lock(request.output):
        clock = Clock()
        _run_stages(run, progress)
        tables = _commit_chain(run)
        release = _write_results(request, tables)
        publish_superseded(request.output, tables)
        write_report(request.output, tables, release)
        _prune(request.output)
        for line in [*result_lines(request.output, tables, release), f"finished in {clock.seconds:.0f} s"]:
            progress.say(line)


def show_config(configs: Sequence[str], assignments: Sequence[str]) -> str:
    """Return all parameters, as some files and assignments leave them, as YAML.

    Raises:
        ConfigError: A stage, key or value is wrong.
    """
    return settings_as_yaml(STAGES, params_for(STAGES, load_settings(configs, assignments)))


def plan_lines(planned: Sequence[Planned]) -> list[str]:
    """Return the plan as a table."""
    lines = [f"{'stage':<16}{'state':<10}why"]
    return lines + [f"{one.step.stage.name:<16}{one.state:<10}{one.why}" for one in planned]


def _run_stages(run: Run, progress: Progress) -> None:
    output = run.request.output
    steps = [Step(one.step.stage, run.params[one.step.stage.name]) for one in run.plan() if one.state != "left out"]
    params = run.params["ingest"]
    assert isinstance(params, IngestParams)
    before: StageTable | str = source_of(run.inputs, params).digest
    source = source_of(run.inputs, params)
    tables: dict[str, StageTable] = {}
    while steps:
        steps = [heed_side_tables(steps[0], tables), *steps[1:]]
        name = steps[0].stage.name
        table = Committed(output).find(steps[0], before)
        if table is not None:
            progress.say(f"{name:<16}done already: {table.rows:,} rows")
            steps = steps[1:]
        else:
            segment = next_segment(steps, output)
            table = _run_one(run, segment, source, {name: one.directory for name, one in tables.items()}, progress)
            steps = steps[len(segment) :]
        if name == "ingest" and run.request.strict and (damage := damaged_inputs(table)):
            raise InputError("damaged input (--strict): " + "; ".join(f"{file}: {error}" for file, error in damage))
        tables |= {name: StageTable(table.directory, name, table.manifest) for name in table.stages}
        before, source = table, Source.of_table(table)


def _run_one(run: Run, segment: Any, source: Source, stages: Mapping[str, str], progress: Progress) -> StageTable:
    output = run.request.output
    names = [step.stage.name for step in segment]
    spark = start_session()
    clock = Clock()
    with progress.stage(spark.sparkContext, ", ".join(names)):
        outcome = run_segment(spark, output, segment, source, stages)
    rows = source.rows
    for name in names:
        table = StageTable(outcome.directory, name, outcome.manifest)
        before = "" if rows is None else f"{rows:,} → "
        progress.say(f"{name:<16}{before}{table.rows:,} rows, {sum(table.dropped().values()):,} dropped")
        rows = table.rows
    reused = len(outcome.manifest.parts) - outcome.computed
    note = f", {reused} of {len(outcome.manifest.parts)} parts unchanged" if reused else ""
    progress.say(f"{'':<16}{clock.seconds:.1f} s{note}")
    return table


def _commit_chain(run: Run) -> list[StageTable]:
    """Make the longest chain that is up to date under this configuration the run's chain."""
    output = run.request.output
    committed = Committed(output)
    params = run.params["ingest"]
    assert isinstance(params, IngestParams)
    before: StageTable | str = source_of(run.inputs, params).digest
    tables: list[StageTable] = []
    for one in run.plan():
        if one.state == "left out" and not tables:
            continue
        table = committed.find(one.step, before)
        if table is None and one.state == "left out" and one.step.stage.name not in run.asked:
            if run.asked.comes_after(one.step.stage.name):
                break
            continue
        if table is None:
            raise ManifestError(f"the table of '{one.step.stage.name}' is not where it was committed in {output}")
        tables.append(table)
        before = table
    places = {table.stage: table.directory.removeprefix(output).strip("/") for table in tables}
    Chain(places, run.specs, run.against).save(output)
    return tables


def _write_results(request: Request, tables: Sequence[StageTable]) -> dict[str, Any] | None:
    output = request.output
    known = storage.read_json(storage.join(output, "decisions", "_manifest.json"))
    last = tables[-1]
    spark: SparkSession | None = None
    if known is None or known["chain"] != chain_digest(tables):
        spark = start_session()
        spark.sparkContext.setJobGroup("decisions", "decisions")
        write_decisions(spark, output, tables)
    if last.stage != "mix":
        return None
    return write_release(start_session, output, tables[-2], last)


def _prune(output: str) -> None:
    """Remove versions whose every stage has a newer one in the chain, and what was never committed."""
    chain = Chain.load(output)
    used = {storage.join(output, place) for place in chain.stages.values()}
    for name in storage.names(storage.join(output, "stages")):
        for directory in versions(output, name):
            manifest = Manifest.load(directory)
            stale = manifest is None or all(member.stage in chain.stages for member in manifest.members)
            if directory not in used and stale:
                storage.remove(directory)
    storage.remove(storage.join(output, "_building"))
