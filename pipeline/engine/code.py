"""Which code decides cells: what a stage's functions reach, apart from what runs them."""

from collections.abc import Mapping, Sequence

from pipeline.code_digests.digests import CodeDigest, changed_functions, code_digest
from pipeline.engine.stage import Measure, Params, Stage
from pipeline.errors import ConfigError

LEFT_OUT = (
    "pipeline.engine", "pipeline.quarantine", "pipeline.runs", "pipeline.cells", "pipeline.inputs", "pipeline.spark",
    "pipeline.results", "pipeline.errors", "pipeline.code_digests", "jobs", "schemas",
)  # fmt: skip
"""What runs stages, reads and writes for them, and names columns: it decides no cell."""
WRAPPERS = ("pipeline.engine.stage.stage",)
"""A contract names functions, which count, and columns, which the recipe has; its report decides no cell."""


def code_of(stage: Stage) -> Mapping[str, str]:
    """Return file → hash of the definitions in it that decide a stage's cells, and whom it drops."""
    functions = [one for one in (stage.measure, stage.fit, stage.decide) if one is not None]
    return _digest([*functions, stage.params], stage.params.__module__).files


def functions_of(measure: Measure, settings: type[Params] | None) -> Mapping[str, str]:
    """Return "file:name" → hash of the definitions that decide what a measure gives.

    Args:
        measure: The Arrow function.
        settings: The model of its parameters.
    """
    return _digest([measure, *([settings] if settings is not None else [])], measure.__module__).functions


def _digest(roots: Sequence[object], module: str) -> CodeDigest:
    packages = dict.fromkeys(("pipeline", "classifiers", module.partition(".")[0]))
    return code_digest(roots, tuple(packages), LEFT_OUT, WRAPPERS)


def require_same(where: str, stage: str, there: Mapping[str, str], here: Mapping[str, str], *, is_kept: bool) -> None:
    """Check that what an earlier run left was made by the functions that make it here.

    Args:
        where: The option that names that run, and the run, for the message.
        stage: Name of the stage.
        there: "file:name" → hash of the definitions, as that run has them.
        here: The same of the code as it is now.
        is_kept: Whether the user takes results of the stage for those of the code as it is now.

    Raises:
        ConfigError: A function differs; it names the first one and what can be done.
    """
    changed = changed_functions(there, here)
    if changed and not is_kept:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise ConfigError(
            f"{where}: {changed[0]}{more}, by which '{stage}' compares, is another one there: run that run again, or"
            f" say --keep-results {stage}"
        )
