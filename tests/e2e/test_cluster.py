"""The same bytes on one core, two cores, real executors, and after deaths: each in a driver of its own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from tests.e2e.reading import hashes

ROOT = Path(__file__).resolve().parents[2]
SUBMIT = Path(sys.executable).parent / "spark-submit"
# As `make setup` has the drivers of small machines.
EXECUTORS = "spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# Every task that outlives a few others has a twin, and whichever of both is slower is killed.
SPECULATION = (
    "spark.speculation=true",
    "spark.speculation.interval=10ms",
    "spark.speculation.multiplier=1.01",
    "spark.speculation.quantile=0.01",
    "spark.speculation.minTaskRuntime=1ms",
)


class Driver:
    """A driver started as a user starts it; `close` ends it and all its children."""

    def __init__(self, master: str, arguments: list[str], log: Path, conf: Sequence[str] = ()) -> None:
        environment = {**os.environ, "CI": "true"}
        settings = [word for setting in (*conf, EXECUTORS) for word in ("--conf", setting)]
        self.log = log
        self._out = log.open("w")
        self.process = subprocess.Popen(
            [str(SUBMIT), "--master", master, *settings, str(ROOT / "jobs" / "curate.py"), *arguments],
            stdout=self._out,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=log.parent,
            start_new_session=True,
        )

    def wait_for(self, words: str, seconds: float = 240) -> None:
        end = time.monotonic() + seconds
        while words not in self.log.read_text():
            if self.process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"the driver never said {words!r}:\n{self.log.read_text()}")
            time.sleep(0.2)

    def children(self, words: str) -> list[psutil.Process]:
        """Return processes of the driver whose command line holds some words."""
        result = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):  # it may have ended by now
                if words in " ".join(child.cmdline()):
                    result.append(child)
        return result

    def finish(self) -> str:
        code = self.process.wait(timeout=400)
        assert code == 0, self.log.read_text()
        return self.log.read_text()

    def kill_an_executor(self) -> None:
        """Kill one of two executors while pages are extracted."""
        self.wait_for("extract …")
        time.sleep(1.0)
        executors = self.children("CoarseGrainedExecutorBackend")
        assert len(executors) == 2
        executors[0].kill()

    def kill(self) -> None:
        """Kill the driver with all its children, while near duplicates are looked for."""
        self.wait_for("dedup_document …")
        for python in self.children("jobs/curate.py"):
            python.send_signal(signal.SIGKILL)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._out.close()


Start = Callable[..., Driver]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    drivers: list[Driver] = []

    def begin(master: str, *arguments: str, conf: Sequence[str] = ()) -> Driver:
        drivers.append(Driver(master, list(arguments), tmp_path / f"driver-{len(drivers)}.log", conf))
        return drivers[-1]

    yield begin
    for driver in drivers:
        driver.close()


def results(run: Path) -> dict[str, str]:
    return {**hashes(run / "release"), **hashes(run / "decisions")}


def check_resumed(said: str) -> None:
    """See that a second driver has gone on from the last commit of the first."""
    done = [line.split()[0] for line in said.splitlines() if "done already" in line]
    assert done == ["ingest", "url_screen", "dedup_url", "opt_out", "extract", "language", "route", "safety", "pii"]


@pytest.mark.long
def test_one_core_another_order_one_partition_and_a_driver_killed_on_the_way_change_no_byte(
    start: Start, sample: Path, finished: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    files = [str(file) for file in sorted(sample.iterdir(), reverse=True)]
    settings = ("--set", "dedup_document.driver_edges=0")
    asked = ("local[1]", "--input", *files, "--output", str(run), *settings)
    conf = ("spark.sql.shuffle.partitions=1",)
    start(*asked, conf=conf).kill()
    assert (run / "_lock.json").exists()
    assert not (run / "decisions").exists()
    check_resumed(start(*asked, conf=conf).finish())
    assert results(run) == results(finished)


@pytest.mark.long
@pytest.mark.cluster
def test_tasks_run_twice_a_killed_executor_and_three_partitions_change_no_byte(
    start: Start, sample: Path, finished: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    conf = (*SPECULATION, "spark.sql.shuffle.partitions=3")
    settings = ("--set", "dedup_document.driver_edges=3")
    driver = start("local-cluster[2,1,1024]", "--input", str(sample / "*"), "--output", str(run), *settings, conf=conf)
    driver.kill_an_executor()
    driver.finish()
    assert results(run) == results(finished)


# What the two above do at once, each alone: what fails there is told apart here.


@pytest.mark.long
def test_one_core_and_files_in_another_order_give_the_same_bytes(
    start: Start,
    sample: Path,
    finished: Path,
    tmp_path: Path,
) -> None:
    files = [str(file) for file in sorted(sample.iterdir(), reverse=True)]
    start("local[1]", "--input", *files, "--output", str(tmp_path / "run")).finish()
    assert results(tmp_path / "run") == results(finished)


@pytest.mark.long
@pytest.mark.cluster
def test_an_executor_killed_on_the_way_changes_no_byte(
    start: Start,
    sample: Path,
    finished: Path,
    tmp_path: Path,
) -> None:
    run = tmp_path / "run"
    driver = start("local-cluster[2,1,1024]", "--input", str(sample / "*"), "--output", str(run))
    driver.kill_an_executor()
    driver.finish()
    assert results(run) == results(finished)


@pytest.mark.long
@pytest.mark.cluster
def test_tasks_that_are_run_twice_at_once_change_no_byte(
    start: Start,
    sample: Path,
    finished: Path,
    tmp_path: Path,
) -> None:
    run = tmp_path / "run"
    start("local-cluster[2,1,1024]", "--input", str(sample / "*"), "--output", str(run), conf=SPECULATION).finish()
    assert results(run) == results(finished)


@pytest.mark.long
@pytest.mark.parametrize(("partitions", "driver_edges"), [("1", "0"), ("64", "3")])
def test_the_number_of_shuffle_partitions_and_of_pairs_on_the_driver_change_no_byte(
    start: Start,
    sample: Path,
    finished: Path,
    tmp_path: Path,
    partitions: str,
    driver_edges: str,
) -> None:
    run = tmp_path / "run"
    conf = (f"spark.sql.shuffle.partitions={partitions}",)
    settings = ("--set", f"dedup_document.driver_edges={driver_edges}")
    start("local[2,4]", "--input", str(sample / "*"), "--output", str(run), *settings, conf=conf).finish()
    assert results(run) == results(finished)


@pytest.mark.long
def test_a_driver_killed_with_sigkill_goes_on_from_the_last_commit(
    start: Start,
    sample: Path,
    finished: Path,
    tmp_path: Path,
) -> None:
    run = tmp_path / "run"
    start("local[2,4]", "--input", str(sample / "*"), "--output", str(run)).kill()
    assert (run / "_lock.json").exists()
    assert not (run / "decisions").exists()
    check_resumed(start("local[2,4]", "--output", str(run), "--input", str(sample / "*")).finish())
    assert results(run) == results(finished)
