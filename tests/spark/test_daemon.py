"""What a worker finds when it begins: kernels and models that the daemon has loaded, and no others to load."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from pipeline.kernels.machine_code import sources_digest

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ROOT = Path(__file__).resolve().parents[2]


def worker_row(spark: "SparkSession") -> dict[str, str]:
    """Return what a worker tells of itself before and after its first calls."""

    def look(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from numba.core.dispatcher import Dispatcher

        def versions() -> str:
            modules = {name: module for name, module in sys.modules.items() if name.startswith("pipeline.kernels.")}
            return json.dumps(
                {
                    f"{name}.{key}": len(value.signatures)
                    for name, module in modules.items()
                    for key, value in vars(module).items()
                    if isinstance(value, Dispatcher) and value.py_func.__module__ == name and value.signatures
                }
            )

        list(batches)
        before = versions()
        from classifiers.languages.model import load_model
        from pipeline.kernels.warm import load_kernels

        models = load_model.cache_info().currsize
        failures = load_kernels()
        told = {"before": before, "after": versions(), "models": str(models), "failures": " ".join(failures)}
        yield pa.RecordBatch.from_pylist([told])

    frame: DataFrame = spark.range(1, numPartitions=1).mapInArrow(
        look, "before string, after string, models string, failures string"
    )
    return frame.collect()[0].asDict()


@pytest.mark.slow
def test_a_worker_finds_kernels_and_models_loaded(spark: "SparkSession") -> None:
    told = worker_row(spark)
    before = json.loads(told["before"])
    with_code = {name.removeprefix("pipeline.kernels.").rpartition(".")[0] for name in before}
    assert with_code >= {"text.words", "text.lines", "near_duplicates.minhash", "near_duplicates.survivors"}
    assert {module.split(".")[0] for module in with_code} >= {"html", "signals"}
    assert json.loads(told["after"]) == before
    assert (told["models"], told["failures"]) == ("1", "")


@pytest.mark.long
@pytest.mark.parametrize("is_set_up", [True, False])
def test_a_run_compiles_nothing_that_set_up_has_not(sample: Path, tmp_path: Path, is_set_up: bool) -> None:
    kept = tmp_path / "machine code"
    if is_set_up:  # with what set-up compiled here, where it did
        kernels = ROOT / "pipeline" / "kernels"
        compiled_here = kernels / "__pycache__" / sources_digest(kernels)
        if compiled_here.is_dir():
            shutil.copytree(compiled_here, kept / compiled_here.name)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(kept), "CI": "true"}

    def run(*command: str) -> set[str]:
        ran = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")
        return {file.name for file in kept.rglob("*.nbc")}

    compiled = run(sys.executable, "-m", "pipeline.kernels")
    submit = str(Path(sys.executable).parent / "spark-submit")
    job = str(ROOT / "jobs" / "curate.py")
    assert run(submit, "--master", "local[2]", job, "--input", str(sample / "*"), "--output", "run") == compiled
