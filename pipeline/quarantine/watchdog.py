"""A watchdog beside a worker: a page that uses more CPU time than its limit is put on a list and its worker killed.

Rows that are measured together are watched together. A page may hang in compiled code that never lets go of the
interpreter, so the watchdog is a process of its own, one per worker. They share a little memory in which the worker
notes the page it is on: no system call per page. The watchdog counts the worker's CPU time, not the clock, so that a
busy machine flags nobody; only where there is no /proc is it the clock. This module imports nothing but the standard
library: the watchdog starts without site-packages.
"""

import json
import mmap
import os
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, Self

_HEAD = struct.Struct("<QdII")  # turn (odd while a page is read), limit, bytes of the page's note and of the job's
_TURN = struct.Struct("<Q")
_JOB, _PAGE, _SIZE = 64, 1 << 13, 1 << 18
_MOST_OF_URL = 2000
_TICK = 1.0
_WRITE_SECONDS = 120
_HAS_PROC = Path("/proc/self/stat").exists()
_START = "import sys; sys.path.append(sys.argv[1]); from pipeline.quarantine.watchdog import main; main(*sys.argv[2:])"
_WRITE = (
    "import json, sys; path, directory, entry = json.load(sys.stdin); sys.path[:] = path;"
    " from pipeline.quarantine.listed import Quarantine; Quarantine(directory, entry['stage']).add(entry)"
)


