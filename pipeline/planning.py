"""What a run would do: which stages are done, which run, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipeline.engine.config import known_stage
from pipeline.engine.recipes import Step
from pipeline.engine.stage import Stage, check_chain
from pipeline.errors import ConfigError
from pipeline.inputs.files import Inputs
from pipeline.plan import columns_of
from pipeline.runs.manifest import Manifest
from pipeline.runs.run import Head, Run, manifest_path, manifests_of
from pipeline.runs.table import Table
from schemas.columns import Column

UP_TO_DATE = "committed with these parameters on this input"
KEPT_RESULTS = "what it gave is kept, whatever its code is now (--keep-results)"


@dataclass(frozen=True)
class Selection:
    """Which stages the user asked for: `--from`, `--to`, `--only`.

    Attributes:
        names: Of all stages, in order.
        first: The first one asked for; None for that of the plan.
        last: The last one.
    """

    names: tuple[str, ...]
    first: str | None = None
    last: str | None = None

    @classmethod
    def of(cls, stages: Sequence[Stage], first: str | None, last: str | None) -> "Selection":
        """Return which stages a user asked for.

        Raises:
            ConfigError: There is no such stage, with the near miss, or the first comes after the last.
        """
        first, last = (name and known_stage(name, stages) for name in (first, last))
        asked = cls(tuple(stage.name for stage in stages), first, last)
        if first and last and first not in asked:
            raise ConfigError(f"--from {first} comes after --to {last}")
        return asked

    def __contains__(self, stage: str) -> bool:
        """Tell whether a stage is asked for."""
        start = self.names.index(self.first) if self.first else 0
        return start <= self.names.index(stage) and not self.comes_after(stage)

    def comes_after(self, stage: str) -> bool:
        """Tell whether a stage comes after all that is asked for."""
        return self.last is not None and self.names.index(stage) > self.names.index(self.last)


@dataclass(frozen=True)
class Planned:
    """A stage and what is to become of it.

    Attributes:
        step: The stage with its parameters.
        state: `done`, `run` or `left out`.
        why: In words, for the user.
        changes: Of that, parameters that are others than when the stage ran last.
    """

    step: Step
    state: str
    why: str
    changes: str = ""


@dataclass(frozen=True)
class Plan:
    """What is to be done: the steps that take part, on the input, and the columns after each.

    Attributes:
        run: The run directory, opened.
        inputs: The input files.
        steps: All stages with their parameters.
        asked: Which of them were asked for.
        head: What the run's head is to be, without its stages.
        stages: Those that the steps were made of.
    """

    run: Run
    inputs: Inputs
    steps: tuple[Step, ...]
    asked: Selection
    head: Head = field(default_factory=Head)
    stages: tuple[Stage, ...] = ()

    def takes_part(self, step: Step) -> bool:
        """Tell whether a stage is in the chain: a table may bring what the stages before `--from` would have added."""
        if step is self.steps[0] or step.name in self.asked:
            return True
        if self.asked.comes_after(step.name):
            return False
        return self.inputs.kind == "warc" or step.name in self.run.stages

    def with_columns(self) -> Iterator[tuple[Step, tuple[Column, ...]]]:
        """Yield the steps with the columns of the table after each; those of a step that is left out are as before.

        Raises:
            ContractError: A stage does not find a column that it needs.
        """
        defaults = self.inputs.kind != "warc"
        have = list(columns_of(self.inputs, self.steps[0].params))
        for step in self.steps:
            if self.takes_part(step) or self.asked.comes_after(step.name):
                step.params.check_columns(have)
                have = check_chain([step.stage], have, defaults=defaults)
            yield step, tuple(have)

    def key(self, step: Step, before: Table | None) -> str:
        """Return what a stage's table is known by on its input; None is the input of the run."""
        return step.key(before, self.inputs.parts, step.quarantine(self.run.path).names())

    def committed(self, step: Step, before: Table | None) -> Table | None:
        """Return the committed table of a stage on its input, None where there is none."""
        manifest = Manifest.load(manifest_path(self.run.path, step.name, self.key(step, before)))
        if manifest is None:
            return None
        return Table(self.run.path, (*(before.chain if before is not None else ()), manifest))


def make_plan(plan: Plan) -> list[Planned]:
    """Return what is to become of every stage, without starting anything.

    Raises:
        ContractError: The chain of contracts does not hold.
        ConfigError: A stage before those that are asked for is missing or stale.
    """
    planned: list[Planned] = []
    before: Table | None = None
    redone = ""
    for step, _ in plan.with_columns():
        if not plan.takes_part(step):
            planned.append(Planned(step, "left out", "not among the stages that were asked for"))
            continue
        table = None if redone else plan.committed(step, before)
        if table is not None:
            planned.append(Planned(step, "done", KEPT_RESULTS if step.is_kept else UP_TO_DATE))
            before = table
            continue
        changes = parameter_changes(plan.run, step)
        reasons = [changes, f"{redone} is redone"] if redone else [why_not(plan.run, step)]
        why = "; ".join(filter(None, reasons))
        if step.name not in plan.asked and step is not plan.steps[0]:
            raise ConfigError(f"stage '{step.name}' is not up to date ({why}): run it first, with --from {step.name}")
        planned.append(Planned(step, "run", why, changes))
        redone = step.name
    return planned


def why_not(run: Run, step: Step) -> str:
    """Return in words why a stage has to run."""
    manifest = last_manifest(run, step.name)
    if manifest is None:
        return "never run before"
    if changes := parameter_changes(run, step):
        return changes
    if manifest.version != step.stage.version:
        return "its code is newer"
    files = sorted(file for file in {*manifest.code, *step.code} if manifest.code.get(file) != step.code.get(file))
    if files:
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        return f"code changed: {files[0]}{more}"
    what = "its input or the quarantine list" if step.max_page_cpu_seconds is not None else "its input"
    return f"{what} changed: stale"


def parameter_changes(run: Run, step: Step) -> str:
    """Return which parameters are others than when the stage ran last, "" for none: also those that fell back."""
    manifest = last_manifest(run, step.name)
    if manifest is None:
        return ""
    before = manifest.params
    return ", ".join(
        f"{key} {before.get(key)!r} → {value!r}" for key, value in step.settings.items() if before.get(key) != value
    )


def last_manifest(run: Run, stage: str) -> Manifest | None:
    """Return a stage's manifest as it was last committed: the current one, or a stale one."""
    if stage in run.head.stages:
        return Manifest.load(manifest_path(run.path, stage, run.head.stages[stage]))
    return next(iter(manifests_of(run.path, stage).values()), None)


def kept_results(run: Run, step: Step) -> Step:
    """Return a step whose results are taken for those of the code as it is now (`--keep-results`)."""
    manifest = last_manifest(run, step.name)
    return replace(step, is_kept=True, code=step.code if manifest is None else manifest.code)
