"""Input streams that outlive a cut connection or a throttled store."""

import os
import time
from collections.abc import Callable
from typing import IO, Any

from pipeline.stores import storage

_FINAL = (FileNotFoundError, PermissionError, IsADirectoryError)


class TransientReadError(OSError):
    """A store kept failing; the file itself may be whole, so its task fails and may be tried again."""

    transient = True


class RetryingStream:
    """A seekable stream that reopens its file where a read fails or ends before the file does."""

    def __init__(
        self,
        uri: str,
        *,
        tries: int = 6,
        opener: Callable[[str], IO[bytes]] = storage.open_for_reading,
        wait: Callable[[float], Any] = time.sleep,
    ) -> None:
        """Open the file.

        Args:
            uri: Local path or URL.
            tries: Reads to try before giving up; the pauses between them double from one second.
            opener: Opens the file.
            wait: Called with the seconds to pause.
        """
        self._uri, self._tries, self._opener, self._wait = uri, tries, opener, wait
        self._position = 0
        self._size: int | None = None
        self._stream: IO[bytes] | None = None

    def _attempt(self, size: int) -> bytes:
        if self._stream is None:
            self._stream = self._opener(self._uri)
            if self._size is None:
                self._size = self._stream.seek(0, os.SEEK_END)
            self._stream.seek(self._position)
        chunk = self._stream.read(size)
        if not chunk and size and self._size is not None and self._position < self._size:
            raise ConnectionError(f"stream ended at byte {self._position} of {self._size}")
        return chunk

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes; empty only at the end of the file.

        Raises:
            TransientReadError: Every try failed.
        """
        for attempt in range(self._tries):
            try:
                chunk = self._attempt(size)
            except _FINAL:
                raise
            except Exception as error:
                self.close()
                if attempt + 1 == self._tries:
                    raise TransientReadError(f"{self._uri}: {error!r} after {self._tries} tries") from error
                self._wait(2.0**attempt)
            else:
                self._position += len(chunk)
                return chunk
        raise AssertionError("unreachable: the last try returns or raises")

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a byte of the file."""
        if whence != os.SEEK_SET:
            raise ValueError("only absolute positions")
        if self._stream is not None and offset != self._position:
            self._stream.seek(offset)
        self._position = offset
        return offset

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def close(self) -> None:
        """Close the file; a later read opens it again."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
