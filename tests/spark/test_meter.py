"""What work costs: the workers' CPU time and memory reach the driver, stage by stage."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

import pipeline
from pipeline.runs.ledger import RESULTS, latest_costs, read_ledger
from pipeline.runs.run import Run
from pipeline.spark.meter import Meter, map_batches

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def _busy(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        begun = time.process_time()
        while time.process_time() - begun < 0.3:
            pass
        yield batch


def _large(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        assert np.ones(80_000_000, np.int8).sum() == 80_000_000
        yield batch


def test_the_cpu_time_of_every_task_is_counted(spark: "SparkSession") -> None:
    meter = Meter(spark)
    assert map_batches(spark.range(0, 4, 1, 2), _busy, "id long").count() == 4
    reading = meter.read()
    assert reading.python_cpu_seconds >= 0.6  # two partitions
    assert reading.wall_seconds > 0
    assert reading.jvm_cpu_seconds >= 0


def test_a_new_meter_begins_from_nothing_and_knows_the_peak_of_its_own_tasks(spark: "SparkSession") -> None:
    large = Meter(spark)
    map_batches(spark.range(0, 1, 1, 1), _large, "id long").count()
    small = Meter(spark)
    map_batches(spark.range(0, 1, 1, 1), _busy, "id long").count()
    assert large.read().peak_bytes - small.read().peak_bytes > 40_000_000
    assert small.read().peak_bytes > 0


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
