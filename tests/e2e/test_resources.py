"""Memory and disks that do not suffice: two lines that say what, where and what to set; afterwards the run goes on."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.reading import decisions
from tests.sample.warc import member, record

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.long


def submit(run: Path, crawl: Path, *options: str, **environment: str) -> tuple[int, list[str]]:
    """Run the main job; return its exit code and the last lines that it says."""
    command = [str(Path(sys.executable).parent / "spark-submit"), *options, "jobs/curate.py", "--to", "extract"]
    asked = {**os.environ, **environment}
    asked.pop("PYSPARK_GATEWAY_PORT", None)
    asked.pop("PYSPARK_SUBMIT_ARGS", None)
    job = subprocess.run(
        [*command, "--input", f"{crawl}/*", "--output", str(run)],
        cwd=ROOT, env=asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    lines = job.stdout.splitlines()
    assert not any("Traceback" in line or "Py4J" in line for line in lines), job.stdout
    return job.returncode, lines


def page(name: str, body: bytes) -> bytes:
    url = (("WARC-Target-URI", f"https://mill.test/{name}"), ("Content-Type", "application/http; msgtype=response"))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    return member(record("response", f"<urn:{name}>", "2024-03-01T00:00:00Z", url, head + body))


def test_a_worker_without_memory_names_the_page_and_what_to_set_and_drops_nothing(tmp_path: Path) -> None:
    crawl, run = tmp_path / "crawl", tmp_path / "run"
    crawl.mkdir()
    text = b"<p>The mill of the valley ground corn until the river fell dry, and then it stood still for years.</p>"
    large = b"<p>" + b"<b>corn</b> and <i>rye</i> " * 130_000
    (crawl / "a.warc.gz").write_bytes(page("small", text) + page("large", large))
    daemon = "spark.python.daemon.module=tests.e2e.limited_daemon"
    code, lines = submit(run, crawl, "--conf", daemon, ROOM_MB="48")
    assert code == 2, lines
    assert "a worker ran out of memory at https://mill.test/large" in "\n".join(lines[-3:])
    assert "run again to go on" in "\n".join(lines[-3:])
    assert submit(run, crawl)[0] == 0
    assert [row["reason"] for row in decisions(run).values()] == [None, None]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB; of 400 MB once it is made larger."""
    disk = tmp_path / "disk"
    disk.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the right to mount a disk")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_full_disk_of_the_run_is_named_and_with_room_the_run_goes_on(
    small_disk: Path, tmp_path: Path, sample: Path
) -> None:
    run = small_disk / "run"
    code, lines = submit(run, sample)
    assert code == 2, lines
    assert f"{small_disk}" in lines[-2]
    assert "No space left on device: make room there" in lines[-2]
    subprocess.run(["mount", "-o", "remount,size=400m", small_disk], check=True)
    assert submit(run, sample)[0] == 0
    assert submit(tmp_path / "other", sample)[0] == 0
    assert decisions(run) == decisions(tmp_path / "other")


def test_a_full_disk_of_sparks_is_named_with_what_moves_it(small_disk: Path, tmp_path: Path, sample: Path) -> None:
    code, lines = submit(tmp_path / "run", sample, SPARK_LOCAL_DIRS=str(small_disk))
    assert code == 2, lines
    assert f"Spark's own disk is full ({small_disk}): make room there, or set SPARK_LOCAL_DIRS" in "\n".join(lines[-3:])
    assert submit(tmp_path / "run", sample)[0] == 0
