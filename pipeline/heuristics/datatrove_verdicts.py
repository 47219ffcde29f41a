"""What datatrove's filters say of texts, without Spark: for libraries and tests."""

import operator
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.heuristics.datatrove import DatatroveParams, measure, rules_around_c4
from pipeline.kernels.text.spans import Span, apply_edits

_FAILS: Final[dict[str, Callable[[Any, float], Any]]] = {"<": operator.lt, ">": operator.gt}


class Verdict(NamedTuple):
    """What the filters say of a text.

    Attributes:
        keep: Whether no rule fails.
        reason: datatrove's name of the first rule that fails.
        value: The signal that this rule asks.
        limit: What it compares the signal with.
        text_after: The text, without what C4's filter took out if the text came past its rules.
    """

    keep: bool
    reason: str | None
    value: float | None
    limit: float | None
    text_after: str


def verdicts(texts: Sequence[str], params: DatatroveParams | None = None) -> list[Verdict]:
    """Return what the filters say of each text, one after the other.

    Args:
        texts: English texts.
        params: None for FineWeb's filters.

    >>> verdicts(["Too short."])[0][:4]
    (False, 'top_2_gram', 0.9, 0.2)
    """
    asked = params or DatatroveParams()
    before, after = rules_around_c4(asked)
    rules = before + after
    columns, edits = measure(pa.array(texts, pa.string()), asked)
    failed = np.ones((len(rules) + 1, len(texts)), np.bool_)
    for at, rule in enumerate(rules):
        failed[at] = _FAILS[rule.fails](columns[rule.signal], rule.limit)
    results = []
    for row, first in enumerate(failed.argmax(axis=0)):
        text = apply_edits(texts[row], list[Span](), edits[row])[0] if first >= len(before) else texts[row]
        if first == len(rules):
            results.append(Verdict(True, None, None, None, text))  # noqa: FBT003
        else:
            rule = rules[first]
            reason, value = rule.name.removeprefix("datatrove."), float(columns[rule.signal][row])
            results.append(Verdict(False, reason, value, float(rule.limit), text))  # noqa: FBT003
    return results
