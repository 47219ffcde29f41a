"""The SparkSession of a run, with the settings that the stages were measured with."""

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any

from pipeline.java import ensure_java

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
_DAEMON, _DAEMON_SECONDS = "pyspark.daemon", 5


def start_session(name: str = "gristmill") -> "SparkSession":
    """Return the running SparkSession or start one; `spark-submit`'s master and settings are kept.

    Without a master it is `local[*]` with four tries a task (plain `local` gives a task one).
    """
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if "PYSPARK_GATEWAY_PORT" not in os.environ:  # plain Python: the JVM is still to be started
        os.environ["JAVA_HOME"] = str(ensure_java())
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415  (a wrong argument is refused before Spark is touched)
    from pyspark.sql import SparkSession  # noqa: PLC0415

    SparkContext._ensure_initialized()  # without a JVM, SparkConf() knows nothing of `--master` and `--conf`
    conf = SparkConf()
    builder = SparkSession.builder.appName(conf.get("spark.app.name", name) or name)
    master = conf.get("spark.master", "local[*]") or "local[*]"
    if master.startswith("local[") and "," not in master:
        master = master.replace("]", ",4]")
    builder = builder.master(master)
    for key, value in SETTINGS.items():
        if not conf.contains(key) or key == _OURS:
            builder = builder.config(key, value)
    if not conf.contains("spark.sql.shuffle.partitions"):
        builder = builder.config("spark.sql.shuffle.partitions", _shuffle_partitions(master))
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("WARN")
    return session


def stop_session() -> None:
    """Stop the running SparkSession, if there is one, without a word.

    Spark hangs up on its idle Python workers before it ends their daemon, and a worker that notices writes a traceback
    of the broken pipe below the results of the run. So here the daemon goes first: it ends its workers in silence.
    """
    if "pyspark.sql" not in sys.modules:
        return
    from pyspark.sql import SparkSession  # noqa: PLC0415

    session = SparkSession.getActiveSession()
    if session is None:
        return
    context = session.sparkContext
    if (
        str(context.master).startswith("local") and context._jvm is not None
    ):  # executors elsewhere have logs of their own
        _end_python_daemons(context._jvm)
    session.stop()


def _end_python_daemons(jvm: Any) -> None:
    """End what Spark forks its Python workers from, with all of these, and wait for it."""
    for child in list(jvm.java.lang.ProcessHandle.current().children().toArray()):
        if _DAEMON in child.info().commandLine().orElse(""):
            child.destroy()
            with contextlib.suppress(Exception):  # a session that ends in words still ends
                child.onExit().get(_DAEMON_SECONDS, jvm.java.util.concurrent.TimeUnit.SECONDS)


def _shuffle_partitions(master: str) -> str:
    """Few on one machine, where a task costs more than its rows; on a cluster many, which AQE joins."""
    if not master.startswith("local"):
        return "2000"
    return str(4 * (os.cpu_count() or 1))
