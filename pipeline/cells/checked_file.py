"""Parquet files that know their bytes: who reads them here notices each that is not what was written.

All bytes before the footer are hashed in blocks. The hashes stand between the last column and the footer, where no
reader of Parquet looks, so that any reader reads these files; ours verifies the footer and every block that it touches.

    columns … | xxh3-64 of each block | SEAL: what follows and precedes it, hashed | footer | its length | PAR1
"""

import io
import struct
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
from xxhash import xxh3_64, xxh3_64_intdigest

from pipeline.errors import DamageError
from pipeline.stores import storage

BLOCK = 1 << 14
"""Bytes that are hashed together: what is read of a small column, and a twentieth of a percent of a file."""
_SEAL = struct.Struct("<8sQQ")
"""Magic, bytes before the hashes, hash of the hashes, of that number and of the footer."""
_MAGIC = b"gristck1"
_END = struct.Struct("<I4s")
_FIRST_READ = 1 << 16
"""Bytes from the end of a file that are asked for at once: most footers are shorter."""


class BlockHashes:
    """The hashes of blocks of bytes that come in pieces."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._hashes = array("Q")
        self._block = xxh3_64()
        self.bytes = 0

    def update(self, piece: bytes) -> None:
        """Add bytes."""
        view = memoryview(piece)
        while view:
            room = BLOCK - self.bytes % BLOCK
            part = view[:room]
            self._block.update(part)
            self.bytes += len(part)
            if len(part) == room:
                self._hashes.append(self._block.intdigest())
                self._block.reset()
            view = view[room:]

    def sealed(self, footer: bytes) -> bytes:
        """Return what stands before a footer: the hashes, and what makes them and the footer trustworthy."""
        hashes = array("Q", self._hashes)
        if self.bytes % BLOCK:
            hashes.append(self._block.intdigest())
        packed = hashes.tobytes()
        return packed + _SEAL.pack(_MAGIC, self.bytes, _seal_of(packed, self.bytes, footer))


def _seal_of(hashes: bytes, size: int, footer: bytes) -> int:
    seal = xxh3_64(hashes)
    seal.update(struct.pack("<Q", size))
    seal.update(footer)
    return seal.intdigest()


class _CheckedStream:
    """The bytes before a file's footer, each block verified when it is read: what pyarrow needs of a file."""

    def __init__(self, stream: IO[bytes], path: str, hashes: "array[int]", size: int) -> None:
        self._stream, self._path, self._hashes, self._size = stream, path, hashes, size
        self._position = 0
        self.closed = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True
        self._stream.close()

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        return self._position

    def read(self, size: int = -1) -> bytes:
        stop = self._size if size < 0 else min(self._position + size, self._size)
        if stop <= self._position:
            return b""
        first, behind = self._position // BLOCK, -(-stop // BLOCK)
        start = first * BLOCK
        length = min(behind * BLOCK, self._size) - start
        view = memoryview(_read_at(self._stream, start, length))
        if len(view) != length:
            raise DamageError(self._path)
        for number in range(first, behind):
            at = (number - first) * BLOCK
            if xxh3_64_intdigest(view[at : at + BLOCK]) != self._hashes[number]:
                raise DamageError(self._path)
        wanted = bytes(view[self._position - start : stop - start])
        self._position = stop
        return wanted


def _read_at(stream: IO[bytes], start: int, length: int) -> bytes:
    stream.seek(start)
    return stream.read(length)


def open_parquet(path: str) -> pq.ParquetFile:
    """Open a Parquet file that `TableFile` wrote; its bytes are verified as they are read.

    Raises:
        DamageError: The file is gone, cut, or not what was written; from reading it, too.
    """
    try:
        stream = storage.open_for_reading(path)
    except FileNotFoundError as error:
        raise DamageError(path, "is gone") from error
    try:
        return _opened(stream, path)
    except BaseException:
        stream.close()
        raise


def _opened(stream: IO[bytes], path: str) -> pq.ParquetFile:
    size = stream.seek(0, io.SEEK_END)
    tail = _read_at(stream, max(0, size - _FIRST_READ), min(size, _FIRST_READ))
    if len(tail) < _END.size or tail[-4:] != b"PAR1":
        raise DamageError(path)
    footer_size = _END.unpack(tail[-_END.size :])[0] + _END.size
    footer, seal = _piece(stream, tail, size, footer_size, 0), _piece(stream, tail, size, _SEAL.size, footer_size)
    if len(footer) != footer_size or len(seal) != _SEAL.size:
        raise DamageError(path)
    magic, data_size, sealed = _SEAL.unpack(seal)
    hashes_size = 8 * -(-data_size // BLOCK)
    if magic != _MAGIC or data_size + hashes_size + _SEAL.size + footer_size != size:
        raise DamageError(path)
    packed = _piece(stream, tail, size, hashes_size, footer_size + _SEAL.size)
    if _seal_of(packed, data_size, footer) != sealed:
        raise DamageError(path)
    metadata = pq.read_metadata(pa.BufferReader(b"PAR1" + footer))
    checked = _CheckedStream(stream, path, array("Q", packed), data_size)
    return pq.ParquetFile(pa.PythonFile(checked, mode="r"), metadata=metadata)


def _piece(stream: IO[bytes], tail: bytes, size: int, length: int, behind: int) -> bytes:
    """Return so many bytes that so many others follow in a file of a size, out of its tail where they are in it."""
    stop = len(tail) - behind
    if stop - length >= 0:
        return tail[stop - length : stop]
    start = size - behind - length
    return _read_at(stream, start, length) if start >= 0 else b""


@contextmanager
def opened_parquet(path: str) -> Iterator[pq.ParquetFile]:
    """Open a file as `open_parquet` does, and close it at the end of the block."""
    file: Any = open_parquet(path)
    try:
        yield file
    finally:
        file.close(force=True)


def read_parquet(path: str, columns: list[str] | None = None) -> pa.Table:
    """Return the rows of a whole file, some of its columns or all."""
    with opened_parquet(path) as file:
        return file.read(columns=columns)
