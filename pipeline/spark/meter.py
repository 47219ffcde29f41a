"""What work costs: CPU time and memory of the Python workers, counted by the tasks themselves, and CPU time of the JVM.

Spark counts neither the CPU time of Python workers nor their memory, so each function over batches counts its own.
What it counts reaches the driver as an accumulator: of tries that ended well, once each.
"""

import contextlib
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

if TYPE_CHECKING:
    from pyspark import Accumulator, SparkContext
    from pyspark.sql import DataFrame, SparkSession

Batches = Iterator[pa.RecordBatch]
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
_CURRENT: "dict[str, Accumulator[_Use]]" = {}
"""Application of Spark → what counts its tasks now."""


class _Use(NamedTuple):
    """CPU seconds of tasks, and the highest resident memory of any worker in bytes."""

    cpu_seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class Reading:
    """What some work cost.

    Attributes:
        wall_seconds: From beginning to end.
        python_cpu_seconds: CPU time of the Python workers and of the driver's Python.
        jvm_cpu_seconds: CPU time of the driver's JVM, which on one machine runs the tasks too.
        peak_bytes: The highest resident memory of any Python worker.
    """

    wall_seconds: float
    python_cpu_seconds: float
    jvm_cpu_seconds: float
    peak_bytes: int


class Meter:
    """Measures what Spark and its workers do from now on, until another one is made."""

    def __init__(self, spark: "SparkSession") -> None:
        """Begin."""
        self._jvm: Any = spark._jvm
        self._tasks = _CURRENT[_application(spark.sparkContext)] = _accumulator(spark.sparkContext)
        self._begun = time.monotonic(), time.process_time(), _jvm_seconds(self._jvm)

    def read(self) -> Reading:
        """Return what the work cost up to now."""
        wall, python, jvm = self._begun
        use = self._tasks.value
        return Reading(
            wall_seconds=time.monotonic() - wall,
            python_cpu_seconds=use.cpu_seconds + time.process_time() - python,
            jvm_cpu_seconds=_jvm_seconds(self._jvm) - jvm,
            peak_bytes=use.peak_bytes,
        )


def map_batches(rows: "DataFrame", function: Callable[[Batches], Batches], schema: Any) -> "DataFrame":
    """Return what a function makes of the batches of each partition: `mapInArrow`, with its CPU time counted.

    Args:
        rows: Any rows.
        function: Batches of a partition in, batches of the schema out.
        schema: Of what comes out, as Spark's type or as DDL.
    """
    tasks = _CURRENT.get(_application(rows.sparkSession.sparkContext))
    mapped: DataFrame = rows.mapInArrow(function if tasks is None else _counted(function, tasks), schema)
    return mapped


def _counted(function: Callable[[Batches], Batches], tasks: "Accumulator[_Use]") -> Callable[[Batches], Batches]:
    def run(batches: Batches) -> Batches:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # Linux forgets the peak of the worker's earlier tasks
        begun = time.process_time()
        try:
            yield from function(batches)
        finally:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT
            tasks.add(_Use(time.process_time() - begun, peak))

    return run


def _accumulator(context: "SparkContext") -> "Accumulator[_Use]":
    from pyspark.accumulators import AccumulatorParam

    class Sum(AccumulatorParam[_Use]):
        """Adds seconds up, and keeps the highest peak."""

        def zero(self, value: _Use) -> _Use:  # noqa: ARG002  (every sum begins alike)
            """Return what nothing costs."""
            return _Use(0.0, 0)

        def addInPlace(self, value1: _Use, value2: _Use) -> _Use:  # noqa: N802  (PySpark's name)
            """Return both together."""
            return _Use(value1.cpu_seconds + value2.cpu_seconds, max(value1.peak_bytes, value2.peak_bytes))

    return context.accumulator(_Use(0.0, 0), Sum())


def _application(context: "SparkContext") -> str:
    return str(context.applicationId)


def _jvm_seconds(jvm: Any) -> float:
    """Return the CPU time of the driver's JVM so far, 0 where the system does not tell."""
    spent = jvm.java.lang.ProcessHandle.current().info().totalCpuDuration()
    return float(spent.get().toMillis()) / 1000 if spent.isPresent() else 0.0
