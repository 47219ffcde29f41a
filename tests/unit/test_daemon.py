"""The daemon of Spark's Python workers: who is silent and who is not, and what preloading may not break."""

import contextlib
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from pipeline import daemon
from pipeline.kernels import warm

NO_LOADING = "from pipeline.daemon import main; main(loaders=())"
RAISED = -2  # PySpark's SpecialLengths.PYTHON_EXCEPTION_THROWN


class Daemon:
    """A daemon, to which this plays the JVM."""

    def __init__(self, folder: Path, *command: str) -> None:
        environment = {
            **os.environ,
            "PYTHON_UNIX_DOMAIN_ENABLED": "true",
            "PYTHON_WORKER_FACTORY_SOCK_DIR": str(folder),
            "PYTHON_DAEMON_KILL_WORKER_ON_FLUSH_FAILURE": "1",
            "SPARK_REUSE_WORKER": "1",
        }
        pipe = subprocess.PIPE
        command = (sys.executable, *command)
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)
        assert self.process.stdout is not None
        self.address = read_bytes(self.process.stdout).decode()

    @contextlib.contextmanager
    def worker(self) -> Iterator[tuple[socket.socket, IO[bytes]]]:
        """Have a worker forked; the JVM hangs up on it at the end, and it ends."""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(self.address)
            with line.makefile("rb") as answers:
                pid = read_int(answers)
                yield line, answers
        with contextlib.suppress(ProcessLookupError):
            for _ in range(100):
                os.kill(pid, 0)
                time.sleep(0.1)

    def finish(self) -> str:
        """End it as Spark does, and return what it and its workers said."""
        return self.process.communicate(timeout=60)[1].decode()


def read_int(file: IO[bytes]) -> int:
    (value,) = struct.unpack("!i", file.read(4))
    return int(value)


def read_bytes(file: IO[bytes]) -> bytes:
    return file.read(read_int(file))


@pytest.fixture
def sockets() -> Iterator[Path]:
    """A directory of a short name: the path of a socket has no room for more."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_sparks_own_daemon_writes_a_traceback_of_the_broken_pipe(sockets: Path) -> None:
    spark = Daemon(sockets, "-m", "pyspark.daemon", "pyspark.worker")
    with spark.worker():
        pass
    assert "BrokenPipeError" in spark.finish()


@pytest.mark.parametrize("said", [b"", b"\0\0"])
def test_a_worker_on_which_the_jvm_has_hung_up_is_silent(sockets: Path, said: bytes) -> None:
    ours = Daemon(sockets, "-c", NO_LOADING, "pyspark.worker")
    for _ in range(3):
        with ours.worker() as (line, _answers):
            line.sendall(said)
    assert ours.finish() == ""


def test_the_jvm_is_told_of_an_error_of_its_worker(sockets: Path) -> None:
    ours = Daemon(sockets, "-c", NO_LOADING, "pyspark.worker")
    with ours.worker() as (line, answers):
        line.sendall(struct.pack("!i", 1 << 20))
        line.shutdown(socket.SHUT_WR)
        assert read_int(answers) == RAISED
        assert b"Traceback" in read_bytes(answers)
    assert ours.finish() == ""


def test_a_worker_that_cannot_start_says_why(sockets: Path) -> None:
    ours = Daemon(sockets, "-c", NO_LOADING, "pyspark.misspelt")
    with ours.worker() as (_, answers):
        assert answers.read() == b""
    assert "ModuleNotFoundError: No module named 'pyspark.misspelt'" in ours.finish()


@pytest.mark.parametrize("error", [BrokenPipeError(), ConnectionResetError(), ValueError()])
def test_an_error_with_the_jvm_on_the_line_is_raised(error: Exception) -> None:
    def worker(_: socket.socket, __: bool) -> int:
        raise error

    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(type(error)):
        daemon.silent_when_hung_up(worker)(ours, True)


def test_an_error_that_is_not_of_the_line_is_raised_though_the_jvm_has_hung_up() -> None:
    def worker(_: socket.socket, __: bool) -> int:
        raise ValueError("of the task")

    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(ValueError, match="of the task"):
        daemon.silent_when_hung_up(worker)(ours, True)


def test_a_worker_that_comes_to_its_end_returns_its_code() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert daemon.silent_when_hung_up(lambda _, __: 7)(ours, True) == 7


def test_what_cannot_be_loaded_keeps_nothing_else_from_loading(capfd: pytest.CaptureFixture[str]) -> None:
    loaded = []

    def broken() -> None:
        os.write(1, b"no address of a daemon\n")
        raise ImportError

    daemon.preload((broken, lambda: loaded.append(True)))
    assert loaded == [True]
    assert capfd.readouterr() == ("", "no address of a daemon\n")


def test_a_kernel_that_cannot_be_loaded_is_named_and_the_others_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Any] = []
    kernels = {"no_such.kernel": called.append, "text.words.utf8": called.append, "text.lines.misspelt": called.append}
    monkeypatch.setattr(warm, "KERNELS", kernels)
    failures = warm.load_kernels()
    assert {name: type(error).__name__ for name, error in failures.items()} == {
        "no_such.kernel": "ModuleNotFoundError",
        "text.lines.misspelt": "AttributeError",
    }
    assert [kernel.__name__ for kernel in called] == ["utf8"]


PARENT = os.getpid()


def dies(_: Any) -> None:
    if os.getpid() != PARENT:
        os._exit(9)


def fails(_: Any) -> None:
    raise type("Local", (Exception,), {})("no process can hand this over")


@pytest.mark.parametrize("call", [dies, fails], ids=["a process that dies", "an error that stays"])
def test_processes_that_compile_leave_what_they_cannot_do(
    monkeypatch: pytest.MonkeyPatch, call: Callable[[Any], None]
) -> None:
    monkeypatch.setattr(warm, "KERNELS", {"text.words.utf8": call, "text.lines.misspelt": call})
    expected = {"text.lines.misspelt", *(["text.words.utf8"] if call is fails else [])}
    assert set(warm.load_kernels(processes=2)) == set(warm.load_kernels()) == expected


def test_a_worker_finds_the_tokenizer_that_its_daemon_loaded() -> None:
    from classifiers.tokenizers import load_encoder
    from pipeline.stages.mix import MixParams

    load_encoder.cache_clear()
    daemon.load_tokenizer()
    before = load_encoder.cache_info()
    params = MixParams().resolved()
    load_encoder(params.tokenizer, params.tokenizer_digest)
    assert load_encoder.cache_info() == before._replace(hits=before.hits + 1)
