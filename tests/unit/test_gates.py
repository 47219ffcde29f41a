"""Gates of benchmarks: what `gates.yaml` says can be run and read, and BENCHMARKS.md has its figures."""

import sys
from datetime import date
from pathlib import Path

import pytest
import yaml

from tests.benchmarks import gates
from tests.benchmarks.gate_files import (
    FILE,
    PAGE,
    ROOT,
    Gate,
    Measurement,
    as_text,
    read_gates,
    table_of,
    tables_in,
    with_tables,
)

MEASUREMENTS = read_gates()
PRINTED = """\
speed
| hashing | 2.0 | 1,500 |
{
 "recall": 0.75
}
"""


def made(**gates_of: dict[str, object]) -> Measurement:
    entry = {"run": "python -m tests.benchmarks.kernel_speed", "minutes": 1, "machine": "2 cores", "sample": PRINTED}
    given = {"value": 1200, "measured": date(2026, 11, 22)}
    return Measurement.model_validate(entry | {"gates": {name: given | gate for name, gate in gates_of.items()}})


SPEED = {"figure": "hashing", "unit": "rows/s", "floor": 700, "pattern": r"^\| hashing \| [\d.]+ \| ([\d,]+) \|"}
RECALL = {"figure": "recall", "key": "recall", "floor": 0.9, "value": 0.95}


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_every_command_is_there(name: str) -> None:
    module = MEASUREMENTS[name].run.split()[2:4]
    file = module[1] if module[0] == "pytest" else module[0].replace(".", "/") + ".py"
    assert (ROOT / file).is_file()


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_every_figure_is_read_from_lines_as_the_command_prints_them(name: str) -> None:
    for gate in MEASUREMENTS[name].gates.values():
        assert gate.passes(gate.read(MEASUREMENTS[name].sample)), gate.figure


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_every_stored_figure_is_within_its_limit(name: str) -> None:
    assert [gate.figure for gate in MEASUREMENTS[name].gates.values() if not gate.passes(gate.value)] == []


def test_the_file_is_as_the_command_writes_it() -> None:
    assert FILE.read_text() == as_text(MEASUREMENTS)


def test_the_page_has_each_table_once_and_as_the_file_has_it() -> None:
    page = PAGE.read_text()
    assert sorted(tables_in(page)) == sorted(MEASUREMENTS)
    assert with_tables(page, MEASUREMENTS) == page, "python -m tests.benchmarks.gates --tables"


def test_figures_are_read_by_pattern_and_by_key() -> None:
    measurement = made(speed=SPEED, recall=RECALL)
    assert [result.value for result in gates.outcomes("m", measurement, PRINTED)] == [1500, 0.75]
    assert [result.fails for result in gates.outcomes("m", measurement, PRINTED)] == [False, True]
    assert all(result.fails and result.why for result in gates.outcomes("m", measurement, "nothing"))


