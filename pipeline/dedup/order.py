"""The total order of documents: which of two that are alike stays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import ConfigError, near_miss
from schemas.columns import FETCH_TIME, Column

Array = np.ndarray[Any, np.dtype[Any]]
LONGEST, NEWEST = "longest", "newest"
UNITS = Column("minhash_units", pa.int32(), "words, or characters of unspaced scripts, in the text")
DOC = Column("doc_number", pa.int64(), "first 60 bits of doc_id")
_LAST = np.iinfo(np.int64).max
FIRST = np.iinfo(np.int64).min
"""Rank of every document of an earlier run."""


@dataclass(frozen=True)
class Order:
    """What the order goes by; equals go by doc_id, then by part and row.

    Attributes:
        keep: `longest`, `newest`, or the name of a column whose highest value comes first; `-name` for the lowest.
    """

    keep: str

    @property
    def column(self) -> str:
        """Name of the column that ranks come from."""
        return {LONGEST: UNITS.name, NEWEST: FETCH_TIME.name}.get(self.keep, self.keep.removeprefix("-"))

    def check(self, columns: "list[Column] | tuple[Column, ...]") -> None:
        """Check that the order can be made.

        Args:
            columns: Of the stage's input.

        Raises:
            ConfigError: There is no such column, or it is neither number, truth value nor time.
        """
        if self.keep in {LONGEST, NEWEST}:
            return
        kinds = {column.name: column.type for column in columns}
        kind = kinds.get(self.column)
        if kind is None:
            names = [LONGEST, NEWEST, *kinds]
            raise ConfigError(f"dedup_document.keep: no column '{self.column}'{near_miss(self.column, names)}")
        tests = (
            pa.types.is_integer,
            pa.types.is_floating,
            pa.types.is_boolean,
            pa.types.is_timestamp,
            pa.types.is_date,
        )
        if not any(test(kind) for test in tests):
            raise ConfigError(f"dedup_document.keep: column '{self.column}' is {kind}, which has no order to keep by")

    def ranks(self, batch: pa.RecordBatch | pa.Table) -> Array:
        """Return the rank of each row, int64: lower ones come first, null last.

        >>> Order("quality").ranks(pa.record_batch({"quality": [0.5, None, -1.0]})).argsort().tolist()
        [0, 2, 1]
        """
        column = batch.column(self.column)
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        missing = column.is_null(nan_is_null=True).to_numpy(zero_copy_only=False)
        values = _ascending(column)
        ordered = np.maximum(values, FIRST + 1) if self.keep.startswith("-") else ~values
        ranks: Array = np.where(missing, _LAST, np.minimum(ordered, _LAST - 1))
        return ranks


def _ascending(column: pa.Array) -> Array:
    """Return integers in the order of the values; of a double, its bits."""
    if pa.types.is_floating(column.type):
        values = pc.fill_null(column.cast(pa.float64()), 0.0).to_numpy(zero_copy_only=False) + 0.0  # one zero
        bits = values.view(np.int64)
        ordered: Array = np.where(bits < 0, bits ^ np.int64(_LAST), bits)
        return ordered
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.timestamp("us", tz=getattr(column.type, "tz", None))).cast(pa.int64())
    whole: Array = pc.fill_null(column.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    return whole


def doc_numbers(doc_ids: pa.Array) -> Array:
    """Return the first 60 bits of each doc_id, int64: what tells equals of one rank apart.

    >>> doc_numbers(pa.array(["0" * 14 + "a" + "f" * 17])).tolist()
    [10]
    """
    if isinstance(doc_ids, pa.ChunkedArray):
        doc_ids = doc_ids.combine_chunks()
    joined = bytes.fromhex("".join(pc.utf8_slice_codeunits(doc_ids, 0, 16).to_pylist()))
    prefix: Array = np.frombuffer(joined, ">u8") >> np.uint64(4)
    return prefix.astype(np.int64)
