"""What went wrong where tasks run, told in a line or two: Spark hands it on as hundreds of lines of two languages.

A fault of ours, and whatever is not known here, keeps its traceback: it is for a report, not for a user to act on.
"""

import errno
import os
import re

from pipeline.errors import MORE_MEMORY, CurationError, out_of_memory

_TRACEBACK = "Traceback (most recent call last):"
_RAISED = re.compile(r"^([A-Za-z_][\w.]*)(?::\s*(.*))?$", re.DOTALL)
_OS_ERROR = re.compile(r"\[Errno (\d+)\] ([^:\n]+)(?:: '([^'\n]*)')?")
_OURS = ("pipeline.errors.", "classifiers.model_folder.ModelError", "classifiers.hub.registry.RegistryError")
_GO_ON = "; run again to go on"
_FULL = {errno.ENOSPC, errno.EDQUOT}
_LOST_JVM = (
    "Answer from Java side is empty",
    "Error while sending or receiving",
    "Connection refused",
    "Py4JNetworkError",
)


def told(error: BaseException) -> str | None:
    """Return what a user can do about an error, in a line or two; None where it is none that a user can act on."""
    if isinstance(error, MemoryError):
        return out_of_memory("the driver")
    if isinstance(error, CurationError):
        return str(error)
    if isinstance(error, OSError):
        return _os_error(error.errno, error.strerror or str(error), error.filename) or str(error)
    if not type(error).__module__.startswith(("pyspark.", "py4j.")):
        return None
    text = f"{type(error).__name__}: {error}"
    return _of_worker(text) or _of_jvm(text)


def _of_worker(text: str) -> str | None:
    """Return what a Python worker raised, where that is for users; None where no worker raised anything, or a fault."""
    _, mark, chunk = text.rpartition(_TRACEBACK)
    if not mark:
        return None
    lines = chunk.lstrip("\n").split("\n")
    first = next((number for number, line in enumerate(lines) if line and not line[0].isspace()), None)
    if first is None or (match := _RAISED.match(_message(lines[first:]))) is None:
        return None
    name, message = match[1], match[2] or ""
    if name.startswith(_OURS):
        return message
    if name.rpartition(".")[2] in ("MemoryError", "ArrowMemoryError"):
        return out_of_memory("a task")
    if system := _OS_ERROR.search(message):
        return _os_error(int(system[1]), system[2], system[3])
    return None


def _message(lines: list[str]) -> str:
    """Return the lines of an exception's message, up to where the JVM's own stack begins."""
    message: list[str] = []
    for line in lines:
        if not line.strip() or line.lstrip().startswith(("at ", "...", "Driver stacktrace", "JVM stacktrace")):
            break
        message.append(line)
    return "\n".join(message)


def _os_error(number: int | None, what: str, path: str | None) -> str | None:
    where = f"{path}: " if path else ""
    if number in _FULL:
        return f"{where}{what}: make room there, or name another place{_GO_ON}"
    if number == errno.ENOMEM:
        return out_of_memory(path or "a task")
    if number == errno.ENOENT and path:
        return f"{path}: {what}; run again when it is there"
    return f"{where}{what}" if number is not None else None


def _of_jvm(text: str) -> str | None:
    """Return what the JVM suffered from; None where it did not."""
    if "No space left on device" in text or "Disk quota exceeded" in text:
        return f"Spark's own disk is full ({_local_dirs()}): make room there, or set SPARK_LOCAL_DIRS{_GO_ON}"
    if "java.lang.OutOfMemoryError" in text:
        return (
            "Spark's JVM ran out of memory: give it more with --conf spark.driver.memory=8g"
            f" (on a cluster spark.executor.memory){_GO_ON}"
        )
    if "Python worker exited unexpectedly" in text or "Python worker process terminated" in text:
        return f"a Python worker was killed, most likely for want of memory: {MORE_MEMORY}"
    if any(mark in text for mark in _LOST_JVM):
        return f"Spark's JVM is gone: killed, or out of memory (--conf spark.driver.memory=8g){_GO_ON}"
    return None


def _local_dirs() -> str:
    return os.environ.get("SPARK_LOCAL_DIRS") or os.environ.get("TMPDIR") or "spark.local.dir, by default /tmp"
