"""Two runs joined by document: sorted rows of both in, what became of each document out, some rows at a time."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.comparison.facts import FACTS
from schemas.columns import CATEGORY, DOC_ID, HOST, LANGUAGE, SOURCE_URL, TEXT, TITLE

Array = np.ndarray[Any, np.dtype[Any]]
SAME, GAINED, LOST, CHANGED, MOVED = "same", "gained", "lost", "changed", "moved"
ONLY = ("only_first", "only_second")
ROWS = (GAINED, LOST, CHANGED, MOVED)
_KINDS = (SAME, *ROWS, *ONLY)
_COMPARED = {
    TEXT.name: (f"{TEXT.name}_1", f"{TEXT.name}_2"),
    TITLE.name: (f"{TITLE.name}_1", f"{TITLE.name}_2"),
    LANGUAGE.name: (LANGUAGE.name,),
    CATEGORY.name: (CATEGORY.name,),
}
_WHAT = [", ".join(name for bit, name in enumerate(_COMPARED) if number >> bit & 1) for number in range(1 << 4)]
_OF_BOTH = ("kept", "stage", "reason", "value", "limit", "part", "row")
OUTCOMES = pa.schema(
    [
        ("kind", pa.string()),
        ("documents", pa.int64()),
        ("what", pa.string()),
        (DOC_ID.name, pa.string()),
        (SOURCE_URL.name, pa.string()),
        (HOST.name, pa.string()),
        (LANGUAGE.name, pa.string()),
        *((f"{side}_{name}", FACTS.field(name).type) for side in ("first", "second") for name in _OF_BOTH),
    ]
)
"""What became of a document in the second run against the first.

gained, lost: kept in one alone. changed: kept in both, and `what` differs. moved: dropped in both, by another stage or
for another reason. Those, one row each; the others are counted in `documents`: same, and only in the input of one run.
"""


def joined(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield `OUTCOMES` of documents; of records of one doc_id, kept ones are paired first.

    Args:
        batches: `FACTS` of both runs, sorted by `facts.ORDER`. A batch and the rows of one document are held.
    """
    pending = FACTS.empty_table()
    for batch in batches:
        if not batch.num_rows:
            continue
        rows = pa.concat_tables([pending, pa.Table.from_batches([batch]).cast(FACTS)]).combine_chunks()
        ids = rows[DOC_ID.name]
        cut = pc.index(ids, ids[-1]).as_py()  # the last document's rows may go on in the next batch
        yield from _outcomes(rows.slice(0, cut))
        pending = rows.slice(cut)
    yield from _outcomes(pending)


def _outcomes(rows: pa.Table) -> Iterator[pa.RecordBatch]:
    if not rows.num_rows:
        return
    rows = rows.combine_chunks()
    first_at, second_at = _pairs(rows)
    first, second = (rows.take(pa.array(at, mask=at < 0)) for at in (first_at, second_at))
    kinds, what = _kinds(first, second, first_at >= 0, second_at >= 0)
    is_row = np.isin(kinds, [_KINDS.index(kind) for kind in ROWS])
    yield _rows(first, second, kinds, what, is_row)
    yield _counts(first, second, kinds[~is_row], ~is_row)


def _pairs(rows: pa.Table) -> tuple[Array, Array]:
    """Return for each document its row in the first run and that in the second, -1 where it is in none.

    Of records with one doc_id those that were kept are paired first: which file a capture lies in may change.
    """
    count = rows.num_rows
    ids, side = rows[DOC_ID.name].chunk(0), rows["side"].to_numpy()
    is_new = np.ones(count, bool)
    is_new[1:] = pc.not_equal(ids.slice(1), ids.slice(0, count - 1)).to_numpy(zero_copy_only=False)
    begins = is_new.copy()
    begins[1:] |= side[1:] != side[:-1]
    group = np.cumsum(begins) - 1
    kept_first = np.lexsort((np.arange(count), ~_true(rows["kept"]), group))
    ordinal = np.empty(count, np.int64)
    ordinal[kept_first] = np.arange(count) - np.flatnonzero(begins)[group]
    keys = (np.cumsum(is_new) - 1) * np.int64(count) + ordinal
    every = np.unique(keys)
    pairs = []
    for number in (0, 1):
        at = np.flatnonzero(side == number)
        of_key = np.full(len(every), -1, np.int64)
        of_key[np.searchsorted(every, keys[at])] = at
        pairs.append(of_key)
    return pairs[0], pairs[1]


