"""How a WARC file is packed: not at all, with gzip, lz4 or zstd, or with zstd and a dictionary of its own."""

import zlib

from pipeline.kernels.warc.recovery import MAGICS, PLAIN_MAGIC, ByteStream, ends_in_order, find_record
from pipeline.kernels.warc.zstd_dictionary import DICTIONARY_MAGIC, DictionaryStream, missing_dictionary

_HEAD_BYTES = 512
_ZSTD = b"\x28\xb5"


class PackedFile:
    """A WARC file whose packing is known.

    Attributes:
        start: Where its first record begins.
        blame: What an error adds where the file has a dictionary, which may be the cause.
    """

    def __init__(self, stream: ByteStream, head: bytes) -> None:
        """Look at a file.

        Args:
            stream: A seekable stream.
            head: What it begins with.

        Raises:
            DictionaryError: Its dictionary is cut, damaged or too large.
        """
        self._stream = stream
        self._packed = DictionaryStream(stream) if head.startswith(DICTIONARY_MAGIC) else None
        self._magic = _ZSTD if self._packed else head[:2] if head[:2] in MAGICS else b""
        self.start = self._packed.start if self._packed else 0
        self.blame = " (read with the zstd dictionary that the file begins with)" if self._packed else ""

    @property
    def shift(self) -> int:
        """What to add to a place in the stream that is read for the place in the file."""
        return self._packed.shift if self._packed else 0

    def at(self, offset: int) -> ByteStream:
        """Return the stream that goes on at a place of the file."""
        if self._packed is None:
            self._stream.seek(offset)
            return self._stream
        self._packed.begin_at(offset)
        return self._packed

    def find(self, start: int) -> int | None:
        """Return where the next record may begin; None where none does."""
        return find_record(self._stream, self._magic, start)

    def ends_in_order(self, offset: int, length: int) -> bool:
        """Tell whether a record's content is followed by what ends a record, or by nothing."""
        dictionary = self._packed.content if self._packed else None
        return ends_in_order(self._stream, self._magic, dictionary, offset, length)


def head_of(stream: ByteStream) -> bytes:
    """Return what a file begins with."""
    return stream.read(_HEAD_BYTES)


def not_a_warc(head: bytes) -> str | None:
    """Return what to say of a file that is no WARC file, by its first bytes; None for one that may be."""
    if not head:
        return "empty file"
    text = head
    if head[:2] == b"\x1f\x8b":
        try:
            text = zlib.decompressobj(31).decompress(head, 256)
        except zlib.error:
            return None
    if text.startswith(b"filedesc:"):
        return "ARC file, which is not read: convert it to WARC first (warcio recompress)"
    if (complaint := missing_dictionary(head)) is not None:
        return complaint
    is_warc = head[:2] in MAGICS or head.startswith(DICTIONARY_MAGIC) or PLAIN_MAGIC[1:] in text
    return None if is_warc else f"not a WARC file: it begins with {text[:16]!r}"
