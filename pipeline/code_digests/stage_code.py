"""Which code decides a stage's cells: what its functions reach, apart from what runs them."""

import sys
from collections.abc import Callable, Mapping

from pipeline.code_digests.digests import CodeDigest, changed_functions, code_digest, modules_of
from pipeline.errors import ConfigError

LEFT_OUT = (
    "pipeline.engine", "pipeline.quarantine", "pipeline.runs", "pipeline.cells", "pipeline.spark",
    "pipeline.inputs.files", "pipeline.inputs.streams", "pipeline.inputs.pages", "pipeline.inputs.table_columns",
    "pipeline.results", "pipeline.errors", "pipeline.code_digests", "jobs", "schemas",
)  # fmt: skip
"""What runs stages, reads and writes for them, and names columns: it decides no cell."""
WRAPPERS = ("pipeline.engine.stage.stage",)
"""A contract names functions, which count, and columns, which the recipe has; its report decides no cell."""


def code_of(*roots: Callable[..., object] | str | None) -> CodeDigest:
    """Return the code that a stage's functions reach; their own packages are followed beside the project's.

    Args:
        roots: Functions, "module:name" of them, and the model of their parameters; None for one that there is not.

    Raises:
        ConfigError: There is no source of a function: a notebook's, say.
    """
    roots = tuple(root for root in roots if root is not None)
    try:
        names = {module.partition(".")[0] for root in roots for module in modules_of(root)} - sys.stdlib_module_names
        packages = dict.fromkeys(("pipeline", "classifiers", *sorted(names)))
        return code_digest(roots, tuple(packages), LEFT_OUT, WRAPPERS)
    except (LookupError, TypeError) as error:
        raise ConfigError(f"{error}: put the functions of a stage into a module of their own") from error


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
    if changed and not there and not is_kept:
        raise ConfigError(
            f"{where}: it does not tell which functions made what '{stage}' compares: run that run again, or say"
            f" --keep-results {stage}"
        )
    if changed and not is_kept:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise ConfigError(
            f"{where}: {changed[0]}{more}, by which '{stage}' compares, is another one there: run that run again, or"
            f" say --keep-results {stage}"
        )
