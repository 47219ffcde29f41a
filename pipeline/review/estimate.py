"""What verdicts say of a stage: how precise its drops are, how right what it kept, and which limits they argue for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.review.argued_limits import Argued, argued_limits, plain
from pipeline.review.intervals import Method, Share, share_of
from pipeline.review.verdicts import Verdict


@dataclass(frozen=True)
class Estimate:
    """What verdicts say.

    Attributes:
        dropped: Dropped documents that were rightly dropped: the precision.
        kept: Kept documents that were rightly kept.
        skipped: Items without a verdict.
        reasons: Reason → its drops that were right.
        limits: What is argued for, by reason and limit.
    """

    dropped: Share
    kept: Share
    skipped: int
    reasons: Mapping[str, Share]
    limits: Sequence[Argued]

    def as_value(self) -> dict[str, Any]:
        """Return this as a JSON value."""
        return {
            "dropped": self.dropped.as_value(),
            "kept": self.kept.as_value(),
            "skipped": self.skipped,
            "reasons": {reason: share.as_value() for reason, share in self.reasons.items()},
            "limits": [argued.as_value() for argued in self.limits],
        }


def estimate(verdicts: Iterable[Verdict], interval: Method = "exact") -> Estimate:
    """Return what verdicts say of a stage.

    Args:
        verdicts: Of one reviewer, one for each item.
        interval: How intervals are made.
    """
    given = list(verdicts)
    counted = [verdict for verdict in given if verdict.is_counted]
    dropped = [verdict for verdict in counted if verdict.decision == "dropped"]
    by_reason: dict[str, list[Verdict]] = {}
    for verdict in dropped:
        by_reason.setdefault(verdict.reason, []).append(verdict)
    return Estimate(
        _right(dropped, interval),
        _right([verdict for verdict in counted if verdict.decision == "kept"], interval),
        len(given) - len(counted),
        {reason: _right(of_reason, interval) for reason, of_reason in sorted(by_reason.items())},
        argued_limits(counted, interval),
    )


def _right(verdicts: Sequence[Verdict], interval: Method) -> Share:
    return share_of(sum(verdict.verdict == "right" for verdict in verdicts), len(verdicts), interval)


def estimate_lines(made: Estimate, sample: str) -> Iterator[str]:
    """Yield an estimate in words.

    Args:
        made: The estimate.
        sample: Which decisions were judged, "the 50 closest decisions" say.
    """
    yield f"precision among {sample}: {made.dropped}"
    if len(made.reasons) > 1:
        for reason, share in made.reasons.items():
            yield f"  {reason}: {share}"
    if made.kept.of:
        yield f"rightly kept among them: {made.kept}"
    if made.skipped:
        yield f"skipped: {made.skipped}"
    for argued in made.limits:
        yield from _argued_lines(argued)


def _argued_lines(argued: Argued) -> Iterator[str]:
    what = f"{argued.reason}, limit {argued.limit:.6g}"
    if argued.proposal is None or argued.lowest is None or argued.highest is None:
        yield f"{what}: no other limit is argued for yet: {argued.why_none}"
        return
    then = f"{argued.misplaced_then} of {argued.verdicts} misplaced"
    if argued.proposal == argued.limit:
        yield f"{what}: the verdicts argue for it as it is: {then}"
        return
    number = plain(argued.proposal)
    yield f"{what}: the verdicts argue for {number}: {then} instead of {argued.misplaced}"
    if argued.lowest != argued.highest:
        yield f"  as good: {argued.lowest:.6g} to {argued.highest:.6g}"
    yield f"  on the right side of it: {argued.right_then}"
    if argued.setting:
        yield f"  --set {argued.setting}={number}"
