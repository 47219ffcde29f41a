"""Arms of as many tokens: cuts to within half a document, in one order, whatever batches documents come in."""

import numpy as np
import pyarrow as pa
import pytest

from pipeline.ablation.cuts import (
    ALL,
    NOWHERE,
    SLOT_BITS,
    Cut,
    Position,
    cut_inside,
    equal_budgets,
    positions,
    slot_of_cut,
    up_to,
)
from pipeline.mixing.draws import DRAW_BITS, draws

NAMES = ("category", "doc_id", "file", "offset")


def _documents(count: int, seed: int) -> tuple[pa.RecordBatch, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    ids = pa.array([f"{n:016x}" + "0" * 16 for n in rng.integers(0, 1 << 60, count).tolist()])
    category = pa.array(np.array(["code", "general"])[rng.integers(0, 2, count)])
    columns = [category, ids, pa.array(["a"] * count), pa.array(np.arange(count))]
    return pa.record_batch(columns, names=NAMES), draws(ids, 0), rng.integers(1, 200, count)


def _cut(batch: pa.RecordBatch, drawn: np.ndarray, tokens: np.ndarray, wanted: int) -> Cut:
    slots = drawn >> (DRAW_BITS - SLOT_BITS)
    slot, before = slot_of_cut(np.bincount(slots, tokens, 1 << SLOT_BITS).astype(np.int64), wanted)
    rows = np.flatnonzero(slots == slot).tolist()
    places = [
        (Position(int(drawn[row]), *(batch.column(name)[row].as_py() for name in NAMES[1:])), int(tokens[row]))
        for row in rows
    ]
    return cut_inside(places, (before, int((slots < slot).sum())), wanted, slot)


@pytest.mark.parametrize("wanted", [1, 150, 5_000, 49_999])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_cut_has_the_tokens_that_are_wanted_to_within_half_a_document(wanted: int, seed: int) -> None:
    batch, drawn, tokens = _documents(1000, seed)
    one = pa.record_batch([pa.array(["code"] * 1000), *batch.columns[1:]], names=NAMES)
    cut = _cut(one, drawn, tokens, wanted)
    inside = up_to(one, drawn, {"code": cut}, NAMES)
    assert int(tokens[inside].sum()) == cut.tokens
    assert int(inside.sum()) == cut.documents
    assert abs(cut.tokens - wanted) <= 100
    assert not inside.any() or drawn[inside].max() < drawn[~inside].min()


def test_a_smaller_cut_is_the_beginning_of_a_larger_one_in_any_corpus_with_the_same_documents() -> None:
    batch, drawn, tokens = _documents(1000, 3)
    one = pa.record_batch([pa.array(["code"] * 1000), *batch.columns[1:]], names=NAMES)
    few, many = (up_to(one, drawn, {"code": _cut(one, drawn, tokens, n)}, NAMES) for n in (20_000, 40_000))
    assert 0 < few.sum() < many.sum()
    assert not (few & ~many).any()


def test_documents_of_one_draw_are_told_apart_by_where_they_were_read() -> None:
    ids = pa.array(["ab" * 16] * 3)
    batch = pa.record_batch([pa.array(["code"] * 3), ids, pa.array(["b", "a", "a"]), pa.array([1, 9, 2])], names=NAMES)
    drawn = draws(ids, 0)
    last = Position(int(drawn[0]), "ab" * 16, "a", 9)
    assert up_to(batch, drawn, {"code": Cut(last, 1, 1)}, NAMES).tolist() == [False, True, True]


def test_categories_that_are_in_no_cut_or_in_an_empty_one_are_in_no_arm() -> None:
    batch, drawn, _ = _documents(100, 4)
    inside = up_to(batch, drawn, {"code": Cut(ALL, 1, 1)}, NAMES)
    assert inside.tolist() == [name == "code" for name in batch.column(0).to_pylist()]
    assert not up_to(batch, drawn, {"code": Cut(NOWHERE, 0, 0)}, NAMES).any()


def test_each_category_is_spread_over_the_whole_of_an_arm() -> None:
    batch, drawn, _ = _documents(2000, 5)
    cuts = {"code": Cut(ALL, 1, 1), "general": Cut(Position(1 << (DRAW_BITS - 3)), 1, 1)}
    inside = up_to(batch, drawn, cuts, NAMES)
    chosen = batch.filter(pa.array(inside))
    standing = positions(chosen, drawn[inside], cuts, "category")
    for name in cuts:
        of = standing[np.array(chosen.column(0).to_pylist()) == name]
        assert of.min() >= 0
        assert of.max() <= 1
        assert abs(of.mean() - 0.5) < 0.1


def test_budgets_are_the_smaller_arms() -> None:
    arms = [{"code": 10, "general": 90, "math": 5}, {"code": 30, "general": 60}]
    assert equal_budgets(arms) == {"code": 10, "general": 60}
    assert sum(equal_budgets(arms, 35).values()) == 35
    assert equal_budgets(arms, 1000) == equal_budgets(arms)
