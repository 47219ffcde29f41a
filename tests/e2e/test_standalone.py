"""The sample on a standalone cluster: a master and two workers, each a process of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.reading import hashes
from tests.e2e.test_cluster import Driver

pytestmark = [pytest.mark.long, pytest.mark.cluster]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(log: Path, name: str, *words: str) -> "subprocess.Popen[bytes]":
    """Start one of Spark's own programs."""
    import pyspark

    from pipeline.spark.java import ensure_java

    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "JAVA_HOME": str(ensure_java()),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    environment["PYSPARK_PYTHON"] = sys.executable
    environment["SPARK_WORKER_DIR"] = str(log.parent / "work")
    with log.open("wb") as out:
        command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *words]
        return subprocess.Popen(command, stdout=out, stderr=out, env=environment, cwd=log.parent)


@pytest.fixture
def master(tmp_path: Path) -> Iterator[str]:
    port, page = free_port(), free_port()
    address = f"spark://127.0.0.1:{port}"
    at = ["--host", "127.0.0.1", "--port", str(port), "--webui-port", str(page)]
    processes = [started(tmp_path / "master.log", "master.Master", *at)]
    try:
        for number in range(2):
            room = ["--cores", "1", "--memory", "1g", "--host", "127.0.0.1", "--webui-port", str(free_port()), address]
            processes.append(started(tmp_path / f"worker-{number}.log", "worker.Worker", *room))
        wait_for_workers(page, 2)
        yield address
    finally:
        for process in processes:
            process.kill()
            process.wait()


def wait_for_workers(page: int, count: int, seconds: float = 120) -> None:
    """Wait until a master's page tells of enough workers."""
    end = time.monotonic() + seconds
    told = ""
    while told.count("ALIVE") <= count:  # the master itself is one
        if time.monotonic() > end:
            pytest.fail(f"the workers did not come: {told}")
        time.sleep(0.5)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{page}/json/") as answer:
                told = answer.read().decode()
        except OSError:
            continue


def test_a_standalone_cluster_gives_the_bytes_of_one_machine(
    master: str, sample: Path, finished: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    conf = ["spark.driver.host=127.0.0.1", "spark.executor.memory=900m", "spark.sql.shuffle.partitions=4"]
    driver = Driver(master, ["--input", str(sample / "*"), "--output", str(run)], tmp_path / "driver.log", conf)
    try:
        driver.finish()
    finally:
        driver.close()
    for results in ("release", "decisions"):
        assert hashes(run / results) == hashes(finished / results)