def _kinds(first: pa.Table, second: pa.Table, in_first: Array, in_second: Array) -> tuple[Array, Array]:
    """Return what became of each document, as a number in `_KINDS`, and what differs of those kept in both.

    The latter is a sum of 1, 2, 4 and 8, the number of its words in `_WHAT`.
    """
    kept_first, kept_second = (_true(table["kept"]) for table in (first, second))
    what = np.zeros(len(in_first), np.int8)
    for bit, names in enumerate(_COMPARED.values()):
        for name in names:
            what |= _differs(first, second, name).astype(np.int8) << bit
    both = in_first & in_second
    is_moved = _differs(first, second, "stage") | _differs(first, second, "reason")
    conditions = [
        in_first & ~in_second,
        in_second & ~in_first,
        both & ~kept_first & kept_second,
        both & kept_first & ~kept_second,
        both & kept_first & kept_second & (what > 0),
        both & ~kept_first & ~kept_second & is_moved,
    ]
    kinds = np.select(conditions, [_KINDS.index(kind) for kind in (*ONLY, *ROWS)], _KINDS.index(SAME))
    return kinds, np.where(kinds == _KINDS.index(CHANGED), what, 0)


def _true(column: pa.ChunkedArray) -> Array:
    filled: Array = pc.fill_null(column, False).to_numpy()  # noqa: FBT003
    return filled


def _differs(first: pa.Table, second: pa.Table, name: str) -> Array:
    """Tell where a column differs; two nulls are the same."""
    before, after = first[name], second[name]
    same = pc.or_(pc.fill_null(pc.equal(before, after), False), pc.and_(pc.is_null(before), pc.is_null(after)))  # noqa: FBT003
    unlike: Array = pc.invert(same).to_numpy()
    return unlike


def _rows(first: pa.Table, second: pa.Table, kinds: Array, what: Array, chosen: Array) -> pa.RecordBatch:
    at = pa.array(np.flatnonzero(chosen))
    before, after = first.take(at), second.take(at)
    is_gained = pa.array(kinds[chosen] == _KINDS.index(GAINED))
    arrays: dict[str, Any] = {
        "kind": pa.array(_KINDS).take(pa.array(kinds[chosen])),
        "documents": pa.array(np.ones(len(at), np.int64)),
        "what": pa.array(_WHAT).take(pa.array(what[chosen])),
        DOC_ID.name: before[DOC_ID.name],
        SOURCE_URL.name: before[SOURCE_URL.name],
    }
    for name in (HOST.name, LANGUAGE.name):  # of the run that kept it, which knows more
        arrays[name] = pc.if_else(
            is_gained, pc.coalesce(after[name], before[name]), pc.coalesce(before[name], after[name])
        )
    for side, table in (("first", before), ("second", after)):
        arrays |= {f"{side}_{name}": table[name] for name in _OF_BOTH}
    return _batch(arrays, len(at))


def _counts(first: pa.Table, second: pa.Table, kinds: Array, chosen: Array) -> pa.RecordBatch:
    """Return how many documents are the same or in one run alone, kept and dropped ones apart."""
    kept = (_true(first["kept"]) | _true(second["kept"]))[chosen]
    names = (SAME, *ONLY)
    counts = [((kinds == _KINDS.index(name)) & (kept == is_kept)).sum() for name in names for is_kept in (True, False)]
    arrays = {
        "kind": pa.array([name for name in names for _ in (True, False)]),
        "documents": pa.array(counts, pa.int64()),
        "first_kept": pa.array([True, False] * len(names)),
    }
    return _batch(arrays, len(counts))


def _batch(arrays: dict[str, Any], rows: int) -> pa.RecordBatch:
    made = [arrays[entry.name] if entry.name in arrays else pa.nulls(rows, entry.type) for entry in OUTCOMES]
    table = pa.Table.from_arrays(
        [pa.chunked_array([column]) if isinstance(column, pa.Array) else column for column in made],
        names=OUTCOMES.names,
    )
    batches = table.cast(OUTCOMES).combine_chunks().to_batches()
    return batches[0] if batches else pa.RecordBatch.from_pylist([], OUTCOMES)
