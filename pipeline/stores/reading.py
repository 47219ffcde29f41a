"""How far to read ahead of a reader: nothing for ranges, more and more for a stream.

s3fs reads 50 MB ahead by default, which a Parquet file's footer and column chunks would throw away; with no reading
ahead at all, a WARC would cost a request per 64 KB. So the reader's own steps decide.
"""

from collections.abc import Callable
from typing import ClassVar

from fsspec.caching import register_cache

_LEAST = 1 << 16
_FIRST_AHEAD = 1 << 18
_MOST_AHEAD = 1 << 24


class GrowingReads:
    """fsspec's cache of a file that is read: a range is one request; a stream's requests double up to 16 MB.

    >>> asked = []
    >>> def fetch(start, end):
    ...     asked.append((start >> 16, end >> 16))
    ...     return bytes(end - start)
    >>> reads = GrowingReads(0, fetch, 1 << 23)
    >>> _ = reads._fetch(5 << 20, 6 << 20), reads._fetch(1 << 20, 2 << 20)  # column chunks
    >>> _ = [reads._fetch(step << 16, (step + 1) << 16) for step in range(32, 64)]  # a stream
    >>> asked
    [(80, 96), (16, 32), (32, 37), (37, 46), (46, 63), (63, 96)]
    """

    name: ClassVar[str] = "growing"

    def __init__(
        self, blocksize: int, fetcher: Callable[[int, int], bytes], size: int, first_ahead: int = _FIRST_AHEAD
    ) -> None:
        """Take what fsspec gives its caches.

        Args:
            blocksize: Not used.
            fetcher: Returns the bytes from a start to an end, in one request.
            size: Bytes of the file.
            first_ahead: Bytes by which a stream's first request goes beyond what is read.
        """
        self.blocksize, self.fetcher, self.size = blocksize, fetcher, size
        self._start, self._block = 0, b""
        self._next = 0
        self._ahead, self._first_ahead = 0, first_ahead

    def _fetch(self, start: int | None, end: int | None) -> bytes:
        start, end = start or 0, self.size if end is None else min(end, self.size)
        if start >= end:
            return b""
        block_end = self._start + len(self._block)
        goes_on = start == self._next
        self._next = end
        if self._start <= start and end <= block_end:
            return self._block[start - self._start : end - self._start]
        head = self._block[start - self._start :] if self._start <= start < block_end else b""
        self._ahead = min(max(2 * self._ahead, self._first_ahead), _MOST_AHEAD) if goes_on else 0
        first = start + len(head)
        self._block = self.fetcher(first, min(max(end + self._ahead, first + _LEAST), self.size))
        self._start = first
        return head + self._block[: end - first]

    def _log_stats(self) -> str:
        return ""


register_cache(GrowingReads, clobber=True)
