"""Which lines of a text are log: the fitted net weighs each line, and then lines of enough evidence make a run."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from pipeline.kernels.compiled import compiled

Array = np.ndarray[Any, np.dtype[Any]]
WINDOWS: Final = ((0, 1), (-2, 0), (1, 3), (-6, 7))
"""Lines whose mean facts the net sees, from and to, counted from the line that it judges."""


class RunSettings(NamedTuple):
    """How log lines make a run.

    Chosen on dumps of all kinds of `tests/benchmarks/dump_generators.py`, planted in pages that the net was not fitted
    on, so that lines of the pages are removed as seldom as 95 % of the dumps' lines allow.
    """

    min_lines: int = 4
    """Lines a run has at least; one of fewer stays."""
    bias: float = 0.0
    """Log-odds taken off each line. At -0.5, 0.8 % more of dumps go, and 1.4 times as many lines of pages."""
    table: float = 4.0
    """Log-odds taken off a line of a table, which looks like columns of a log; plain dumps have more."""
    turn: float = 2.0
    """Log-odds that a change between text and log costs."""
    edge: float = 2.0
    """Log-odds of the first and of the last line of a run at least; what has less stays text. Half of what is wrongly
    removed stands right beside a dump."""
    total: float = 12.0
    """Sum of a run's log-odds, each at most 8, at least. From 15 to 25, a third less is removed of pages without a
    dump, and 1.3 % of dump lines more stay, those of short ones."""


class Net(NamedTuple):
    """The fitted net: facts by window are scaled, go through one hidden layer of rectifiers, and are added up."""

    mean: Array
    scale: Array
    hidden: Array
    hidden_bias: Array
    out: Array
    bias: Array


@lru_cache(maxsize=1)
def fitted() -> Net:
    """Return the net, 44 facts in 4 windows by 32 units.

    `python -m tests.benchmarks.fit_log_lines --hosts … --out weights.npz` writes it. It
    was fitted on two thirds of some 10,600 web pages in many languages, as they are and with dumps planted in them.
    """
    with np.load(Path(__file__).with_name("weights.npz")) as archive:
        return Net(*(np.ascontiguousarray(archive[name], np.float32) for name in Net._fields))


@compiled
def _scale(sums: Any, line: Any, mean: Any, scale: Any, scaled: Any) -> None:
    """Write a line's facts by window as the net takes them; without a jump, so that many are divided at once."""
    count, width = len(sums) - 1, sums.shape[1]
    column = 0
    for low, high in WINDOWS:
        first, last = min(max(line + low, 0), count), min(max(line + high, 0), count)
        share = 1.0 / max(last - first, 1)
        for fact in range(width):
            divisor = (
                scale[column + fact] if scale[column + fact] != 0.0 else np.float32(1)
            )  # never; a check would jump
            value = ((sums[last, fact] - sums[first, fact]) * share - mean[column + fact]) / divisor
            value = -4.0 if value < -4.0 else value
            scaled[column + fact] = np.float32(4.0 if value > 4.0 else value)
        column += width


@compiled
def weigh(facts: Any, net: Any) -> Any:
    """Return the log-odds of each line to be one of a log, as the net sees it."""
    mean, scale, hidden, hidden_bias, out, bias = net
    count, width = facts.shape  # four windows: scaled facts are a multiple of four
    sums = np.zeros((count + 1, width))
    for line in range(count):
        sums[line + 1] = sums[line] + facts[line]
    score = np.empty(count)
    units, scaled = np.empty_like(hidden_bias), np.empty(len(mean), np.float32)
    for line in range(count):
        _scale(sums, line, mean, scale, scaled)
        units[:] = hidden_bias
        for fact in range(0, len(scaled), 4):  # facts are added in their order, four in one pass over the units
            zero, first, two, three = scaled[fact], scaled[fact + 1], scaled[fact + 2], scaled[fact + 3]
            for unit in range(len(units)):
                added = units[unit] + zero * hidden[fact, unit]
                added += first * hidden[fact + 1, unit]
                added += two * hidden[fact + 2, unit]
                units[unit] = added + three * hidden[fact + 3, unit]
        total = np.float32(0)
        for unit in range(len(units)):
            total += max(units[unit], np.float32(0)) * out[unit]
        # sums of floats differ in their last bits between processors
        score[line] = np.round(total + bias[0], 3)
    return score


@compiled
def decide(score: Any, lines: Any, chosen: Any) -> Any:
    """Return which lines are log: the likeliest sequence, without runs that are short or of little evidence."""
    min_lines, bias, table, turn, edge, total = chosen
    count = len(score)
    came = np.zeros((count, 2), np.bool_)
    text, log = 0.0, -turn
    for line in range(count):
        score[line] = min(8.0, max(-8.0, score[line] - bias - table * lines[line, 4]))
        if line:
            came[line, 0], came[line, 1] = log - turn > text, text - turn > log
            text, log = max(text, log - turn), max(log, text - turn)
        log += score[line]
    is_log = np.zeros(count, np.bool_)
    state = 1 if log - turn > text else 0
    for line in range(count - 1, -1, -1):
        is_log[line] = state == 1
        state = 1 - state if came[line, state] else state
    first = 0
    while first < count:
        last = first
        while last < count and is_log[last]:
            last += 1
        low, high = first, last
        while low < high and score[low] < edge:
            low += 1
        while high > low and score[high - 1] < edge:
            high -= 1
        is_log[first:last] = False
        if high - low >= min_lines and score[first:last].sum() >= total:
            is_log[low:high] = True
        first = max(last, first + 1)
    return is_log
