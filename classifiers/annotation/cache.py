"""Outcomes on disk, by what was asked: a line is added the moment there is one, and who is killed goes on from there.

A line is a JSON object. One that was cut by a kill is the last; it is cut off, and its question is asked again.
"""

import fcntl
import json
import os
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Final, Self

from classifiers.annotation.asking import Outcome
from classifiers.annotation.prompt_files import AnnotationError

_BEGINNING: Final = b'{"key": "'


class OutcomeCache:
    """Outcomes in a file, which one process at a time has open.

    Args:
        path: Of the file, which need not exist.

    Attributes:
        outcomes: Key → outcome.
        damaged: How many lines were none, and are passed over.

    Raises:
        AnnotationError: Another process has it open, or it is no such file.
    """

    def __init__(self, path: Path) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.damaged = 0
        self._lock = Lock()
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b", buffering=0)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise AnnotationError(f"{path} is open in another process: let it end, or name another --cache") from None
        rest = self._read()
        if (self.damaged and not self.outcomes) or rest[: len(_BEGINNING)] != _BEGINNING[: len(rest)]:
            self._file.close()
            raise AnnotationError(f"{path} is no cache of answers: name another --cache")
        if rest:
            self._file.truncate(os.fstat(self._file.fileno()).st_size - len(rest))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.fsync(self._file.fileno())
        if not os.fstat(self._file.fileno()).st_size:
            self._path.unlink()  # nothing was asked
        self._file.close()

    def add(self, key: str, outcome: Outcome) -> None:
        """Write an outcome. One that failed is remembered until the process ends, and asked again by the next."""
        with self._lock:
            self.outcomes[key] = outcome
            if outcome.status != "failed":
                line = json.dumps({"key": key, **outcome._asdict()}, ensure_ascii=True).encode() + b"\n"
                rest = memoryview(line)
                while rest:
                    rest = rest[self._file.write(rest) or 0 :]

    def _read(self) -> bytes:
        """Read what is there; return a last line that is not whole."""
        self._file.seek(0)
        with os.fdopen(os.dup(self._file.fileno()), "rb") as reader:
            for line in reader:
                if not line.endswith(b"\n"):
                    return line
                self._take(line)
        return b""

    def _take(self, line: bytes) -> None:
        try:
            fields: dict[str, Any] = json.loads(line)
            key = fields.pop("key")
            self.outcomes[key] = Outcome(**fields)
        except (ValueError, LookupError, TypeError, AttributeError):
            self.damaged += 1
