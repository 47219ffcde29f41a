"""What two runs were made by: parameters and code of their stages, where these differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.runs.manifest import Manifest


@dataclass(frozen=True)
class StageDifference:
    """How a stage differs between two runs.

    Attributes:
        stage: Its name.
        only_in: 0 or 1 where one run alone has it, None where both do.
        parameters: Name → its value in both runs; None where one has no such parameter.
        code: Files with definitions that differ.
        versions: Of the stage in both runs, where they differ.
    """

    stage: str
    only_in: int | None
    parameters: Mapping[str, tuple[Any, Any]]
    code: Sequence[str]
    versions: tuple[int, int] | None

    def as_value(self) -> dict[str, Any]:
        """Return this as a JSON value."""
        return {**vars(self), "parameters": {name: list(pair) for name, pair in self.parameters.items()}}


def recipe_differences(first: Sequence[Manifest], second: Sequence[Manifest]) -> list[StageDifference]:
    """Return the stages that differ in parameters, code or version, or that one run alone has; in order."""
    of_first, of_second = ({manifest.stage: manifest for manifest in chain} for chain in (first, second))
    differences = []
    for stage in dict.fromkeys((*of_first, *of_second)):
        if stage not in of_first or stage not in of_second:
            differences.append(StageDifference(stage, int(stage in of_second), {}, (), None))
            continue
        a, b = of_first[stage], of_second[stage]
        before, after = (dict(_flat(manifest.params)) for manifest in (a, b))
        names = dict.fromkeys((*before, *after))
        parameters = {n: (before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)}
        code = sorted(name for name in {*a.code, *b.code} if a.code.get(name) != b.code.get(name))
        versions = None if a.version == b.version else (a.version, b.version)
        if parameters or code or versions:
            differences.append(StageDifference(stage, None, parameters, code, versions))
    return differences


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (name, value) of parameters, those of parameters with a dot between."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
