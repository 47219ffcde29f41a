"""JSON lines as batches: Arrow reads whole blocks; a block that it refuses is read line by line.

What Arrow refuses and a reader would take is taken: half a surrogate or a byte that is no UTF-8 becomes U+FFFD, of a
key that is given twice the last counts, a value of another type becomes what its column holds or, failing that, null. A
line that is no JSON object is damage.
"""

import codecs
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any

import pyarrow as pa
import pyarrow.json as pj

from pipeline.inputs.table_types import as_json, fitted

BLOCK = 8 << 20
LONGEST_LINE = 256 << 20
"""Bytes of a line above which it is damage and passed over; a batch is held in memory."""
DAMAGE = (gzip.BadGzipFile, EOFError, zlib.error)
"""What the file itself is to blame for; any other error of a store fails the task, which is tried again."""
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF8, "utf-8"),
          (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
Note = Callable[[str], None]
"""Told what is wrong with a line."""


def open_lines(stream: IO[bytes], name: str) -> IO[bytes]:
    """Return a file of JSON lines as UTF-8: unpacked, and decoded where its byte order mark says UTF-16 or UTF-32."""
    unpacked: Any = gzip.GzipFile(fileobj=stream) if name.lower().endswith(".gz") else stream
    buffered = io.BufferedReader(unpacked, 1 << 16) if not hasattr(unpacked, "peek") else unpacked
    try:
        head = bytes(buffered.peek(4)[:4])
    except DAMAGE:
        return buffered
    mark, charset = next(((mark, charset) for mark, charset in _MARKS if head.startswith(mark)), (b"", "utf-8"))
    buffered.read(len(mark))
    return buffered if charset == "utf-8" else _Recoded(buffered, charset)


class _Recoded(io.BufferedReader):
    """Bytes of another charset, read as UTF-8."""

    def __init__(self, stream: IO[bytes], charset: str) -> None:
        super().__init__(_RecodedBytes(stream, charset))


class _RecodedBytes(io.RawIOBase):
    def __init__(self, stream: IO[bytes], charset: str) -> None:
        self._stream, self._pending = stream, b""
        self._decoder = codecs.getincrementaldecoder(charset)("replace")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._pending:
            piece = self._stream.read(1 << 16)
            self._pending = self._decoder.decode(piece, not piece).encode("utf-8", "replace")
            if not piece:
                break
        count = min(len(buffer), len(self._pending))
        buffer[:count], self._pending = self._pending[:count], self._pending[count:]
        return count


def read_json_lines(stream: IO[bytes], schema: pa.Schema, note: Note) -> Iterator[pa.RecordBatch]:
    """Yield the rows of JSON lines, in order.

    Args:
        stream: As `open_lines` gives it.
        schema: Columns and types to read; what a row lacks is null, what it has beside them is left.
        note: Told of every line that cannot be read; blank lines are none.
    """
    options = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    for first, lines in _blocks(stream, note):
        try:
            table = pj.read_json(pa.BufferReader(b"".join(lines)), parse_options=options)
        except pa.ArrowInvalid:
            table = _by_line(lines, first, schema, note)
        for batch in table.combine_chunks().to_batches(max_chunksize=1024):
            arrays = [
                fitted(batch.column(field.name), field.type)
                if field.name in batch.schema.names
                else pa.nulls(batch.num_rows, field.type)
                for field in schema
            ]
            yield pa.record_batch(arrays, schema=schema)


def _blocks(stream: IO[bytes], note: Note) -> Iterator[tuple[int, list[bytes]]]:
    """Yield lines with the number of the first of them; where the file is cut or damaged, those before it."""
    lines: list[bytes] = []
    first = number = size = 0
    try:
        while line := stream.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                note(f"line {number}: longer than {LONGEST_LINE:,} bytes")
                while line and not line.endswith(b"\n"):
                    line = stream.readline(LONGEST_LINE)
                line = b"\n"
            lines.append(line)
            size += len(line)
            if size >= BLOCK:
                yield first, lines
                lines, first, size = [], number, 0
    except DAMAGE as error:
        note(f"cut or damaged after line {number:,}: {error}")
    if lines:
        yield first, lines


def _by_line(lines: list[bytes], first: int, schema: pa.Schema, note: Note) -> pa.Table:
    """Return the lines of a block that can be read: one bad line does not cost its neighbours."""
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    for number, line in enumerate(lines, first + 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError) as error:
            note(f"line {number:,}: {error}")
            continue
        if isinstance(row, dict):
            rows.append(row)
            numbers.append(number)
        else:
            note(f"line {number:,}: no JSON object")
    columns = [_column([row.get(field.name) for row in rows], field, numbers, note) for field in schema]
    return pa.table(columns, schema=schema) if rows else schema.empty_table()


def _column(values: list[Any], field: pa.Field, numbers: list[int], note: Note) -> pa.Array:
    """Return values as a column: null where one is of another type, which is told."""
    kept = []
    for value, number in zip(values, numbers, strict=True):
        fitting = _fitting(value, field.type)
        if value is not None and fitting is None:
            note(f"line {number:,}: '{field.name}' is no {field.type}: null stands for it")
        kept.append(fitting)
    return pa.array(kept, field.type)


def _fitting(value: Any, kind: pa.DataType) -> Any:
    """Return a value as a type holds it, None where it cannot."""
    if value is None:
        return None
    if pa.types.is_string(kind):
        return _whole(value if isinstance(value, str) else as_json(value))
    if pa.types.is_list(kind):
        return [_fitting(item, kind.value_type) for item in value] if isinstance(value, list) else None
    if pa.types.is_struct(kind):
        is_object = isinstance(value, dict)
        return {field.name: _fitting(value.get(field.name), field.type) for field in kind} if is_object else None
    try:
        if pa.types.is_temporal(kind):
            return pa.array([value]).cast(kind)[0].as_py()
        if pa.types.is_binary(kind):
            return _whole(value).encode() if isinstance(value, str) else None
        return pa.array([value], kind)[0].as_py()
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return None


def _whole(text: str) -> str:
    r"""Return a text with its surrogate pairs joined, and U+FFFD for half a pair.

    >>> _whole("\ud83c\udf3e \ud83d")
    '🌾 \ufffd'
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
