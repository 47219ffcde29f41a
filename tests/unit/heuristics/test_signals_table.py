"""The documented table of signals is made of the signals, and every column that heuristics adds is in it."""

import re
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.heuristics.measuring import SIGNAL_COLUMNS
from pipeline.stages.heuristics import heuristics
from schemas.signals import SIGNALS, TOKEN_SIGNALS, WHOLE_TEXT_SIGNALS, Signal
from schemas.signals_table import signals_table

PAGE = Path(__file__).resolve().parents[3] / "schemas" / "signals.md"
ROWS = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_table_on_disk_is_what_the_signals_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == signals_table()


def test_every_column_that_heuristics_adds_is_in_the_table_with_its_type() -> None:
    names = {pa.int32(): "int32", pa.int64(): "int64", pa.float64(): "float64"}
    assert {column.name: names[column.type] for column in SIGNAL_COLUMNS} == ROWS
    assert heuristics.adds == SIGNAL_COLUMNS


@pytest.mark.parametrize(("name", "signal"), (SIGNALS | WHOLE_TEXT_SIGNALS | TOKEN_SIGNALS).items())
def test_every_signal_says_what_it_is(name: str, signal: Signal) -> None:
    assert signal.definition
    assert signal.unit
    assert signal.source
    assert "|" not in signal.definition  # which would end the cell
    assert signal.lowest < signal.highest
    assert not signal.counts or signal.unit != "share"
