"""Which code decides a stage's cells: what its functions reach, apart from what runs them."""

from collections.abc import Mapping

from pipeline.code_digests.digests import code_digest
from pipeline.engine.stage import Stage

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
    package = stage.params.__module__.partition(".")[0]
    roots = [*functions, stage.params]
    return code_digest(roots, tuple(dict.fromkeys(("pipeline", "classifiers", package))), LEFT_OUT, WRAPPERS).files
