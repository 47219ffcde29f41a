"""JSON lines as batches: Arrow reads whole blocks; of a block that it refuses, all lines but those that it refuses.

What Arrow refuses and a reader would take is taken: half a surrogate or a byte that is no UTF-8 becomes U+FFFD, of a
key that is given twice the last counts, a value of another type becomes what its column holds or, failing that, null. A
line that is not one JSON object is damage.
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

from pipeline.inputs.table_types import as_text, fitted

BLOCK = 8 << 20
LONGEST_LINE = 256 << 20
"""Bytes of a line above which it is damage and passed over; a batch is held in memory."""
DAMAGE = (gzip.BadGzipFile, EOFError, zlib.error)
"""What the file itself is to blame for; any other error of a store fails the task, which is tried again."""
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF8, "utf-8"),
          (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
_FEW = 64
"""Lines that cost less by hand than what halving them costs."""
_PIECE = 1 << 20
"""Bytes of what Arrow's threads read at once."""
Note = Callable[[str], None]
"""Told what is wrong with a line."""
Tell = Callable[[str, int], None]
"""Told what is wrong, and how many damages it counts for."""
_Line = tuple[int, bytes]
"""A line behind its number."""


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


def read_json_lines(stream: IO[bytes], schema: pa.Schema, lose: Note, tell: Tell) -> Iterator[pa.RecordBatch]:
    """Yield the rows of JSON lines, in order: one of each line that is an object and nothing else.

    Args:
        stream: As `open_lines` gives it.
        schema: Columns and types to read; what a row lacks is null, what it has beside them is left.
        lose: Told of every line that cannot be read; blank lines are none.
        tell: Told of a value that null stands for, which is no damage, and of damage that is no line's.
    """
    for lines in _blocks(stream, lose, tell):
        tables = list(_tables(lines, schema, lose, tell))
        if tables:
            yield from pa.concat_tables(tables).combine_chunks().to_batches(max_chunksize=1024)


def whole_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield lines without byte order marks, which files that were put together have in their midst.

    Of a line that is longer than LONGEST_LINE its beginning is yielded, without an end of line.
    """
    while line := stream.readline(LONGEST_LINE):
        yield line.removeprefix(codecs.BOM_UTF8)
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE)


def _blocks(stream: IO[bytes], lose: Note, tell: Tell) -> Iterator[list[_Line]]:
    """Yield lines that are not blank; where the file is cut or damaged, those before it."""
    lines: list[_Line] = []
    number = size = 0
    try:
        for number, line in enumerate(whole_lines(stream), 1):
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                lose(f"line {number:,}: longer than {LONGEST_LINE:,} bytes")
            elif line.strip():
                lines.append((number, line))
                size += len(line)
            if size >= BLOCK:
                yield lines
                lines, size = [], 0
    except DAMAGE as error:
        tell(f"cut or damaged after line {number:,}: {error}", 1)
    if lines:
        yield lines


def _tables(lines: list[_Line], schema: pa.Schema, lose: Note, tell: Tell) -> Iterator[pa.Table]:
    """Yield the rows of lines: what Arrow refuses is halved, until few lines are left."""
    table = _by_arrow([line for _, line in lines], schema)
    if table is not None:
        yield table
    elif len(lines) <= _FEW:
        yield _by_hand(lines, schema, lose, tell)
    else:
        half = len(lines) // 2
        yield from _tables(lines[:half], schema, lose, tell)
        yield from _tables(lines[half:], schema, lose, tell)


def _by_arrow(lines: list[bytes], schema: pa.Schema) -> pa.Table | None:
    """Return the rows of lines, None where Arrow refuses them or one of them is not just one object."""
    if not all(map(_looks_whole, lines)):
        return None
    try:
        table = read_objects(lines, _own_types(lines[0], schema))
    except pa.ArrowInvalid:
        return None
    if table.num_rows != len(lines):
        return None
    columns = [
        pa.chunked_array([fitted(chunk, field.type) for chunk in table.column(field.name).chunks], field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _looks_whole(line: bytes) -> bool:
    """Tell whether a line begins and ends as an object does: no object then goes on over the end of a line.

    Arrow takes `null` for a row, and the process dies where a piece of the file begins with it.
    """
    text = line.strip(b" \t\r\n")
    return text.startswith(b"{") and text.endswith(b"}") and b"\r" not in text


def read_objects(lines: list[bytes], schema: pa.Schema | None = None) -> pa.Table:
    """Return lines as Arrow reads them, of the types that it finds where no schema is given."""
    behavior = "infer" if schema is None else "ignore"
    options = pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior=behavior)
    # a line may lie in two pieces of the file, not in three
    pieces = pj.ReadOptions(block_size=max(_PIECE, 1 + max(map(len, lines))))
    return pj.read_json(pa.BufferReader(b"\n".join(lines)), read_options=pieces, parse_options=options)


def _own_types(line: bytes, schema: pa.Schema) -> pa.Schema:
    """Return a schema in which texts are whole numbers where a line has them so: Arrow makes no text of numbers."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return schema
    is_number = {name: type(row.get(name)) is int for name in schema.names}
    return pa.schema(
        field.with_type(pa.int64()) if pa.types.is_string(field.type) and is_number[field.name] else field
        for field in schema
    )


def _by_hand(lines: list[_Line], schema: pa.Schema, lose: Note, tell: Tell) -> pa.Table:
    """Return the rows of those lines that can be read, as Arrow would; what it refuses is made to fit or null."""
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    for number, line in lines:
        try:
            row = json.loads(line.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError) as error:
            lose(f"line {number:,}: {error}")
            continue
        if isinstance(row, dict):
            rows.append(row)
            numbers.append(number)
        else:
            lose(f"line {number:,}: no JSON object")
    columns = []
    for field in schema:
        values = [row.get(field.name) for row in rows]
        is_time = pa.types.is_temporal(field.type)
        column = _times(values, field.type) if is_time else [_fitting(value, field.type) for value in values]
        for number, value, fitting in zip(numbers, values, column, strict=True):
            if value is not None and fitting is None:
                tell(f"line {number:,}: '{field.name}' is no {field.type}: null stands for it", 0)
        columns.append(pa.array(column, field.type))
    return pa.table(columns, schema=schema)


def _times(values: list[Any], kind: pa.DataType) -> list[int | None]:
    """Return points in time as Arrow reads them from JSON, in the type's unit; None for what it refuses."""
    try:
        lines = [json.dumps({"time": value if isinstance(value, str) else None}).encode() for value in values]
        column = read_objects(lines, pa.schema([("time", kind)])).column(0) if values else []
    except pa.ArrowInvalid:
        half = len(values) // 2
        return _times(values[:half], kind) + _times(values[half:], kind) if half else [None]
    return [time.value for time in column]


def _fitting(value: Any, kind: pa.DataType) -> Any:
    """Return a value as a type holds it, None where it cannot."""
    if value is None:
        return None
    if pa.types.is_string(kind):
        return _whole(value if isinstance(value, str) else as_text(value))
    if pa.types.is_list(kind):
        return [_fitting(item, kind.value_type) for item in value] if isinstance(value, list) else None
    if pa.types.is_struct(kind):
        is_object = isinstance(value, dict)
        return {field.name: _fitting(value.get(field.name), field.type) for field in kind} if is_object else None
    if pa.types.is_temporal(kind):
        return _times([value], kind)[0]
    try:
        if pa.types.is_binary(kind):
            return _whole(value).encode() if isinstance(value, str) else None
        number = float(value) if pa.types.is_floating(kind) and type(value) is int else value
        return pa.array([number], kind)[0].as_py()
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
