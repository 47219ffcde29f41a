"""The SparkSession of a run, with the settings that the stages were measured with."""

import contextlib
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pipeline.spark.java import ensure_java
from pipeline.stores.private import private_folder, process_folder

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",  # a table that a user brings may have both `url` and `URL`
    "spark.sql.execution.arrow.maxRecordsPerBatch": "1000",
    "spark.sql.execution.arrow.maxBytesPerBatch": "16m",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.files.maxPartitionBytes": "64m",
    "spark.python.unix.domain.socket.enabled": "true",
    "spark.ui.showConsoleProgress": "false",
    "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
}
"""Settings that a user's own `--conf` overrides."""
_OURS = "spark.ui.showConsoleProgress"
"""Spark's launcher switches it on for what it takes for a shell; our own bars are enough."""
_DAEMON, _SPARKS_DAEMON, _OUR_DAEMON = "spark.python.daemon.module", "pyspark.daemon", "pipeline.daemon"
_DAEMON_SECONDS = 5
_LOOPBACK = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
}
"""On one machine: whoever can reach the UI of Spark sees paths and plans, without a password."""
_OF_JOBS = ("spark.jobGroup.id", "spark.job.description", "spark.job.interruptOnCancel")
"""What `setJobGroup` sets for a thread."""
_MOST_OF_SOCKET = 60
_FOLDERS: dict[int, str] = {}
"""Process → where its Spark keeps its own files."""
_OWN: "dict[str, SparkSession]" = {}
"""The session that this process works with, once it is started."""


def start_session(name: str = "gristmill") -> "SparkSession":
    """Return our SparkSession or start one; `spark-submit`'s master and settings are kept.

    Without a master it is `local[*]` with four tries per task (plain `local` gives a task one). Where somebody else's
    session is running, in a notebook say, ours is a second one on its context: theirs is left as it was.
    """
    if (session := _OWN.get("session")) is not None and _is_running(session):
        return session
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if "PYSPARK_GATEWAY_PORT" not in os.environ:  # plain Python: the JVM is still to be started
        os.environ["JAVA_HOME"] = str(ensure_java())
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    SparkContext._ensure_initialized()  # without a JVM, SparkConf() knows nothing of `--master` and `--conf`
    conf = SparkConf()
    if SparkContext._active_spark_context is not None:
        _OWN["session"] = _beside(SparkSession.builder.getOrCreate())
        return _OWN["session"]
    builder = SparkSession.builder.appName(conf.get("spark.app.name", name) or name)
    master = conf.get("spark.master", "local[*]") or "local[*]"
    if master.startswith("local[") and "," not in master:
        master = master.replace("]", ",4]")
    builder = builder.master(master)
    for key, value in {**SETTINGS, **_settings_at(master)}.items():
        if not conf.contains(key) or key == _OURS:
            builder = builder.config(key, value)
    interrupt = signal.getsignal(signal.SIGINT)
    session = builder.getOrCreate()
    is_ours = interrupt not in (signal.default_int_handler, signal.SIG_DFL, None)
    if is_ours and threading.current_thread() is threading.main_thread():  # a job's own stands, not PySpark's
        signal.signal(signal.SIGINT, interrupt)
    session.sparkContext.setLogLevel("WARN")
    _OWN["session"] = session
    return session


@contextlib.contextmanager
def left_as_found() -> Iterator[None]:
    """Give the calling thread its active session and its job group back at the end, where Spark ran before."""
    if "pyspark.sql" not in sys.modules:
        yield
        return
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    context = SparkContext._active_spark_context
    if context is None:
        yield
        return
    active = SparkSession.getActiveSession()
    properties = {name: context.getLocalProperty(name) for name in _OF_JOBS}
    try:
        yield
    finally:
        with contextlib.suppress(Exception):  # a JVM that is gone has its own error, which whoever asked is told
            for name, value in properties.items():
                context.setLocalProperty(name, value)  # type: ignore[arg-type]  # None takes it away
            if active is not None:
                _of_jvm(SparkSession, active).setActiveSession(active._jsparkSession)
                SparkSession._activeSession = active


def _of_jvm(sessions: "type[SparkSession]", session: "SparkSession") -> Any:
    """Return the JVM's class of sessions; Spark 3.5 has one, Spark 4 one for each kind."""
    find = getattr(sessions, "_get_j_spark_session_class", None)
    return session._jvm.SparkSession if find is None else find(session._jvm)  # type: ignore[union-attr]


def _is_running(session: "SparkSession") -> bool:
    return session.sparkContext._jsc is not None


def _beside(running: "SparkSession") -> "SparkSession":
    """Return a session of ours on a running context, with those of our settings that a session may have."""
    session = running.newSession()
    given = dict(running.sparkContext.getConf().getAll())
    for key, value in {**SETTINGS, **_settings_at(str(running.sparkContext.master))}.items():
        if key not in given and session.conf.isModifiable(key):
            session.conf.set(key, value)
    return session


def stop_session() -> None:
    """Stop the running SparkSession, if there is one, without a word.

    Spark hangs up on its idle Python workers before it ends their daemon, and a worker that notices writes a traceback
    of the broken pipe below the results of the run. So here the daemon goes first: it ends its workers in silence.
    """
    if "pyspark.sql" not in sys.modules:
        return
    from pyspark.sql import SparkSession

    session = _OWN.pop("session", None) or SparkSession.getActiveSession()
    if session is None:
        return
    context = session.sparkContext
    if _is_local(str(context.master)) and context._jvm is not None:  # executors elsewhere have logs of their own
        _end_python_daemons(context._jvm, str(context.getConf().get(_DAEMON, _SPARKS_DAEMON)))
    session.stop()
    if folder := _FOLDERS.pop(os.getpid(), None):
        shutil.rmtree(folder, ignore_errors=True)


def _end_python_daemons(jvm: Any, module: str) -> None:
    """End what Spark forks its Python workers from, with all of these, and wait for it."""
    for child in list(jvm.java.lang.ProcessHandle.current().children().toArray()):
        if module in child.info().commandLine().orElse(""):
            child.destroy()
            with contextlib.suppress(Exception):  # a session that ends in words still ends
                child.onExit().get(_DAEMON_SECONDS, jvm.java.util.concurrent.TimeUnit.SECONDS)


def _settings_at(master: str) -> dict[str, str]:
    """Return what depends on where the workers are.

    Few partitions on one machine, where one costs more than its rows; on a cluster many, which AQE joins. Our daemon
    of the workers where this very environment is theirs: elsewhere it may not be installed. And on one machine nobody
    else is spoken to, or has anything to read.
    """
    if not _is_local(master):
        return {"spark.sql.shuffle.partitions": "2000"}
    settings = {"spark.sql.shuffle.partitions": str(4 * (os.cpu_count() or 1)), _DAEMON: _OUR_DAEMON}
    return settings if master.startswith("local-cluster") else {**settings, **_LOOPBACK, **_private()}


def _private() -> dict[str, str]:
    """Return where Spark's own files go on this machine: below a folder that no other user can read.

    What a killed driver left there goes now. A socket's path may have a hundred bytes.
    """
    folder = _FOLDERS[os.getpid()] = str(process_folder(private_folder("spark")))
    socket = {"spark.python.unix.domain.socket.dir": folder} if len(folder) < _MOST_OF_SOCKET else {}
    return {"spark.local.dir": folder, **socket}


def _is_local(master: str) -> bool:
    """Tell whether executors run on this machine; `local-cluster[…]` counts.

    >>> [_is_local(master) for master in ("local[*]", "local-cluster[2,1,1024]", "yarn")]
    [True, True, False]
    """
    return master.startswith("local")
