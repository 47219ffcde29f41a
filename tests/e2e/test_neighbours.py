"""Other users of the machine: they can reach nothing and read nothing of a run, and a killed one leaves nothing."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = ("0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000")
"""127.0.0.1, the same as IPv6 writes it, and ::1, as the kernel shows them."""
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs the /proc of Linux"),
]


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder with a path that is short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="g-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


def driver(run: Path, crawl: Path, temporary: Path) -> "subprocess.Popen[bytes]":
    command = [str(Path(sys.executable).parent / "spark-submit"), "jobs/curate.py", "--to", "extract"]
    asked = {**os.environ, "TMPDIR": str(temporary)}
    asked.pop("PYSPARK_GATEWAY_PORT", None)
    asked.pop("PYSPARK_SUBMIT_ARGS", None)
    return subprocess.Popen(
        [*command, "--input", f"{crawl}/*", "--output", str(run)],
        cwd=ROOT,
        env=asked,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def addresses(pid: int) -> set[str]:
    """Return the addresses on which a process listens, as the kernel shows them."""
    links = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(str(descriptor.readlink()))
        except OSError:  # closed meanwhile
            continue
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()
    ]
    return {fields[1].partition(":")[0] for fields in lines if fields[3] == "0A" and f"socket:[{fields[9]}]" in links}


def test_a_run_listens_on_the_loopback_alone_and_what_it_leaves_when_killed_is_private_and_goes(
    tmp_path: Path, sample: Path, temporary: Path
) -> None:
    run = tmp_path / "run"
    first = driver(run, sample, temporary)
    end = time.monotonic() + 300
    while not (run / "stages" / "url_screen").exists():
        assert first.poll() is None
        assert time.monotonic() < end
        time.sleep(0.1)
    heard = addresses(first.pid)  # spark-submit has become the JVM
    assert heard
    assert heard <= set(LOOPBACK)
    ours = temporary / f"gristmill-spark-{os.getuid()}"
    assert f"-Djava.io.tmpdir={ours}/jvm-{first.pid}-" in Path(f"/proc/{first.pid}/cmdline").read_text()
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    left = [path.name for path in ours.iterdir()]
    assert any(name.startswith("jvm-") for name in left)
    assert len(left) == 2  # the JVM's, and Spark's
    folders = [path for path in temporary.iterdir() if path.name.startswith("gristmill-")]
    assert {path.stat().st_mode & 0o777 for path in (*folders, *ours.iterdir())} == {0o700}
    assert not [path for path in temporary.iterdir() if path not in folders and path.suffix != ".lck"]

    assert driver(run, sample, temporary).wait() == 0
    assert not set(left) & {path.name for path in ours.iterdir()}
    assert not [path for folder in ours.iterdir() for path in folder.iterdir()]
