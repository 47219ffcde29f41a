"""A hash of rows that depends on their values alone: not on batches, files, or what else a file holds."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from xxhash import xxh3_128

_SIZES = {pa.string(): np.int32, pa.binary(): np.int32, pa.large_string(): np.int64, pa.large_binary(): np.int64}


class ContentHash:
    """Hashes rows that come batch by batch; each buffer of each column is a stream of its own."""

    def __init__(self) -> None:
        """Start without rows."""
        self._streams: dict[str, Any] = {}
        self._counts: dict[str, int] = {}

    def update(self, rows: pa.Table) -> None:
        """Add rows."""
        for name, column in zip(rows.column_names, rows.columns, strict=True):
            for chunk in column.chunks:
                self._feed(name, chunk)

    def hexdigest(self) -> str:
        """Return 16 hex digits."""
        total = xxh3_128()
        for name in sorted(self._streams):
            total.update(f"{name}\0".encode() + self._streams[name].digest())
        for name in sorted(self._counts):
            total.update(f"{name}\0{self._counts[name]}".encode())
        return total.hexdigest()[:16]

    def _stream(self, name: str) -> Any:
        if name not in self._streams:
            self._streams[name] = xxh3_128()
        return self._streams[name]

    def _feed(self, name: str, array: pa.Array) -> None:
        """Add the values of an array; nested ones go by their own names."""
        if isinstance(array, pa.ExtensionArray):
            array = array.storage
        before = self._counts.get(name, 0)
        self._counts[name] = before + len(array)
        if array.null_count:
            nulls = np.flatnonzero(array.is_null().to_numpy(zero_copy_only=False)) + before
            self._stream(f"{name}?").update(nulls.astype(np.int64))
        kind = array.type
        if kind in _SIZES:
            self._feed_bytes(name, array, _SIZES[kind])
        elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
            lengths = pc.fill_null(pc.list_value_length(array), 0).cast(pa.int64())
            self._stream(f"{name}#").update(lengths.to_numpy())
            self._feed(f"{name}.item", array.flatten())
        elif pa.types.is_struct(kind):
            for field, values in zip(kind, array.flatten(), strict=True):
                self._feed(f"{name}.{field.name}", values)
        elif pa.types.is_boolean(kind):
            self._stream(name).update(pc.fill_null(array, False).cast(pa.uint8()).to_numpy())  # noqa: FBT003
        elif pa.types.is_primitive(kind):
            self._feed_numbers(name, array)
        elif not pa.types.is_null(kind):
            for value in array.to_pylist():
                self._stream(name).update(f"{value!r}\0".encode())

    def _feed_bytes(self, name: str, array: pa.Array, size: Any) -> None:
        if not len(array):
            return
        if array.null_count:  # bytes may lie below a null
            array = pc.fill_null(array, pa.scalar("", array.type))
        _, ends, content = array.buffers()
        offsets = np.frombuffer(ends, size)[array.offset : array.offset + len(array) + 1]
        self._stream(f"{name}#").update(np.diff(offsets).astype(np.int64))
        if content is not None:
            self._stream(name).update(memoryview(content)[int(offsets[0]) : int(offsets[-1])])

    def _feed_numbers(self, name: str, array: pa.Array) -> None:
        if array.null_count:
            array = pc.fill_null(array, pa.scalar(0).cast(array.type)) if _has_zero(array.type) else array.drop_null()
        width = array.type.bit_width // 8
        content = array.buffers()[1]
        if content is not None:
            self._stream(name).update(memoryview(content)[array.offset * width : (array.offset + len(array)) * width])


def _has_zero(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))
