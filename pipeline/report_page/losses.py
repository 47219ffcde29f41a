"""Which languages, categories and hosts a stage took far more of than of all others."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any, Final

from pipeline.charts.words import named, percent
from pipeline.report_page.facts import Facts
from pipeline.report_page.language_names import language_name
from pipeline.report_page.surprises import at_least, excess, z_of
from schemas.columns import CATEGORY, HOST, LANGUAGE
from schemas.reasons import EXPECTED_LOSSES

_LEAST: Final = 0.1
"""By how much a group's share must surely exceed that of the others: below a tenth, groups differ by nature."""
_MOST_OF_IT: Final = 0.5
"""Share of a group that is surely gone, from which on the group rather than some of its pages was dropped."""
_FEWEST: Final = 8
"""Documents dropped of a group, below which it is not called out, however sure: so few are read one by one."""
_EACH: Final = 3
_SAME: Final = 0.9
"""Share of a loss's documents from which on it is the same as another loss."""
"""Groups that are named of one stage and kind."""
_UNKNOWN: Final = "und"
"""What is in no language that is known: that it goes is no surprise."""
_UNJUDGED: Final = ("ingest", "opt_out")
"""Stages that drop by what servers and owners say, and not by any limit of the run."""


@dataclass(frozen=True)
class Loss:
    """A stage took more of a group than of all others.

    Attributes:
        stage: The stage.
        by: `language`, `category` or `host`.
        group: Its name.
        dropped: Documents of the group that the stage dropped; copies and budget are not counted.
        handed: Documents of the group that the stage was handed.
        others: Share of all others that it dropped, 0 to 1.
        excess: By how much the group's share is surely larger, 0 to 1.
        sure: What share of the group is surely dropped, 0 to 1.
        of_run: Share of all that the stage was handed that the group is, 0 to 1.
        reason: The most frequent reason.
        by_reason: Documents that it took.
        limit: What it compares with, lowest and highest; None where that is not known.
        also: Groups of other kinds whose losses are the same documents, in words.
    """

    stage: str
    by: str
    group: str
    dropped: int
    handed: int
    others: float
    excess: float
    sure: float
    of_run: float
    reason: str
    by_reason: int
    limit: tuple[float, float] | None
    also: tuple[str, ...] = ()

    @property
    def is_judged(self) -> bool:
        """Whether the stage judges pages by limits of the run."""
        return self.stage not in _UNJUDGED

    @property
    def is_severe(self) -> bool:
        """Whether most of the group is gone, by a judgement."""
        return self.is_judged and self.sure >= _MOST_OF_IT

    @property
    def weight(self) -> float:
        """How much it matters, 0 to 1."""
        return self.excess * sqrt(self.of_run)

    def sentence(self) -> str:
        """Return this in words."""
        amount, share = self._amount()
        limit = ""
        if self.limit is not None:
            low, high = (f"{end:,.6g}" for end in self.limit)
            limit = f" (limit {low})" if low == high else f" (limits {low} to {high})"
        return (
            f"{self.stage} dropped {amount} {self._documents()}{share}, but {percent(self.others)} of all others;"
            f" {percent(self.by_reason / self.dropped)} of these for {named(self.reason)}{limit}."
            + "".join(f" The same pages are {said}." for said in self.also)
        )

    def brief(self) -> str:
        """Return what was lost, for a finding about the same pages."""
        amount, share = self._amount()
        return f"{amount} {self._documents()}{share}"

    def _amount(self) -> tuple[str, str]:
        whole = self.dropped == self.handed
        if whole:
            return f"all {self.handed:,}", ""
        return f"{self.dropped:,} of {self.handed:,}", f" ({percent(self.dropped / self.handed)})"

    def _documents(self) -> str:
        if self.by == LANGUAGE.name:
            return f"documents in {language_name(named(self.group))}"
        if self.by == CATEGORY.name:
            return f"documents of the category {named(self.group)}"
        return f"pages of the host {named(self.group)}"


