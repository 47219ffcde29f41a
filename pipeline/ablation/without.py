"""A run without one of its stages: what the run has is linked, and only what the stage had a part in is made anew."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.curation import Request as CurateRequest
from pipeline.curation import curate, understand
from pipeline.engine.config import known_stage
from pipeline.engine.stage import Stage, check_chain
from pipeline.errors import ConfigError, ContractError
from pipeline.experiments.run_cells import table_before_mix
from pipeline.plan import columns_of, stages_named
from pipeline.planning import Plan, make_plan
from pipeline.quarantine.listed import quarantine_of
from pipeline.runs.run import Head, Run, manifest_path
from pipeline.runs.table import Table
from pipeline.stores import storage
from schemas.columns import CATEGORY, DOC_ID, TEXT, TEXT_BYTES, TOKENS, URL, Column

NEEDED = (DOC_ID, URL, TEXT, CATEGORY, TOKENS, TEXT_BYTES)
"""What documents of an arm have."""
_FILLED_IN = "_digest"
"""How parameters are named that a run fills in by itself: from files that the arm has to find again."""


@dataclass(frozen=True)
class Settings:
    """What the run was made with.

    Attributes:
        configs: YAML files of the user's.
        assignments: `stage.key=value`, which win.
    """

    configs: tuple[str, ...] = ()
    assignments: tuple[str, ...] = ()


def make_without(path: str, stage: str, output: str, settings: Settings) -> tuple[Table, Table]:
    """Make a run without a stage, and return the tables that a mix would read: the run's own, and that one's.

    Args:
        path: The run directory.
        stage: What to leave out.
        output: Directory of the other run; what is there already is used again.
        settings: Of the run, as far as its manifests do not say: files that parameters name.

    Raises:
        ConfigError: The stage cannot be left out, or the run is not up to date with its settings.
        ManifestError: Nothing is committed.
    """
    run, before = Run(path), table_before_mix(path)[0]
    with _as_committed(before, stage, settings) as (own, others):
        absent = _not_of(run, before)
        own_request = CurateRequest(path, configs=own, assignments=settings.assignments, last=before.stage,
                                    without=absent)  # fmt: skip
        plan = understand(own_request)
        _require_stage(plan, before, stage)
        _require_up_to_date(plan, path)
        last = next(name for name in reversed([m.stage for m in before.chain]) if name != stage)
        request = CurateRequest(
            output,
            inputs=tuple(run.head.inputs),
            configs=others,
            assignments=tuple(a for a in settings.assignments if not a.strip().startswith(f"{stage}.")),
            last=last,
            against=tuple(run.head.against),
            stages=run.head.plan,
            without=(*absent, stage),
        )
        _link(run, before, stage, output, request)
        curate(request)
    return before, Run(output).tables()[-1]


def _not_of(run: Run, before: Table) -> tuple[str, ...]:
    """Return the stages of the plan that the run did without: a table may have brought what they add."""
    names = [stage.name for stage in stages_named(run.head.plan)]
    ahead = names[: names.index(before.stage)]
    return tuple(name for name in ahead if name not in run.stages)


@contextmanager
def _as_committed(before: Table, stage: str, settings: Settings) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield configuration files that say what the run's manifests say: of all stages, and of those but one."""
    params = {
        manifest.stage: {
            key: value
            for key, value in manifest.params.items()
            if not (key.endswith(_FILLED_IN) and key.removesuffix(_FILLED_IN))
        }
        for manifest in before.chain
    }
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, chosen in (("with", params), ("without", {n: v for n, v in params.items() if n != stage})):
            file = Path(folder) / f"{name}.yaml"
            file.write_text(json.dumps(chosen), encoding="utf-8")
            paths.append((str(file), *settings.configs))
        yield paths[0], paths[1]


def _require_stage(plan: Plan, before: Table, stage: str) -> None:
    """Check that a run can do without a stage.

    Raises:
        ConfigError: It cannot; says which can be left out.
    """
    known_stage(stage, [step.stage for step in plan.steps])
    names = [manifest.stage for manifest in before.chain]
    can = stages_that_can_go(plan, names)
    choice = f"; of this run {', '.join(can)} can be left out" if can else ""
    if stage not in names:
        raise ConfigError(f"--without {stage}: it is no stage that this run went through before its mix{choice}")
    if why := _why_not(plan, names, stage):
        raise ConfigError(f"--without {stage}: {why}{choice}")


def stages_that_can_go(plan: Plan, names: Sequence[str]) -> list[str]:
    """Return the stages without which the others still find what they need, and a release what it is made of.

    Args:
        plan: Of the run.
        names: Of the stages before the mix.
    """
    return [name for name in names if not _why_not(plan, names, name)]


def _why_not(plan: Plan, names: Sequence[str], stage: str) -> str:
    if stage == names[0]:
        return "it reads the input"
    left: list[Stage] = [step.stage for step in plan.steps if step.name in names and step.name != stage]
    first: list[Column] = list(columns_of(plan.inputs, plan.steps[0].params))
    try:
        columns = check_chain(left, first, defaults=plan.inputs.kind != "warc")
    except ContractError as error:
        return str(error)
    have = {column.name for column in columns}
    lacking = [column.name for column in NEEDED if column.name not in have]
    return f"without it documents have no '{lacking[0]}'" if lacking else ""


def _require_up_to_date(plan: Plan, path: str) -> None:
    """Check that a run is what its stages as they are now would make: else arms differ by more than one stage.

    Raises:
        ConfigError: It is not.
    """
    for planned in make_plan(plan):
        if planned.state == "run":
            raise ConfigError(
                f"{path}: stage '{planned.step.name}' is not up to date ({planned.why}): name the configuration that it"
                " was run with (--config, --set), or bring it up to date with `gristmill curate`; else the arms would"
                " differ by more than the stage"
            )


def _link(run: Run, before: Table, stage: str, output: str, request: CurateRequest) -> None:
    """Give the files of a run, but for one stage, names in another run, where they are pieces to use again.

    Raises:
        ConfigError: The other directory is a run of another kind.
    """
    head, without = Head.load(output), list(request.without or ())
    if head.stages and sorted(head.without) != sorted(without):
        raise ConfigError(f"--output {output}: it holds a run that is not the one without {stage}")
    chain = [manifest for manifest in before.chain if manifest.stage != stage]
    for manifest in chain:
        for file in manifest.files:
            target = storage.join(output, file)
            if not storage.exists(target):
                storage.link(storage.join(run.path, file), target)
        listed = quarantine_of(run.path, manifest.stage)
        there = quarantine_of(output, manifest.stage)
        for name in listed.names():
            storage.link(storage.join(listed.directory, name), storage.join(there.directory, name))
        path = manifest_path(output, manifest.stage, manifest.key)
        if not storage.exists(path):
            storage.link(manifest_path(run.path, manifest.stage, manifest.key), path)
    if not head.stages:
        ahead = [manifest for manifest in chain if manifest.stage in _ahead(before, stage)]
        stages = {manifest.stage: manifest.key for manifest in ahead}
        Head(stages, run.head.inputs, run.head.against, run.head.plan, without).save(output)


def _ahead(before: Table, stage: str) -> list[str]:
    names = [manifest.stage for manifest in before.chain]
    return names[: names.index(stage)]
