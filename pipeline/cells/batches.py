"""Batches of rows: columns put into them, and which rows of a column differ from what they were."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import ContractError
from schemas.columns import REQUIRED, Column

Mask = np.ndarray[Any, np.dtype[np.bool_]]


def with_columns(batch: pa.RecordBatch, added: Mapping[Column, pa.Array]) -> pa.RecordBatch:
    """Return a batch with further columns; a column of the user's own that has the name of one of them is left out."""
    taken = {column.name for column in added}
    kept = [name for name in batch.schema.names if name not in taken]
    arrays = [*(batch.column(name) for name in kept), *added.values()]
    return pa.record_batch(arrays, names=[*kept, *(column.name for column in added)])


def arrays_of(batch: pa.RecordBatch, columns: Sequence[Column]) -> list[pa.Array]:
    """Return some columns of a batch, cast to their types; one that is absent takes its default.

    Raises:
        ContractError: A column without a default is missing.
    """
    arrays = []
    for column in columns:
        if column.name in batch.schema.names:
            arrays.append(batch.column(column.name).cast(column.type))
        elif column.default is REQUIRED:
            raise ContractError(
                f"the measure left out column '{column.name}'; there are: {', '.join(batch.schema.names)}"
            )
        elif column.default is None:
            arrays.append(pa.nulls(batch.num_rows, column.type))
        else:
            arrays.append(pa.array([column.default] * batch.num_rows, column.type))
    return arrays


def differs(old: pa.Array, new: pa.Array) -> Mask:
    """Tell for each row whether its value is another one; null differs from all values.

    >>> differs(pa.array([[1], [2], None]), pa.array([[1], [3], []])).tolist()
    [False, True, True]
    """
    if old is new or old.equals(new):
        return np.zeros(len(old), bool)
    has_old, has_new = (array.is_valid().to_numpy(zero_copy_only=False) for array in (old, new))
    differing: Mask = has_old != has_new
    both = np.flatnonzero(has_old & has_new)
    if len(both) < len(old):
        old, new = old.take(pa.array(both)), new.take(pa.array(both))
    differing[both] = _values_differ(old, new)
    return differing


def _values_differ(old: pa.Array, new: pa.Array) -> Mask:
    kind = old.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        lengths, wanted = (pc.list_value_length(array).to_numpy() for array in (old, new))
        differing: Mask = lengths != wanted
        same = np.flatnonzero(~differing)
        inner = differs(*(array.take(pa.array(same)).flatten() for array in (old, new)))
        rows = np.repeat(same, lengths[same])
        differing[rows[inner]] = True
        return differing
    if pa.types.is_struct(kind):
        fields = zip(old.flatten(), new.flatten(), strict=True)
        either: Mask = np.logical_or.reduce([differs(*pair) for pair in fields])
        return either
    unequal: Mask = pc.not_equal(old, new).to_numpy(zero_copy_only=False)
    return unequal
