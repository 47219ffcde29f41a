"""What a comparison of two runs came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.comparison.joining import CHANGED, GAINED, LOST
from pipeline.comparison.recipes import StageDifference
from pipeline.comparison.samples import Sample

COUNTED = (GAINED, LOST, CHANGED)
"""What counts as a document that changed sides, or says something else."""


@dataclass(frozen=True)
class Group:
    """Documents that came to the same.

    Attributes:
        kind: gained, lost, changed or moved.
        what: What differs of changed ones.
        first: (stage, reason) that dropped them in the first run; None where it kept them.
        second: The same of the second run.
        documents: How many there are.
    """

    kind: str
    what: str
    first: tuple[str, str] | None
    second: tuple[str, str] | None
    documents: int


@dataclass(frozen=True)
class Tally:
    """Documents of one language or host by kind."""

    name: str | None
    gained: int
    lost: int
    changed: int


@dataclass(frozen=True)
class Comparison:
    """What a comparison came to.

    Attributes:
        runs: The run directories.
        counts: kind → documents; `only_first` and `only_second` are in the input of one run alone.
        kept_only: Of these last two, how many were kept.
        groups: By stage and reason, the largest first.
        languages: By language, the most first.
        hosts: The hosts with the most.
        recipes: Stages that differ in parameters, code or version.
        samples: Documents of each kind.
    """

    runs: tuple[str, str]
    counts: Mapping[str, int]
    kept_only: tuple[int, int]
    groups: Sequence[Group]
    languages: Sequence[Tally]
    hosts: Sequence[Tally]
    recipes: Sequence[StageDifference]
    samples: Sequence[Sample]

    @property
    def records(self) -> int:
        """Records of either run; one that both have counts once."""
        return sum(self.counts.values())

    @property
    def share(self) -> float:
        """Documents gained, lost, changed, or kept and in one input alone, as a share of the records of either run."""
        return (sum(self.counts[kind] for kind in COUNTED) + sum(self.kept_only)) / max(self.records, 1)

    def as_value(self) -> dict[str, Any]:
        """Return this as a JSON value."""
        return {
            "runs": list(self.runs),
            "records": self.records,
            "share": self.share,
            "counts": dict(self.counts),
            "kept_only": list(self.kept_only),
            "groups": [vars(group) for group in self.groups],
            "languages": [vars(tally) for tally in self.languages],
            "hosts": [vars(tally) for tally in self.hosts],
            "recipes": [difference.as_value() for difference in self.recipes],
            "samples": [sample.as_value() for sample in self.samples],
        }