@pytest.mark.parametrize(
    ("limit", "good", "bad"), [({"floor": 5}, 5, 4.9), ({"ceiling": 5}, 5, 5.1), ({"exact": 5}, 5, 6)]
)
def test_a_limit_is_a_floor_a_ceiling_or_exact(limit: dict[str, float], good: float, bad: float) -> None:
    gate = Gate.model_validate({"figure": "x", "pattern": "(x)", "value": 5, "measured": date(2026, 1, 1)} | limit)
    assert gate.passes(good)
    assert not gate.passes(bad)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ceiling": 3}, "one of floor, ceiling and exact"),
        ({"key": "x"}, "either pattern or key"),
        ({"pattern": "x"}, "a pattern with one group"),
        ({"flor": 3}, "flor"),
    ],
)
def test_an_entry_is_read_strictly(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(speed=SPEED | change)


@pytest.mark.parametrize(
    "run", ["rm -rf x", "python -m tests.benchmarks.kernel_speed; ls", "python -m pytest tests/unit"]
)
def test_no_other_command_is_run(run: str) -> None:
    text = yaml.safe_dump({"m": yaml.safe_load(as_text({"m": made(speed=SPEED)}))["m"] | {"run": run}})
    with pytest.raises(ValueError, match=r"a module of tests/benchmarks, or pytest"):
        read_gates(text)


@pytest.mark.parametrize("printed", [PRINTED, PRINTED.replace("recall", "other")])
def test_values_that_pass_are_stored_with_the_day_and_limits_stay(printed: str) -> None:
    measurement = made(speed=SPEED, recall=RECALL)
    results = list(gates.outcomes("m", measurement, printed))
    after = gates.with_values(measurement, results, date(2027, 1, 2)).gates
    assert (after["speed"].value, after["speed"].measured, after["speed"].floor) == (1500, date(2027, 1, 2), 700)
    assert after["recall"] == measurement.gates["recall"]
    assert read_gates(as_text({"m": measurement})) == {"m": measurement}


def test_a_table_takes_the_place_of_the_former_one() -> None:
    measurement = made(speed=SPEED)
    page = "before\n<!-- gates: m -->\nold\n<!-- end -->\nafter\n"
    after = with_tables(page, {"m": measurement})
    assert "| hashing | 1,200 | ≥ 700 | rows/s | 2026-11-22 |" in after.split("\n")
    assert after == with_tables(after, {"m": measurement})
    assert table_of(measurement) in after
    with pytest.raises(ValueError, match="no such measurement"):
        with_tables(page.replace(": m", ": n"), {"m": measurement})


def test_what_is_not_here_is_named(tmp_path: Path) -> None:
    measurement = made(speed=SPEED).model_copy(
        update={"run": "python -m tests.benchmarks.opt_out --input $SHARED/*.gz"}
    )
    with pytest.raises(FileNotFoundError, match=r"there is no .*\*\.gz"):
        gates.command_of(measurement, {"SHARED": str(tmp_path)})
    (tmp_path / "a.gz").touch()
    words = gates.command_of(measurement, {"SHARED": str(tmp_path)})
    assert words == [sys.executable, "-m", "tests.benchmarks.opt_out", "--input", str(tmp_path / "a.gz")]
    needy = made(speed=SPEED).model_copy(update={"needs": ("$SHARED/data/neardup",)})
    assert read_gates(as_text({"m": needy})) == {"m": needy}
    with pytest.raises(FileNotFoundError, match=r"there is no .*neardup"):
        gates.command_of(needy, {"SHARED": str(tmp_path)})
    with pytest.raises(FileNotFoundError, match=r"set \$PEER"):
        gates.command_of(measurement.model_copy(update={"run": "python -m tests.benchmarks.opt_out $PEER"}), {})


def test_a_failed_gate_is_printed_and_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measurements = {"good": made(speed=SPEED), "bad": made(recall=RECALL), "absent": made(speed=SPEED)}
    measurements["absent"] = measurements["absent"].model_copy(
        update={"run": "python -m tests.benchmarks.opt_out $NIL"}
    )
    monkeypatch.setattr(gates, "read_gates", lambda: measurements)
    monkeypatch.setattr(gates, "_printed", lambda _: PRINTED)
    assert gates.main(["good"]) == 0
    assert gates.main([]) == 1
    printed = capsys.readouterr().out
    assert "+25.0%  pass" in printed
    assert "-21.1%  FAIL" in printed
    assert "skipped: set $NIL" in printed
    with pytest.raises(SystemExit):
        gates.main(["goood"])


def test_figures_of_a_command_that_fails_are_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = next(iter(read_gates()))
    failing = [sys.executable, "-c", f"print({PRINTED!r}); raise SystemExit(1)"]
    monkeypatch.setattr(gates, "command_of", lambda *_: failing)
    assert gates.run_gates([name], is_written=False) == len(read_gates()[name].gates)
    assert "its command failed" in capsys.readouterr().out