def losses(facts: Facts) -> list[Loss]:
    """Return the losses that stand out, for each stage and kind of group the heaviest few."""
    stages = [str(step["stage"]) for step in facts.steps]
    kinds = ((LANGUAGE.name, facts.outcomes), (CATEGORY.name, facts.outcomes), (HOST.name, facts.host_outcomes))
    groups = sum(len({row[by] for row in rows}) for by, rows in kinds)
    z = z_of(max(groups * len(stages), 1))
    made = []
    for by, rows in kinds:
        for stage, of_stage in _by_stage(stages, by, rows):
            first = sorted(_of_stage(facts, stage, by, of_stage, z), key=lambda loss: (-loss.weight, loss.group))
            made += first[:_EACH]
    return _folded(facts, made)


def _folded(facts: Facts, made: list[Loss]) -> list[Loss]:
    """Return the losses without those whose documents a heavier one is about, too: it names them."""
    left: list[Loss] = []
    for loss in sorted(made, key=lambda loss: (not loss.is_severe, -loss.weight, loss.group)):
        at = next((n for n, other in enumerate(left) if _is_same(facts, loss, other)), None)
        if at is None:
            left.append(loss)
        else:
            left[at] = replace(left[at], also=(*left[at].also, loss.brief()))
    return left


def _is_same(facts: Facts, loss: Loss, other: Loss) -> bool:
    """Return whether nearly all documents of a loss are those of another; never where no table has both kinds."""
    if loss.stage != other.stage or loss.by == other.by:
        return False
    rows = facts.host_outcomes if HOST.name in (loss.by, other.by) else facts.outcomes
    shared = sum(
        row["records"]
        for row in rows
        if row["stage"] == loss.stage
        and (loss.stage, str(row["reason"])) not in EXPECTED_LOSSES
        and row.get(loss.by) == loss.group
        and row.get(other.by) == other.group
    )
    return bool(shared >= _SAME * loss.dropped)


_Counts = Mapping[Any, tuple[int, Counter[str]]]


def _by_stage(stages: Sequence[str], by: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, _Counts]]:
    """Yield for each stage: group → documents that it was handed, and those that it dropped by reason."""
    left: Counter[Any] = Counter()
    gone: dict[str, dict[Any, Counter[str]]] = {}
    for row in rows:
        left[row[by]] += row["records"]
        reasons = gone.setdefault(row["stage"], {}).setdefault(row[by], Counter())
        reasons[str(row["reason"])] += row["records"]
    for stage in stages:
        dropped = gone.get(stage, {})
        yield stage, {group: (left[group], dropped.get(group, Counter())) for group in left if left[group]}
        for group, reasons in dropped.items():
            left[group] -= reasons.total()


def _of_stage(facts: Facts, stage: str, by: str, counts: _Counts, z: float) -> Iterator[Loss]:
    judged = {
        group: (handed, Counter({why: n for why, n in reasons.items() if (stage, why) not in EXPECTED_LOSSES}))
        for group, (handed, reasons) in counts.items()
        if by == HOST.name or group is not None  # nobody knew its language or category yet
    }
    all_handed = sum(handed for handed, _ in judged.values())
    all_dropped = sum(reasons.total() for _, reasons in judged.values())
    for group, (handed, reasons) in judged.items():
        dropped = reasons.total()
        if dropped < _FEWEST or group is None or group == _UNKNOWN:
            continue
        others = (all_dropped - dropped, all_handed - handed)
        surely = excess((dropped, handed), others, z)
        if surely < _LEAST:
            continue
        reason, by_reason = min(reasons.items(), key=lambda item: (-item[1], item[0]))
        yield Loss(
            stage, by, group, dropped, handed, others[0] / others[1], surely, at_least(dropped, handed, z),
            handed / all_handed, reason, by_reason, _limit(facts, stage, reason, by, group),
        )  # fmt: skip


def _limit(facts: Facts, stage: str, reason: str, by: str, group: str) -> tuple[float, float] | None:
    """Return the limit that a group's documents met, lowest and highest: of a language, its own."""
    met = [
        ends
        for (of_stage, of_reason, language), ends in facts.limits.items()
        if (of_stage, of_reason) == (stage, reason) and (by != LANGUAGE.name or language == group)
    ]
    return (min(low for low, _ in met), max(high for _, high in met)) if met else None
