"""The main job: plan, run what is not done, commit, and tell what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipeline.engine.config import known_stage, load_settings, resolved_params
from pipeline.engine.stage_run import StageRun
from pipeline.errors import ConfigError, InputError
from pipeline.inputs.files import resolve
from pipeline.plan import stages_named, stages_without, steps_for
from pipeline.planning import KEPT_RESULTS, Plan, Planned, Selection, kept_results, make_plan
from pipeline.release.purging import purge_tables
from pipeline.release.takedown_lists import add_takedown_lists, check_takedown_lists, takedown_lists, taken_down_folder
from pipeline.results.costs import cost_of_results, cost_of_stage
from pipeline.results.decisions import damaged_inputs
from pipeline.results.losses import WARN_OVER, check_read
from pipeline.results.report import result_lines, write_report
from pipeline.results.writing import write_results
from pipeline.runs.earlier import prune
from pipeline.runs.ledger import add_to_ledger, read_ledger
from pipeline.runs.run import Head, Run
from pipeline.runs.table import Table
from pipeline.spark.kernels import compile_kernels
from pipeline.spark.meter import Meter
from pipeline.spark.progress import Clock, Progress
from pipeline.spark.session import start_session
from pipeline.spark.tasks import slots
from pipeline.stores import storage
from pipeline.stores.lock import Lock, run_lock

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
        stages: Where the stages come from, `package.module:NAME`; None for the run's last time.
        kept: Stages whose results are taken for those of the code as it is now.
        verbose: Whether to end with every drop reason and all that stages report.
        warn_over: Share of a stage's rows above which what one reason took is told at the end.
        without: Stages that are left out of the plan; None for those of the run's last time.
        recipe: Name of a recipe that ships, below files and assignments; None for none.
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
    stages: str | None = None
    kept: tuple[str, ...] = ()
    verbose: bool = False
    warn_over: float = WARN_OVER
    without: tuple[str, ...] | None = None
    recipe: str | None = None


def understand(request: Request) -> Plan:
    """Understand a request, or say what is wrong with it, before Spark is touched.

    Raises:
        ConfigError: A stage, key or value is wrong.
        InputError: There is no such input.
    """
    run = Run(request.output)
    source = run.head.plan if request.stages is None else request.stages
    without = run.head.without if request.without is None else list(request.without)
    stages = stages_without(stages_named(source), without)
    asked = Selection.of(stages, request.first, request.last)
    against = _earlier_runs(request, run)
    settings = load_settings(request.configs, request.assignments, request.recipe)
    add_takedown_lists(request.output, stages, settings)
    params = resolved_params(stages, settings, against, needed=[stage.name for stage in stages if stage.name in asked])
    specs = list(request.inputs) or run.head.inputs
    if not specs:
        raise InputError(f"{request.output} is a new run: name its input with --input")
    kept = {known_stage(name, stages) for name in request.kept}
    inputs = resolve(specs)
    steps = tuple(kept_results(run, s) if s.name in kept else s for s in steps_for(stages, inputs, params))
    plan = Plan(run, inputs, steps, asked, Head({}, specs, against, source, without), stages)
    check_takedown_lists(request.output, steps, lambda step: plan.takes_part(step) or asked.comes_after(step.name))
    return plan


def _earlier_runs(request: Request, run: Run) -> list[str]:
    """Return the runs to de-duplicate against, by paths that mean the same everywhere.

    Raises:
        ConfigError: One of them is this run, or no run.
    """
    if request.against is None:
        return run.head.against
    runs = list(dict.fromkeys(storage.real(path.rstrip("/")) for path in request.against))
    for path in runs:
        if path == storage.real(request.output):
            raise ConfigError(f"--against {path}: that is this run itself")
        if not Run(path).stages:
            raise ConfigError(f"--against {path}: it holds no committed run")
    return runs


def curate(request: Request, progress: Progress | None = None) -> None:
    """Bring a run up to date with a request, and print what came of it.

    Args:
        request: What the user asked for.
        progress: Tells what comes of it; None for the terminal.

    Raises:
        CurationError: What is wrong, where, and what to do.
    """
    plan = understand(request)
    planned = make_plan(plan)
    progress = progress or Progress()
    if request.dry_run:
        for line in plan_lines(planned):
            progress.say(line)
        return
    with run_lock(request.output, progress.say) as lock:
        clock = Clock()
        storage.sweep(storage.join(request.output, "stages"))
        spent = read_ledger(request.output)
        tables = _run_stages(plan, planned, progress, lock, is_strict=request.strict)
        tables = _with_later(plan, tables)
        lock.check()
        replace(plan.head, stages={table.stage: table.manifest.key for table in tables}).save(request.output)
        release = _write_results(plan, tables, progress)
        write_report(request.output, tables, release, request.kept)
        lock.check()
        prune(request.output)
        if taken_down := takedown_lists(plan.steps):
            purge_tables(request.output, taken_down_folder(request.output), taken_down, progress.say)
        seconds = {cost.stage: cost.wall_seconds for cost in read_ledger(request.output)[len(spent) :]}
        said = result_lines(tables, plan.stages, release, seconds, verbose=request.verbose, warn_over=request.warn_over)
        for line in [*said, f"finished in {clock.seconds:.0f} s"]:
            progress.say(line)
        check_read(tables)


def plan_lines(planned: Sequence[Planned]) -> list[str]:
    """Return the plan as a table."""
    return [f"{'stage':<16}{'state':<10}why", *(f"{s.step.name:<16}{s.state:<10}{s.why}" for s in planned)]


def _run_stages(
    plan: Plan, planned: Sequence[Planned], progress: Progress, lock: Lock, *, is_strict: bool
) -> list[Table]:
    """Bring the stages up to date that take part; return their tables."""
    tables: list[Table] = []
    if any(stage.state == "run" for stage in planned):
        compile_kernels(progress.say)
    for stage in planned:
        if stage.state == "left out":
            continue
        before = tables[-1] if tables else None
        table = plan.committed(stage.step, before)
        if table is not None:
            progress.say(f"{stage.step.name:<16}done already: {table.rows:,} rows")
            if stage.why == KEPT_RESULTS:
                progress.say(f"{'':<16}{stage.why}")
        else:
            table = _run_stage(plan, stage, before, progress, lock)
        tables.append(table)
        if before is None and is_strict and (damage := damaged_inputs(table)):
            raise InputError("damaged input (--strict): " + "; ".join(f"{file}: {error}" for file, error in damage))
    return tables


def _run_stage(plan: Plan, stage: Planned, before: Table | None, progress: Progress, lock: Lock) -> Table:
    step, spark = stage.step, start_session()
    if stage.changes:
        progress.say(f"{step.name:<16}{stage.changes}")
    meter = Meter(spark)
    with progress.stage(spark, step.name, before.rows if before is not None else None):
        stage_run = StageRun(spark, plan.run.path, step, before, plan.key(step, before))
        outcome = stage_run.run(plan.inputs.parts if before is None else (), lock.check)
    table, reading = outcome.table, meter.read()
    add_to_ledger(plan.run.path, cost_of_stage(table, reading, outcome.computed, slots(spark)))
    came = "" if before is None else f"{before.rows:,} → "
    gone, reused = sum(table.manifest.dropped().values()), len(table.parts) - len(outcome.computed)
    note = f", {reused} of {len(table.parts)} parts unchanged" if reused else ""
    progress.say(f"{step.name:<16}{came}{table.rows:,} rows, {gone:,} dropped, {reading.wall_seconds:.1f} s{note}")
    return table


def _write_results(plan: Plan, tables: Sequence[Table], progress: Progress) -> dict[str, Any] | None:
    """Write decisions and shards, where they are not there yet; return the release's manifest."""
    meters: list[Meter] = []

    def session() -> "SparkSession":
        spark = start_session()
        if not meters:
            meters.append(Meter(spark))
        return spark

    release = write_results(session, tables, plan.stages, progress.say)
    for meter in meters:
        add_to_ledger(plan.run.path, cost_of_results(tables[-1], release, meter.read(), slots(start_session())))
    return release


def _with_later(plan: Plan, tables: Sequence[Table]) -> list[Table]:
    """Return tables with those of the stages after `--to` that are up to date on them."""
    chain = list(tables)
    for step in plan.steps:
        if plan.asked.comes_after(step.name):
            table = plan.committed(step, chain[-1])
            if table is None and plan.inputs.kind != "warc" and step.name not in plan.run.stages:
                continue  # it never took part
            if table is None:
                break
            chain.append(table)
    return chain
