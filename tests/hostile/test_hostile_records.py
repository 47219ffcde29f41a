"""No record of 4 MB, whatever it holds, costs a kernel more than five seconds of CPU time and a gigabyte of memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.kernels import KERNELS
from tests.hostile.measuring import MOST_BYTES, MOST_SECONDS, MOST_SECONDS_OF, Bench, Cost
from tests.hostile.registry import KINDS, SIZE, record_of, size_of

SORTS = [(sort, name) for sort, kinds in KINDS.items() for name in kinds]
MEASURED = [(kernel, name) for kernel, one in KERNELS.items() for name in KINDS[one.sort]]
SHOWN = 5


class Benches:
    """One bench at a time, and what was measured on all of them."""

    def __init__(self) -> None:
        self._bench: Bench | None = None
        self.costs: dict[str, dict[str, Cost]] = {}

    def cost(self, kernel: str, kind: str) -> Cost:
        """Return what a kind costs a kernel; where that is too much, the less of two measurements."""
        if self._bench is None or self._bench.kernel != kernel:
            self.close()
            self._bench = Bench(kernel)
        cost = self._bench.cost(kind)
        if not cost.is_bearable:
            cost = cost.least(self._bench.cost(kind))
        self.costs.setdefault(kernel, {})[kind] = cost
        print(f"{kernel:>12}  {kind:40} {cost}", flush=True)
        return cost

    def close(self) -> None:
        if self._bench is not None:
            with self._bench:
                pass
            self._bench = None

    def summary(self) -> Iterator[str]:
        """Yield the slowest and the largest kinds of each kernel."""
        for kernel, costs in self.costs.items():
            yield f"{kernel}: {len(costs)} kinds"
            slowest = sorted(costs, key=lambda kind: -costs[kind].seconds)[:SHOWN]
            largest = sorted(costs, key=lambda kind: -costs[kind].growth)[:SHOWN]
            yield "  slowest: " + ", ".join(f"{kind} {costs[kind].seconds:.2f} s" for kind in slowest)
            yield "  largest: " + ", ".join(f"{kind} {costs[kind].growth / 1e6:.0f} MB" for kind in largest)


@pytest.fixture(scope="module")
def benches() -> Iterator[Benches]:
    made = Benches()
    yield made
    made.close()
    print("\n" + "\n".join(made.summary()))


@pytest.mark.parametrize("sort", KINDS)
def test_there_are_many_kinds_for_each_kernel(sort: str) -> None:
    assert len(KINDS[sort]) >= 20
    assert sort in {kernel.sort for kernel in KERNELS.values()}


@pytest.mark.long
@pytest.mark.parametrize(("sort", "name"), SORTS, ids=[f"{sort}-{name}" for sort, name in SORTS])
def test_a_record_is_as_large_as_ingest_lets_pass(sort: str, name: str) -> None:
    size = size_of(record_of(sort, name))
    if KINDS[sort][name].is_small:
        return
    assert size >= SIZE - 4000
    assert size <= SIZE + (512 << 10 if sort == "response" else 0)


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="tells memory as Linux does")
@pytest.mark.parametrize(("kernel", "kind"), MEASURED, ids=[f"{kernel}-{name}" for kernel, name in MEASURED])
def test_no_record_costs_much(benches: Benches, kernel: str, kind: str) -> None:
    cost = benches.cost(kernel, kind)
    assert cost.seconds <= MOST_SECONDS_OF.get(kernel, MOST_SECONDS), f"{kernel}, {kind}: {cost}"
    assert cost.growth <= MOST_BYTES, f"{kernel}, {kind}: {cost}"
