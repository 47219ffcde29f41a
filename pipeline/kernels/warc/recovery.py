"""Where records of a WARC file end and begin, when damage has hidden it."""

from typing import Any, Final, Protocol

from fastwarc.stream_io import GzipReader, Lz4Reader, ZstdReader

MAGICS: Final = {b"\x1f\x8b": b"\x1f\x8b\x08", b"\x04\x22": b"\x04\x22\x4d\x18", b"\x28\xb5": b"\x28\xb5\x2f\xfd"}
"""What compressed records begin with, by its first two bytes."""
PLAIN_MAGIC: Final = b"\nWARC/"
_READERS: Final = {b"\x1f\x8b": GzipReader, b"\x04\x22": Lz4Reader}
_WINDOW: Final = 1 << 20
_FIRST_WINDOW: Final = 1 << 12
_HEAD_END: Final = b"\r\n\r\n"
_MOST_OF_HEAD: Final = 1 << 16


class ByteStream(Protocol):
    """What a scan needs of a file."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a byte."""

    def tell(self) -> int:
        """Return the position."""

    def close(self) -> None:
        """Let go of the file."""


def ends_in_order(stream: ByteStream, magic: bytes, dictionary: bytes | None, offset: int, length: int) -> bool:
    """Tell whether a record's content is followed by the two line breaks that end a record, or by nothing."""
    stream.seek(offset)
    reader = _opened(stream, magic, dictionary) if magic else stream
    try:
        if magic:
            _pass_packed_head(reader)
        else:
            stream.seek(offset + _head_length(stream))
        while length > 0 and (piece := reader.read(min(length, _WINDOW))):
            length -= len(piece)
        return length == 0 and reader.read(4) in (b"\r\n\r\n", b"")
    except OSError as error:
        if getattr(error, "transient", False):
            raise
        return False


def _opened(stream: ByteStream, magic: bytes, dictionary: bytes | None) -> Any:
    """Return the reader of a compressed stream."""
    return _READERS[magic](stream) if magic in _READERS else ZstdReader(stream, dictionary=dictionary)


def _pass_packed_head(reader: ByteStream) -> None:
    """Read a record's head, byte by byte: the next member may be damaged, and must not be touched."""
    head = bytearray()
    while not head.endswith(_HEAD_END) and len(head) < _MOST_OF_HEAD and (byte := reader.read(1)):
        head += byte


def _head_length(stream: ByteStream) -> int:
    """Return the bytes of a record's head."""
    head = b""
    while _HEAD_END not in head and len(head) < _MOST_OF_HEAD and (piece := stream.read(_FIRST_WINDOW)):
        head += piece
    end = head.find(_HEAD_END)
    return min(len(head) if end < 0 else end + len(_HEAD_END), _MOST_OF_HEAD)


def find_record(stream: ByteStream, magic: bytes, start: int) -> int | None:
    """Return where the next record may begin; None where none does.

    Args:
        stream: The file.
        magic: What its compressed records begin with; none for a plain file, whose records begin a line.
        start: Where to look from.
    """
    sought = MAGICS[magic] if magic else PLAIN_MAGIC
    stream.seek(start)
    position, tail, step = start, b"", _FIRST_WINDOW
    while chunk := stream.read(step):
        step = min(2 * step, _WINDOW)
        window = tail + chunk
        at = window.find(sought)
        if at >= 0:
            return position - len(tail) + at + (0 if magic else 1)
        tail = window[-(len(sought) - 1) :]
        position += len(chunk)
    return None
