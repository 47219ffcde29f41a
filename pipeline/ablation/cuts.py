"""Where an arm ends: of each category as many tokens in every arm, in the order of one hash, to within a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.mixing.draws import DRAW_BITS

SLOT_BITS = 12
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Integers = np.ndarray[Any, np.dtype[np.int64]]


class Position(NamedTuple):
    """A document's place in the order of draws: documents of one draw are told apart by where they were read."""

    draw: int
    doc_id: str = ""
    file: str = ""
    offset: int = 0


NOWHERE = Position(-1)
ALL = Position(1 << DRAW_BITS)


@dataclass(frozen=True)
class Cut:
    """How much of a category an arm has.

    Attributes:
        last: Position of its last document; `NOWHERE` for none.
        tokens: Up to there.
        documents: Likewise.
    """

    last: Position
    tokens: int
    documents: int


def equal_budgets(arms: Sequence[Mapping[str, int]], tokens: int | None = None) -> dict[str, int]:
    """Return category → tokens that each arm can have: the smaller arm's, scaled to a total where one is asked for.

    Args:
        arms: Of each arm, category → tokens.
        tokens: Of all categories together, at the most.

    >>> equal_budgets([{"code": 50, "general": 100}, {"code": 80, "general": 90}], 70)
    {'code': 25, 'general': 45}
    >>> equal_budgets([{"code": 50}, {"general": 90}])
    {}
    """
    least = {name: min(arm[name] for arm in arms) for name in sorted(arms[0]) if all(name in arm for arm in arms)}
    total = sum(least.values())
    if tokens is None or tokens >= total:
        return least
    return {name: tokens * own // total for name, own in least.items()}


def slot_of_cut(tokens: Integers, wanted: int) -> tuple[int, int]:
    """Return the slot of draws in which a budget ends, and the tokens of those before it.

    Args:
        tokens: Of each slot.
        wanted: The budget; no more than all of them.

    >>> slot_of_cut(np.array([5, 0, 5, 5]), 8)
    (2, 5)
    """
    sums = np.cumsum(tokens)
    slot = min(int(np.searchsorted(sums, wanted)), len(tokens) - 1)
    return slot, int(sums[slot] - tokens[slot])


def cut_inside(places: Sequence[tuple[Position, int]], before: tuple[int, int], wanted: int, slot: int) -> Cut:
    """Return the cut that meets a budget most closely.

    Args:
        places: Documents of a slot with their tokens, in any order.
        before: Tokens and documents of the slots before it.
        wanted: The budget.
        slot: The slot, where no document of it is taken.

    >>> cut_inside([(Position(7), 10), (Position(9), 10)], (100, 5), 114, 0)
    Cut(last=Position(draw=7, doc_id='', file='', offset=0), tokens=110, documents=6)
    """
    tokens, documents = before
    last = Position((slot << (DRAW_BITS - SLOT_BITS)) - 1) if documents else NOWHERE
    for at, size in sorted(places):
        if abs(tokens + size - wanted) > abs(tokens - wanted):
            break
        tokens, documents, last = tokens + size, documents + 1, at
    return Cut(last, tokens, documents)


def up_to(batch: pa.RecordBatch, draws: Integers, cuts: Mapping[str, Cut], names: Sequence[str]) -> Flags:
    """Tell which documents are in an arm.

    Args:
        batch: With category, and the three columns by which documents of one draw are told apart.
        draws: Of the documents.
        cuts: Category → where the arm ends.
        names: Of the columns: category, doc_id, file, offset.
    """
    category = batch.column(names[0])
    ends = {name: cut.last.draw for name, cut in cuts.items()}
    numbers = pa.compute.index_in(category, pa.array(list(ends), pa.string())).fill_null(len(ends)).to_numpy()
    last = np.array([*ends.values(), -1], np.int64)[numbers]
    inside: Flags = draws < last
    for row in np.flatnonzero((draws == last) & (last >= 0)).tolist():  # the last document, and what has its draw
        at = Position(int(draws[row]), *(batch.column(name)[row].as_py() for name in names[1:]))
        inside[row] = at <= cuts[category[row].as_py()].last
    return inside


def positions(batch: pa.RecordBatch, draws: Integers, cuts: Mapping[str, Cut], category: str) -> Any:
    """Return where documents stand in an arm, float64, 0 to 1: each category is spread over the whole of it.

    Args:
        batch: With the category; documents that are in the arm.
        draws: Of the documents.
        cuts: Category → where the arm ends.
        category: Name of the column.
    """
    ends = {name: cut.last.draw for name, cut in cuts.items()}
    numbers = pa.compute.index_in(batch.column(category), pa.array(list(ends), pa.string())).to_numpy()
    return draws / (np.array(list(ends.values()), np.float64)[numbers] + 1)
