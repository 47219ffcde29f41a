"""What more pages would take, from made-up ledgers whose truth is known."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import ManifestError
from pipeline.results.forecast import forecast, forecast_lines
from pipeline.runs.ledger import RESULTS, StageCost, add_to_ledger

COST = StageCost(
    stage="ingest",
    key="k",
    started="2026-01-01T00:00:00+00:00",
    wall_seconds=10.0,
    python_cpu_seconds=8.0,
    jvm_cpu_seconds=4.0,
    peak_bytes=500_000_000,
    rows_in=1000,
    rows_out=900,
    rows_computed=1000,
    parts=4,
    parts_computed=4,
    input_bytes=10_000,
    stored_bytes=2_000,
    slots=2,
)


def write_run(
    run: Path, pages: int, seconds: dict[str, float], parts: tuple[int, int] = (4, 4), computed: int | None = None
) -> str:
    for stage, cpu in seconds.items():
        cost = replace(COST, stage=stage, python_cpu_seconds=cpu / 2, jvm_cpu_seconds=cpu / 2, wall_seconds=cpu)
        add_to_ledger(
            str(run),
            replace(
                cost,
                rows_in=pages,
                rows_computed=pages if computed is None else computed,
                parts=parts[0],
                parts_computed=parts[1],
                stored_bytes=2 * pages,
            ),
        )
    return str(run)


def test_two_sizes_tell_what_is_paid_once_from_what_each_page_adds(tmp_path: Path) -> None:
    def seconds(pages: int) -> dict[str, float]:
        return {"ingest": 20 + pages * 0.01, RESULTS: 5 + pages * 0.002}

    runs = [write_run(tmp_path / str(pages), pages, seconds(pages)) for pages in (1000, 3000)]
    made = forecast(runs, 10_000)
    assert made.sizes == (1000, 3000)
    assert made.cpu_seconds.expected == pytest.approx(20 + 100 + 5 + 20)
    assert made.cpu_seconds.high == pytest.approx((20 + 30 + 5 + 6) / 3 * 10)  # as if pages paid what is paid once
    assert made.cpu_seconds.low == pytest.approx(made.cpu_seconds.expected)
    assert made.stored_bytes.expected == pytest.approx(2 * 2 * 10_000)
    assert made.busy == pytest.approx(0.5)  # two slots, as much CPU time as wall time
    assert made.core_hours.expected == pytest.approx(145 / 3600 / 0.5)


def test_a_cost_that_grows_faster_than_pages_widens_the_estimate(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / str(pages), pages, {"ingest": (pages / 1000) ** 1.5, RESULTS: 1.0})
        for pages in (1000, 4000)
    ]
    cost = forecast(runs, 16_000).stages[0].cpu_seconds
    assert cost.high == pytest.approx(16**1.5)
    assert cost.low < cost.expected < cost.high


@pytest.mark.parametrize("added", [200, 20_000])
def test_one_run_that_has_grown_tells_what_is_paid_once_from_the_pages_that_were_new(
    tmp_path: Path, added: int
) -> None:
    run = write_run(tmp_path / "run", 10_000, {"ingest": 5 + 10.0, RESULTS: 1.0})
    new = {"ingest": 5 + added / 1000, RESULTS: 1.0}
    write_run(tmp_path / "run", 10_000 + added, new, parts=(5, 1), computed=added)
    cost = forecast([run], 1e6).stages[0].cpu_seconds
    assert cost.expected == pytest.approx(1005)
    assert cost.low <= cost.expected <= cost.high < 2 * cost.expected


@pytest.mark.parametrize("added", [200, 20_000])
def test_a_step_over_the_whole_corpus_lies_within_what_a_run_that_has_grown_tells(tmp_path: Path, added: int) -> None:
    run = write_run(tmp_path / "run", 10_000, {"ingest": 40.0, RESULTS: 1.0})  # 3 ms per page of all, 1 per new page
    again = {"ingest": 3 * (10 + added / 1000) + added / 1000, RESULTS: 1.0}
    write_run(tmp_path / "run", 10_000 + added, again, parts=(5, 1), computed=added)
    cost = forecast([run], 1e6).stages[0].cpu_seconds
    assert cost.low <= 4000 * 1.01
    assert cost.high >= 4000 * 0.99


def test_a_few_rows_that_are_done_again_say_nothing_of_the_others(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", 10_000, {"ingest": 100.0, RESULTS: 1.0})
    write_run(tmp_path / "run", 10_000, {"ingest": 6.0}, parts=(5, 1), computed=10)
    assert forecast([run], 1e6).stages[0].cpu_seconds.expected == pytest.approx(10_000)


def test_a_run_that_has_grown_by_as_many_pages_as_it_had_tells_no_spread(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", 10_000, {"ingest": 15.0, RESULTS: 1.0})
    write_run(tmp_path / "run", 20_000, {"ingest": 15.0, RESULTS: 1.0}, parts=(2, 1), computed=10_000)
    made = forecast([run], 1e6)
    assert made.stages[0].cpu_seconds.expected == pytest.approx(1500)
    assert any("one size tells no spread" in line for line in forecast_lines(made))


def test_a_stage_that_no_row_reaches_costs_what_it_costs(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", 1000, {"ingest": 10.0, RESULTS: 1.0})
    write_run(tmp_path / "none", 4000, {"ingest": 10.0, RESULTS: 3.0}, computed=0)
    made = forecast([str(tmp_path / "none")], 1e6)
    assert (made.stages[0].cpu_seconds.expected, made.sizes) == (10.0, (4000,))
    assert list(forecast_lines(made, price=1.0))
    assert forecast([run], 1e6).stages[0].cpu_seconds.expected == 10_000.0


def test_one_size_says_that_it_knows_no_spread(tmp_path: Path) -> None:
    made = forecast([write_run(tmp_path / "run", 1000, {"ingest": 10.0, RESULTS: 2.0})], 3e9)
    assert made.cpu_seconds.expected == made.cpu_seconds.low == made.cpu_seconds.high == pytest.approx(12 * 3e6)
    said = "\n".join(forecast_lines(made, price=0.04, storage_price=23))
    assert "one size tells no spread" in said
    assert "3,000,000 times as many pages" in said
    assert f"{12 * 3e6 / 3600 / 0.5 * 0.04:,.2f} at 0.04 per core hour" in said
    assert "per month" in said


def test_a_run_without_a_ledger_or_with_other_stages_is_refused(tmp_path: Path) -> None:
    whole = write_run(tmp_path / "whole", 1000, {"ingest": 10.0, RESULTS: 2.0})
    half = write_run(tmp_path / "half", 1000, {"ingest": 10.0})
    more = write_run(tmp_path / "more", 1000, {"ingest": 10.0, "extract": 1.0, RESULTS: 2.0})
    with pytest.raises(ManifestError, match="no ledger of a finished run"):
        forecast([half], 10)
    with pytest.raises(ManifestError, match=r"not the stages of .*: extract"):
        forecast([whole, more], 10)


def test_a_cold_first_run_or_sizes_nearly_the_same_say_nothing_of_a_line(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", 1000, {"ingest": 60.0, RESULTS: 5.0})
    write_run(tmp_path / "run", 1100, {"ingest": 20.0, RESULTS: 4.0})
    made = forecast([run], 1.1e6)
    assert made.cpu_seconds.expected == pytest.approx(24_000)
    assert made.cpu_seconds.low == made.cpu_seconds.high == made.cpu_seconds.expected
    assert any("one size tells no spread" in line for line in forecast_lines(made))
    larger = write_run(tmp_path / "larger", 4000, {"ingest": 10.0, RESULTS: 4.0})
    assert forecast([run, larger], 4000).stages[0].cpu_seconds.expected == pytest.approx(10.0)
