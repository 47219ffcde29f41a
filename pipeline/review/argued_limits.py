"""Which limit verdicts argue for: the one that puts the fewest judged documents on the wrong side."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pipeline.review.intervals import Method, Share, share_of
from pipeline.review.verdicts import Verdict

Array = np.ndarray[Any, np.dtype[Any]]
LEAST = 10
"""Verdicts on one limit below which they argue for none."""


@dataclass(frozen=True)
class Argued:
    """What verdicts on the decisions by one limit argue for.

    Attributes:
        reason: Drop reason.
        setting: Parameter that the limit is, "" where it is none that can be set.
        limit: As the run had it.
        verdicts: How many there are.
        misplaced: Documents among them that the limit puts on the wrong side.
        proposal: Of the limit and the judged values, which as a limit misplaces fewest: nothing is said of what lies
            beyond them. None where the verdicts argue for none.
        lowest: Lowest judged value that, as a limit, is as good as the proposal.
        highest: Highest one; both None where there is no proposal.
        misplaced_then: Documents that the proposal misplaces.
        right_then: Share of documents that the proposal puts on the right side.
        why_none: Why there is no proposal; "" where there is one.
    """

    reason: str
    setting: str
    limit: float
    verdicts: int
    misplaced: int
    proposal: float | None = None
    lowest: float | None = None
    highest: float | None = None
    misplaced_then: int | None = None
    right_then: Share | None = None
    why_none: str = ""

    def as_value(self) -> dict[str, Any]:
        """Return this as a JSON value."""
        return asdict(self) | {"right_then": self.right_then and self.right_then.as_value()}


def argued_limits(verdicts: Iterable[Verdict], method: Method = "exact") -> list[Argued]:
    """Return what verdicts argue for, by reason and limit; skips, and decisions without a limit, say nothing.

    Args:
        verdicts: Of any stage.
        method: Of the interval.
    """
    groups: dict[tuple[str, str, float], list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.is_counted and verdict.value is not None and verdict.limit is not None:
            groups.setdefault((verdict.reason, verdict.setting, verdict.limit), []).append(verdict)
    return [_argued(*key, group, method) for key, group in sorted(groups.items())]


def _argued(reason: str, setting: str, limit: float, verdicts: Sequence[Verdict], method: Method) -> Argued:
    misplaced = sum(verdict.verdict == "wrong" for verdict in verdicts)
    number = len(verdicts)
    if why := _why_none(verdicts):
        return Argued(reason, setting, limit, number, misplaced, why_none=why)
    values = np.array([verdict.value for verdict in verdicts], float)
    should_go = np.array([verdict.should_go for verdict in verdicts])
    is_above, at_limit = verdicts[0].worse_if == "above", verdicts[0].drops_at_limit

    def misplaces(limits: Array) -> Array:
        return misplaced_by(values, should_go, limits, is_above, at_limit)

    candidates = np.unique(np.append(values, limit))
    counts = misplaces(candidates)
    best = np.flatnonzero(counts == counts.min())
    chosen = int(best[np.argmin(np.abs(candidates[best] - limit))])
    low, high = _run_around(counts, chosen)
    then = int(counts[chosen])
    is_new = candidates[chosen] != limit
    return Argued(
        reason, setting, limit, number, misplaced,
        proposal=_shortest(float(candidates[chosen]), misplaces) if is_new else limit,
        lowest=float(candidates[low]), highest=float(candidates[high]),
        misplaced_then=then, right_then=share_of(number - then, number, method),
    )  # fmt: skip


def _why_none(verdicts: Sequence[Verdict]) -> str:
    if len(verdicts) < LEAST:
        return f"too few verdicts ({len(verdicts)} of {LEAST})"
    if len(decisions := {verdict.decision for verdict in verdicts}) == 1:
        if all(verdict.verdict == "wrong" for verdict in verdicts):
            too = "much" if decisions == {"dropped"} else "little"
            return f"all {len(verdicts)} judged {decisions.pop()} documents are wrongly so: it drops too {too}"
        return f"all verdicts are on one side of the limit, on {decisions.pop()} documents"
    if len(goes := {verdict.should_go for verdict in verdicts}) == 1:
        return f"all documents should be {'dropped' if goes.pop() else 'kept'}: judge some that are farther off"
    return ""


def misplaced_by(values: Array, should_go: Array, limits: Array, is_above: bool, at_limit: bool) -> Array:  # noqa: FBT001
    """Return how many documents each limit puts on the wrong side, int64.

    Args:
        values: Of the documents, float64.
        should_go: Whether each should be dropped.
        limits: float64.
        is_above: Whether values above a limit are dropped; else those below it.
        at_limit: Whether a value that equals the limit is dropped.

    >>> misplaced_by(np.array([1.0, 2, 3]), np.array([False, True, True]), np.array([1.0, 2, 3]), True, False)
    array([0, 1, 2])
    """
    sign = 1.0 if is_above else -1.0
    order = np.argsort(sign * values, kind="stable")
    ordered, goes = (sign * values)[order], should_go[order]
    kept = np.searchsorted(ordered, sign * limits, side="left" if at_limit else "right")
    wrongly_kept = np.concatenate(([0], np.cumsum(goes)))
    wrongly_dropped = np.concatenate(([0], np.cumsum(~goes)))
    counts: Array = wrongly_kept[kept] + wrongly_dropped[-1] - wrongly_dropped[kept]
    return counts


def _run_around(counts: Array, chosen: int) -> tuple[int, int]:
    """Return the first and last of the neighbours that misplace as few."""
    others = np.flatnonzero(counts != counts[chosen])
    at = int(np.searchsorted(others, chosen))
    low = int(others[at - 1]) + 1 if at else 0
    high = int(others[at]) - 1 if at < len(others) else len(counts) - 1
    return low, high


def _shortest(number: float, misplaces: Callable[[Array], Array]) -> float:
    """Return the number in as few digits as misplace no more, two at least."""
    rounded = np.array([float(f"{number:.{digits}g}") for digits in range(2, 18)])
    return float(rounded[np.argmax(misplaces(rounded) == misplaces(np.array([number])))])


def plain(number: float) -> str:
    """Return a number as `--set` takes it.

    >>> plain(50.0), plain(0.83)
    ('50', '0.83')
    """
    return repr(number).removesuffix(".0")
