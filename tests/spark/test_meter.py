"""What work costs: the workers' CPU time and memory reach the driver, stage by stage."""

import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

import pipeline
from pipeline.runs.ledger import RESULTS, latest_costs, read_ledger
from pipeline.runs.run import Run
from pipeline.spark.meter import Meter, _counted, map_batches

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def _busy(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        begun = time.process_time()
        while time.process_time() - begun < 0.3:
            pass
        yield batch


def _large(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Tell the resident memory at the beginning, and use 250 MB more for a moment."""
    for _ in batches:
        resident = _resident_bytes()
        assert np.ones(250_000_000, np.int8).sum() == 250_000_000
        yield pa.record_batch({"id": [resident]})


def _small(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Tell the resident memory, and use no more."""
    for _ in batches:
        yield pa.record_batch({"id": [_resident_bytes()]})


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_the_cpu_time_of_every_task_is_counted(spark: "SparkSession") -> None:
    meter = Meter(spark)
    assert map_batches(spark.range(0, 4, 1, 2), _busy, "id long").count() == 4
    reading = meter.read()
    assert reading.python_cpu_seconds >= 0.6  # two partitions
    assert reading.wall_seconds > 0
    assert reading.jvm_cpu_seconds >= 0


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what a process uses")
def test_a_meter_knows_the_peak_of_its_tasks(spark: "SparkSession") -> None:
    meter = Meter(spark)
    (row,) = map_batches(spark.range(0, 1, 1, 1), _large, "id long").collect()
    assert meter.read().peak_bytes - row.id > 200_000_000  # against its own worker: two workers may differ by as much


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="the system forgets no peak")
def test_the_peak_of_a_workers_earlier_tasks_is_forgotten() -> None:
    counted: list[Any] = []
    tasks: Any = SimpleNamespace(add=counted.append)
    batch = pa.record_batch({"id": [0]})
    told = [output["id"][0].as_py() for work in (_large, _small) for output in _counted(work, tasks)(iter([batch]))]
    large, small = (use.peak_bytes - resident for use, resident in zip(counted, told, strict=True))
    assert large > 200_000_000
    assert small < 100_000_000


def test_a_new_meter_begins_from_nothing(spark: "SparkSession") -> None:
    map_batches(spark.range(0, 1, 1, 1), _busy, "id long").count()
    assert Meter(spark).read().peak_bytes == 0


def test_one_door_leads_to_functions_over_batches() -> None:
    root = Path(pipeline.__file__).parent
    callers = [path for path in root.rglob("*.py") if ".mapInArrow(" in path.read_text()]
    assert [path.relative_to(root).as_posix() for path in callers] == ["spark/meter.py"]


def test_a_run_keeps_what_each_stage_cost(finished: Path) -> None:
    run = Run(str(finished))
    costs = latest_costs(run.path)
    did_work = [table for table in run.tables() if costs.get(table.stage)]
    assert {"ingest", "extract", "dedup_document", "heuristics", "mix"} <= {table.stage for table in did_work}
    for table in did_work:
        cost = costs[table.stage]
        assert (cost.key, cost.rows_out, cost.parts) == (table.manifest.key, table.rows, len(table.parts))
        assert cost.stored_bytes == sum(size for _, size, _ in table.manifest.files.values())
        assert cost.python_cpu_seconds > 0
        assert cost.peak_bytes > 50_000_000
    assert [cost.stage for cost in read_ledger(run.path)][-1] == RESULTS
    assert read_ledger(run.path + "-of-nobody") == []
