"""What more pages would take: core hours, storage and money, from what runs of a few sizes cost.

Each stage is a line over pages: what it costs once, and what each page adds. Two sizes, of one run that has grown or of
two runs, tell both apart. With one size all of it is taken for what pages cost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
import numpy.typing as npt

from pipeline.errors import ManifestError
from pipeline.runs.ledger import RESULTS, StageCost, read_ledger

Floats = npt.NDArray[np.float64]
_FAR = 100
"""Times the largest run from which on a forecast says that it is an extrapolation."""
_APART = 1.5
"""Times the smallest run that the largest one has to be, for a line through both to say anything."""
_PRICED = "core hour"


@dataclass(frozen=True)
class Estimate:
    """A figure, and between what it lies."""

    expected: float
    low: float
    high: float

    def times(self, factor: float) -> "Estimate":
        """Return the figure in another unit."""
        return Estimate(self.expected * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True)
class StageForecast:
    """What a stage would take: CPU seconds, and bytes that are stored."""

    stage: str
    cpu_seconds: Estimate
    stored_bytes: Estimate


@dataclass(frozen=True)
class Forecast:
    """What more pages would take.

    Attributes:
        pages: Records of the crawl that stage `ingest` is handed.
        sizes: Pages that the runs it goes by computed: all, or those that were new to a run that had grown.
        stages: Each stage; the last one stands for decisions and shards.
        busy: Share of its cores' time that the largest run worked.
        peak_bytes: The highest resident memory of a Python worker.
    """

    pages: float
    sizes: tuple[int, ...]
    stages: tuple[StageForecast, ...]
    busy: float
    peak_bytes: int

    @property
    def cpu_seconds(self) -> Estimate:
        """CPU time of all stages."""
        return _sum([stage.cpu_seconds for stage in self.stages])

    @property
    def stored_bytes(self) -> Estimate:
        """Bytes of the whole run directory, release included."""
        return _sum([stage.stored_bytes for stage in self.stages])

    @property
    def core_hours(self) -> Estimate:
        """Hours of cores that are as busy as those of the largest run were."""
        return self.cpu_seconds.times(1 / 3600 / self.busy)


def forecast(runs: Sequence[str], pages: float) -> Forecast:
    """Return what some pages would take.

    Args:
        runs: Run directories, the larger the better; of different sizes, or one that has grown.
        pages: Records of the crawl.

    Raises:
        ManifestError: A run kept no ledger, or the runs have different stages.
    """
    costs = [_by_size(run) for run in runs]
    names = [*costs[0][max(costs[0])]]
    for run, by_size in zip(runs, costs, strict=True):
        if other := {*by_size[max(by_size)]} ^ {*names}:
            raise ManifestError(f"{run}: it has not the stages of {runs[0]}: {', '.join(sorted(other))}")
    points = [(size, stages) for by_size in costs for size, stages in by_size.items() if {*stages} == {*names}]
    largest = max(points, key=lambda point: point[0])[1].values()
    sizes = np.array([size for size, _ in points], float)
    made = tuple(
        StageForecast(
            name,
            _cpu_seconds(sizes, [stages[name] for _, stages in points], pages),
            _estimate(sizes, np.array([float(stages[name].stored_bytes) for _, stages in points]), pages),
        )
        for name in names
    )
    computed = {round(_pages_computed(size, stages[names[0]])) for size, stages in points}
    slots_seconds = sum(cost.wall_seconds * cost.slots for cost in largest)
    return Forecast(
        pages=pages,
        sizes=tuple(sorted(computed - {0} or {int(size) for size in sizes})),
        stages=made,
        busy=min(1.0, sum(cost.cpu_seconds for cost in largest) / slots_seconds) if slots_seconds else 1.0,
        peak_bytes=max(cost.peak_bytes for _, stages in points for cost in stages.values()),
    )


def _by_size(run: str) -> dict[int, dict[str, StageCost]]:
    """Return pages of a run → stage → what it cost when the run had so many.

    Raises:
        ManifestError: It kept no ledger.
    """
    sizes: dict[int, dict[str, StageCost]] = {}
    pages = 0
    entries = read_ledger(run)
    for cost in entries:
        if cost.stage == entries[0].stage:
            pages = cost.rows_in
        if cost.parts_computed and pages:
            of_size = sizes.setdefault(pages, {})
            before = of_size.get(cost.stage, cost)
            of_size[cost.stage] = max((before, cost), key=lambda line: (line.rows_computed, line is cost))
    complete = {size: stages for size, stages in sizes.items() if RESULTS in stages}
    if not complete:
        raise ManifestError(f"{run} has no ledger of a finished run: curate it with this version first")
    return complete


def _cpu_seconds(sizes: Floats, costs: Sequence[StageCost], pages: float) -> Estimate:
    """Return what a stage costs for some pages.

    It is expected to cost what the pages cost that it computed. Where it used parts again, what it does with the whole
    corpus (joins, counts) was laid on the others: so the figure for all pages of the run bounds it, too.
    """
    seconds = np.array([cost.cpu_seconds for cost in costs])
    computed = np.array([_pages_computed(size, cost) for size, cost in zip(sizes, costs, strict=True)])
    made = _estimate(computed, seconds, pages)
    if (computed == sizes).all():
        return made
    of_all = _estimate(sizes, seconds, pages)
    return Estimate(made.expected, min(made.low, of_all.low), max(made.high, of_all.high))


def _pages_computed(pages: float, cost: StageCost) -> float:
    """Return of how many pages a stage computed anything: those of the parts that it did not use again."""
    share = cost.rows_computed / cost.rows_in if cost.rows_in else cost.parts_computed / cost.parts
    return pages * share


def _estimate(sizes: Floats, costs: Floats, pages: float) -> Estimate:
    """Return what some pages cost.

    The line is fitted to relative errors. Where it falls (a first run pays what is cold), or the sizes are nearly the
    same, costs of the largest run are taken for those of its pages. Else the figure lies between the line, these
    proportional costs, and the power by which costs grew, where that is above 1.

    Args:
        sizes: Pages of each point.
        costs: What each cost.
        pages: For how many.
    """
    if not sizes.max():  # only parts without a row were computed: it costs what it costs
        return Estimate(float(costs.max()), float(costs.max()), float(costs.max()))
    sizes, costs = sizes[sizes > 0], costs[sizes > 0]
    last = int(np.argmax(sizes))
    proportional = float(costs[last] * pages / sizes[last])
    if len({*sizes.tolist()}) < 2 or not costs.all():
        return Estimate(proportional, proportional, proportional)
    first = int(np.argmin(sizes))
    slope, fixed = np.polyfit(sizes, costs, 1, w=1 / costs)
    if slope <= 0 or sizes[last] < _APART * sizes[first]:
        return Estimate(proportional, proportional, proportional)
    line = max(float(fixed + slope * pages), 0.0)
    power = log(costs[last] / costs[first]) / log(sizes[last] / sizes[first])
    grown = float(costs[last] * (pages / sizes[last]) ** power) if power > 1 else line
    return Estimate(line, min(line, proportional, grown), max(line, proportional, grown))


def _sum(estimates: Sequence[Estimate]) -> Estimate:
    return Estimate(*(sum(getattr(e, name) for e in estimates) for name in ("expected", "low", "high")))


def forecast_lines(made: Forecast, price: float | None = None, storage_price: float | None = None) -> Iterator[str]:
    """Yield a forecast as a table.

    Args:
        made: The forecast.
        price: Of an hour of a core; None where nobody asks.
        storage_price: Of 10^12 bytes for a month; None where nobody asks.
    """
    yield f"{'stage':<16}{'CPU hours':>14}{'from':>14}{'to':>14}{'ms/page':>10}{'stored, GB':>14}"
    for stage in made.stages:
        hours = stage.cpu_seconds.times(1 / 3600)
        yield (
            f"{stage.stage:<16}{hours.expected:>14,.2f}{hours.low:>14,.2f}{hours.high:>14,.2f}"
            f"{1000 * stage.cpu_seconds.expected / made.pages:>10.2f}{stage.stored_bytes.expected / 1e9:>14,.3f}"
        )
    yield ""
    of = " and ".join(f"{size:,}" for size in made.sizes)
    yield (
        f"{'pages':<16}{made.pages:,.0f}, from runs of {of}"
        if len(made.sizes) > 1
        else (f"{'pages':<16}{made.pages:,.0f}, from a run of {of}")
    )
    yield f"{'CPU hours':<16}{_said(made.cpu_seconds.times(1 / 3600))}"
    yield f"{'core hours':<16}{_said(made.core_hours)}, on cores as busy as those were ({made.busy:.0%} of the time)"
    yield f"{'stored':<16}{_said(made.stored_bytes.times(1e-9))} GB, the input not counted"
    yield f"{'memory':<16}{made.peak_bytes / 1e9:.2f} GB for each Python worker, at the most so far"
    if price is not None:
        yield f"{'money':<16}{_said(made.core_hours.times(price))} at {price:g} per {_PRICED}"
    if storage_price is not None:
        yield f"{'storage':<16}{_said(made.stored_bytes.times(1e-12 * storage_price))} per month"
    yield from _warnings(made)


def _warnings(made: Forecast) -> Iterator[str]:
    if made.sizes[-1] < _APART * made.sizes[0]:
        yield (
            "one size tells no spread, and takes what a run costs once for what pages cost: curate three times as many"
            " pages, or name a second run"
        )
    if made.pages > _FAR * made.sizes[-1]:
        yield (
            f"{made.pages / made.sizes[-1]:,.0f} times as many pages as the largest run: an order of magnitude, no"
            " more; curate some hundred thousand pages first"
        )


def _said(estimate: Estimate) -> str:
    if estimate.low == estimate.high:
        return f"{estimate.expected:,.2f}"
    return f"{estimate.expected:,.2f} ({estimate.low:,.2f} to {estimate.high:,.2f})"
