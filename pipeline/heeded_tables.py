"""Side tables of earlier stages that a stage decides by: in its parameters by a hash, so that others make it stale."""

from collections.abc import Mapping

from pipeline.dedup.earlier_runs import heed_superseded
from pipeline.engine.recipes import Step
from pipeline.runs.manifest import StageTable
from pipeline.runs.parts import digest
from pipeline.stages.safety import CONDEMNED_HOSTS


def heed_side_tables(step: Step, tables: Mapping[str, StageTable]) -> Step:
    """Return a step that knows what stages before it left for it beside their tables.

    Args:
        step: Of any stage.
        tables: Committed tables of the stages before it.
    """
    screened = tables.get("url_screen")
    if step.stage.name == "safety" and screened is not None:
        known = digest(screened.manifest.sides.get(CONDEMNED_HOSTS))
        return Step(step.stage, step.params.model_copy(update={"condemned_digest": known}))
    return heed_superseded(step, tables)