class Board:
    """The memory that a worker and its watchdog share: what the worker is at."""

    def __init__(self, file: int) -> None:
        """Map an open file."""
        self._memory = mmap.mmap(file, _SIZE)

    @property
    def turn(self) -> int:
        """A number that is odd while a page is read, and another one for each page."""
        return int(_TURN.unpack_from(self._memory)[0])

    @property
    def limit(self) -> float:
        """CPU seconds per page; 0 before the first job."""
        return float(_HEAD.unpack_from(self._memory)[1])

    def post(self, job: Mapping[str, Any], limit: float) -> None:
        """Note what the next pages belong to.

        Raises:
            ValueError: The job does not fit, which takes paths of thousands of characters.
        """
        size = self._note(_JOB, job, _PAGE)
        _HEAD.pack_into(self._memory, 0, (self.turn // 2 + 1) * 2, limit, 0, size)

    def begin(self, page: Mapping[str, Any]) -> None:
        """Note the page that is read from now on, or the rows; the turn is written last.

        Raises:
            ValueError: The note does not fit.
        """
        turn, limit, _, job = _HEAD.unpack_from(self._memory)
        _HEAD.pack_into(self._memory, 0, turn, limit, self._note(_PAGE, page, _SIZE), job)
        _TURN.pack_into(self._memory, 0, (turn // 2 + 1) * 2 + 1)

    def _note(self, start: int, values: Mapping[str, Any], stop: int) -> int:
        note = json.dumps(values).encode()
        if len(note) > stop - start:
            raise ValueError(f"a note for the watchdog has {len(note)} bytes, {stop - start} is the most")
        self._memory[start : start + len(note)] = note
        return len(note)

    def end(self) -> None:
        """Note that the page is read."""
        _TURN.pack_into(self._memory, 0, (self.turn // 2 + 1) * 2)

    def read(self) -> dict[str, Any]:
        """Return the job with its page, for a worker that stands still."""
        _, limit, page, job = _HEAD.unpack_from(self._memory)
        fields: dict[str, Any] = json.loads(self._memory[_JOB : _JOB + job])
        return {**fields, **json.loads(self._memory[_PAGE : _PAGE + page]), "limit": limit}


class PagesPart(Protocol):
    """What is told of the part that a page is of."""

    @property
    def name(self) -> str:
        """Name of the part."""

    @property
    def source(self) -> str:
        """The input file."""


class Watch:
    """What a task tells its watchdog: `with watch.page(…):` around each page, `with watch.rows(…):` around a batch."""

    def __init__(self, job: Mapping[str, Any], limit: float) -> None:
        """Start nothing yet: a task without a page needs no watchdog.

        Args:
            job: JSON values that the list's entry is to carry beside the page; `directory` says where the list is,
                none that nothing is watched.
            limit: CPU seconds per page.
        """
        self._job = dict(job)
        self._limit = limit
        self._board: Board | None = None
        self._what = ""

    def page(self, part: PagesPart, offset: int, doc_id: str, url: str) -> Self:
        """Begin a page; the block that this opens ends it.

        Raises:
            ResourceError: The block's memory did not suffice.
        """
        page = {"part": part.name, "warc_file": part.source, "warc_offset": offset, "doc_id": doc_id}
        return self._begin(url, {**page, "url": url[:_MOST_OF_URL]})

    def rows(self, ranges: Sequence[tuple[str, int, int]]) -> Self:
        """Begin a batch of rows that are measured together; the block that this opens ends it.

        Args:
            ranges: (name of the part, first row, last row).

        Raises:
            ResourceError: The block's memory did not suffice.
        """
        return self._begin(f"{len(ranges)} stretches of rows", {"suspects": ranges})

    def _begin(self, what: str, page: Mapping[str, Any]) -> Self:
        self._what = what
        if self._board is None and self._job["directory"]:
            self._board = _board_of_worker()
            self._board.post(self._job, self._limit)
        if self._board is not None:
            self._board.begin(page)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if self._board is not None:
            self._board.end()
        if isinstance(error, MemoryError):
            from pipeline.errors import ResourceError, out_of_memory

            raise ResourceError(out_of_memory(self._what)) from error


def _board_of_worker() -> Board:
    """Return the board of this process's watchdog, which is started where there is none that lives."""
    board, watchdog = _watchdog(os.getpid())
    if watchdog.poll() is not None:
        _watchdog.cache_clear()
        board, watchdog = _watchdog(os.getpid())
    return board


@lru_cache(maxsize=1)
def _watchdog(owner: int) -> tuple[Board, subprocess.Popen[bytes]]:
    """Start a watchdog; it ends when its standard input does, which is held open by this process alone."""
    file = _shared_file()
    try:
        board = Board(file)
        root = str(Path(__file__).resolve().parents[2])
        command = [sys.executable, "-I", "-S", "-c", _START, root, str(file), str(owner), json.dumps(sys.path)]
        stdin, stdout = subprocess.PIPE, subprocess.DEVNULL
        return board, subprocess.Popen(command, stdin=stdin, stdout=stdout, pass_fds=(file,))  # noqa: S603  (ourselves)
    finally:
        os.close(file)


def _shared_file() -> int:
    """Return an open file without a name."""
    if hasattr(os, "memfd_create"):
        file = os.memfd_create("gristmill-watchdog")
    else:
        import tempfile

        with tempfile.TemporaryFile() as made:
            file = os.dup(made.fileno())
    os.ftruncate(file, _SIZE)
    return file


def cpu_seconds(process: int) -> float:
    """Return the CPU time of a process, or the time of the clock where there is no /proc.

    Raises:
        OSError: There is no such process.
    """
    if not _HAS_PROC:
        return time.monotonic()
    fields = Path(f"/proc/{process}/stat").read_bytes().rsplit(b")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(file: str, owner: str, path: str) -> None:
    """Watch a worker until it ends.

    Args:
        file: Number of the shared file.
        owner: Process id of the worker.
        path: The worker's `sys.path` as JSON: where what writes the list is imported from.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends when its worker does
    board, worker = Board(int(file)), int(owner)
    turn, before = 0, 0.0
    while _is_alive(worker, min(_TICK, board.limit / 4 or _TICK)):
        now = board.turn
        try:
            used = cpu_seconds(worker)
            if now % 2 == 0 or now != turn:
                turn, before = now, used
            elif used - before > board.limit and _flag(board, turn, worker, used - before, json.loads(path)):
                return
        except OSError:  # it ended just now
            return


def _is_alive(worker: int, seconds: float) -> bool:
    """Wait a while, and tell whether the worker is still there."""
    ended, _, _ = select.select([0], [], [], seconds)
    return not ended and os.getppid() == worker


def _flag(board: Board, turn: int, worker: int, used: float, path: list[str]) -> bool:
    """Put the page on the list and kill its worker, unless it got over the page in this very moment."""
    os.kill(worker, signal.SIGSTOP)  # neither memory nor the verdict moves while the entry is written
    end = signal.SIGKILL
    try:
        _wait_until_stopped(worker)
        if board.turn != turn:
            end = signal.SIGCONT
            return False
        entry = {**board.read(), "cpu_seconds": round(used, 1)}
        directory = entry.pop("directory")
        _tell(
            f"{entry['stage']}: {_what(entry)} used {used:.1f} s of CPU time, more than {entry['limit']:g} s:"
            f" noted in {directory}, and its worker is killed"
        )
        note = json.dumps([path, directory, entry]).encode()
        command = [sys.executable, "-c", _WRITE]
        subprocess.run(command, input=note, check=True, timeout=_WRITE_SECONDS)  # noqa: S603  (this very project)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        _tell(f"the quarantine list could not be written: {error}")
    finally:
        os.kill(worker, end)
    return True


def _what(entry: Mapping[str, Any]) -> str:
    """Return in words what a worker was at."""
    if "suspects" in entry:
        rows = sum(last - first + 1 for _, first, last in entry["suspects"])
        return f"a batch of {rows} rows, which are measured one at a time now,"
    return f"{entry['url']} ({entry['warc_file']} at offset {entry['warc_offset']})"


def _wait_until_stopped(worker: int) -> None:
    """Wait for the signal to arrive, or the worker could begin an innocent page between two looks at the board."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{worker}/stat").read_bytes().rpartition(b")")[2].split()[0]
        except (OSError, IndexError):  # no /proc here, or no worker any more
            return
        if state in (b"T", b"t", b"Z"):
            return
        time.sleep(0.01)


def _tell(line: str) -> None:
    from pipeline.terminal import safe

    print(safe(f"gristmill watchdog: {line}"), file=sys.stderr, flush=True)  # noqa: T201  (a worker's log)
