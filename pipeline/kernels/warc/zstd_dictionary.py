"""The dictionary of a `.warc.zst` file: its first frame, which decoders skip (IIPC's "WARC files with zstd").

The frame is 5D 2A 4D 18, its length in four bytes, and the dictionary, which may be compressed with zstd itself.
"""

import zstandard

from pipeline.kernels.warc.recovery import MAGICS, ByteStream

DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"
_HEADER = 8
_MOST_BYTES = 128 << 20
_TRAINED = b"\x37\xa4\x30\xec"
_ZSTD = MAGICS[b"\x28\xb5"]


class DictionaryError(ValueError):
    """A file's dictionary is cut, damaged, too large, or missing."""


class DictionaryStream:
    """A file from one of its records on, with the frame of its dictionary before it, as FastWARC wants to see it.

    Attributes:
        content: The dictionary.
        start: Where the file's records begin.
        shift: What to add to a place in this stream for the place in the file.
    """

    def __init__(self, stream: ByteStream) -> None:
        """Read the dictionary of a file.

        Raises:
            DictionaryError: It is cut, damaged or too large.
        """
        self._stream = stream
        stream.seek(0)
        size = int.from_bytes(stream.read(_HEADER)[4:], "little")
        if size > _MOST_BYTES:
            raise DictionaryError(f"its zstd dictionary is said to have {size:,} bytes; {_MOST_BYTES:,} are the most")
        packed = _read_all(stream, size)
        if len(packed) < size:
            raise DictionaryError(f"its zstd dictionary is cut: {len(packed):,} of {size:,} bytes")
        self.content = _checked(packed)
        self._frame = DICTIONARY_MAGIC + len(self.content).to_bytes(4, "little") + self.content
        self.start = _HEADER + size
        self.begin_at(self.start)

    def begin_at(self, offset: int) -> None:
        """Let the stream go on at a place of the file, behind the dictionary."""
        self._stream.seek(offset)
        self._at = 0
        self.shift = offset - len(self._frame)

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes."""
        if self._at < len(self._frame):
            piece = self._frame[self._at :] if size < 0 else self._frame[self._at : self._at + size]
        else:
            piece = self._stream.read(size)
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a byte of the file's rest.

        Raises:
            ValueError: It is in the dictionary, or `whence` is not 0.
        """
        if whence or offset < len(self._frame):
            raise ValueError("only places behind the dictionary")
        self._stream.seek(offset + self.shift)
        self._at = offset
        return offset

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()


def missing_dictionary(head: bytes) -> str | None:
    """Return what to say of a file whose first frame wants a dictionary that stands nowhere; None for any other file.

    >>> missing_dictionary(b"WARC/1.1") is None
    True
    """
    if not head.startswith(_ZSTD):
        return None
    try:
        number = zstandard.get_frame_parameters(head).dict_id
    except zstandard.ZstdError:
        return None
    return f"its records want the zstd dictionary {number}, which the file does not begin with" if number else None


def _read_all(stream: ByteStream, size: int) -> bytes:
    pieces: list[bytes] = []
    while size > 0 and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _checked(packed: bytes) -> bytes:
    """Return a dictionary as decoders take it.

    Raises:
        DictionaryError: They would not.
    """
    try:
        content, size = packed, len(packed)
        if packed.startswith(_ZSTD):
            size = zstandard.frame_content_size(packed)
            content = zstandard.ZstdDecompressor().stream_reader(packed).read(_MOST_BYTES)
        dictionary = zstandard.ZstdCompressionDict(content)
        zstandard.ZstdDecompressor(dict_data=dictionary).decompress(zstandard.compress(b""))
    except (zstandard.ZstdError, MemoryError) as error:
        raise DictionaryError(f"its zstd dictionary is damaged: {error}") from error
    if not content.startswith(_TRAINED) or size not in (len(content), zstandard.CONTENTSIZE_UNKNOWN, -1):
        raise DictionaryError(f"its zstd dictionary is damaged: {len(content):,} bytes, which are none")
    return content
