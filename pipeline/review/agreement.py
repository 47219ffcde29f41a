"""Agreement of two reviewers on the items that both judged: Cohen's kappa, with its standard error."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

from pipeline.review.verdicts import Verdict

LABELS = ("right", "wrong")


@dataclass(frozen=True)
class Agreement:
    """How far two reviewers agree.

    Attributes:
        counts: (label of the first, label of the second) → items.
        skipped: Items that both have, and either skipped.
        alone: Items that only one of them has: of the first, of the second.
        kappa: Cohen's kappa, None where it is not defined: without items, or where both gave one label alone.
        error: Its standard error in large samples, by Fleiss, Cohen and Everitt (1969).
    """

    counts: Mapping[tuple[str, str], int]
    skipped: int
    alone: tuple[int, int]
    kappa: float | None
    error: float | None

    @property
    def items(self) -> int:
        """Items that both judged."""
        return sum(self.counts.values())

    def as_value(self) -> dict[str, Any]:
        """Return this as a JSON value."""
        return {
            "items": self.items,
            "counts": [{"first": a, "second": b, "items": count} for (a, b), count in self.counts.items()],
            "skipped": self.skipped,
            "only_first": self.alone[0],
            "only_second": self.alone[1],
            "kappa": self.kappa,
            "standard_error": self.error,
        }


def agreement(first: Iterable[Verdict], second: Iterable[Verdict]) -> Agreement:
    """Return how far two reviewers agree.

    Args:
        first: Verdicts of one, one for each item.
        second: Verdicts of the other.
    """
    mine, theirs = ({verdict.item: verdict.verdict for verdict in verdicts} for verdicts in (first, second))
    both = [(mine[item], theirs[item]) for item in mine if item in theirs]
    judged = [pair for pair in both if "skip" not in pair]
    counts = {(a, b): sum(pair == (a, b) for pair in judged) for a in LABELS for b in LABELS}
    kappa, error = _kappa(counts)
    return Agreement(counts, len(both) - len(judged), (len(mine) - len(both), len(theirs) - len(both)), kappa, error)


def _kappa(counts: Mapping[tuple[str, str], int]) -> tuple[float | None, float | None]:
    total = sum(counts.values())
    if not total:
        return None, None
    shares = {pair: count / total for pair, count in counts.items()}
    rows = {label: sum(shares[label, other] for other in LABELS) for label in LABELS}
    columns = {label: sum(shares[other, label] for other in LABELS) for label in LABELS}
    observed = sum(shares[label, label] for label in LABELS)
    chance = sum(rows[label] * columns[label] for label in LABELS)
    if 1 - chance < 1e-12:
        return None, None
    kappa = (observed - chance) / (1 - chance)
    agreeing = sum(shares[a, a] * (1 - (rows[a] + columns[a]) * (1 - kappa)) ** 2 for a in LABELS)
    differing = (1 - kappa) ** 2 * sum(
        share * (columns[a] + rows[b]) ** 2 for (a, b), share in shares.items() if a != b
    )
    variance = agreeing + differing - (kappa - chance * (1 - kappa)) ** 2
    return kappa, sqrt(max(variance, 0.0) / total) / (1 - chance)


def agreement_lines(made: Agreement) -> Iterator[str]:
    """Yield an agreement in words."""
    yield f"{made.items:,} items judged by both; {made.alone[0]:,} by the first alone, {made.alone[1]:,} by the second"
    if made.skipped:
        yield f"skipped by either: {made.skipped:,}"
    yield f"{'':<16}{'second: right':>16}{'second: wrong':>16}"
    for label in LABELS:
        yield f"{f'first: {label}':<16}" + "".join(f"{made.counts[label, other]:>16,}" for other in LABELS)
    if made.kappa is None or made.error is None:
        yield "Cohen's kappa is not defined: it needs items, and both labels"
    else:
        yield f"Cohen's kappa: {made.kappa:.3f} (standard error {made.error:.3f})"
