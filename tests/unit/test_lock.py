"""One driver a run directory."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import fsspec
import pytest

from pipeline.errors import ManifestError
from pipeline.runs.lock import run_lock


def holder(**changes: Any) -> str:
    birth = Path(f"/proc/{os.getpid()}/stat").read_text().rsplit(")", 1)[1].split()[19]
    mine = {"host": socket.gethostname(), "pid": os.getpid(), "started": time.time(), "birth": birth}
    return json.dumps({**mine, **changes})


def test_the_lock_names_its_holder_and_is_gone_after_the_block(tmp_path: Path) -> None:
    run = tmp_path / "new" / "run"
    with run_lock(str(run)):
        found = json.loads((run / "_lock.json").read_text())
        assert (found["pid"], found["host"]) == (os.getpid(), socket.gethostname())
        assert (run / "_lock.json").exists()
    assert not (run / "_lock.json").exists()


def test_the_lock_is_gone_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), run_lock(str(tmp_path)):
        raise RuntimeError
    assert not (tmp_path / "_lock.json").exists()


def test_a_second_holder_is_refused_with_pid_host_and_age_and_the_first_keeps_it(tmp_path: Path) -> None:
    with run_lock(str(tmp_path)):
        refusal = rf"by process {os.getpid()} on .*, for \d s; .* remove .*_lock\.json"
        with pytest.raises(ManifestError, match=refusal), run_lock(str(tmp_path)):
            pytest.fail("it was let in")
        assert (tmp_path / "_lock.json").exists()


def test_another_host_is_never_taken_for_dead(tmp_path: Path) -> None:
    (tmp_path / "_lock.json").write_text(holder(host="elsewhere", pid=2**22 - 3))
    with pytest.raises(ManifestError, match="on elsewhere"), run_lock(str(tmp_path)):
        pytest.fail("it was let in")


@pytest.mark.parametrize("changes", [{"pid": 2**22 - 3}, {"birth": "1"}], ids=["gone", "pid used again"])
def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path, changes: dict[str, Any]) -> None:
    (tmp_path / "_lock.json").write_text(holder(**changes))
    with run_lock(str(tmp_path)):
        assert json.loads((tmp_path / "_lock.json").read_text())["pid"] == os.getpid()
    assert not (tmp_path / "_lock.json").exists()


def test_a_lock_that_another_took_in_the_meantime_is_left_to_it(tmp_path: Path) -> None:
    with run_lock(str(tmp_path)):
        (tmp_path / "_lock.json").write_text(holder(pid=1))
    assert (tmp_path / "_lock.json").exists()


def test_a_store_has_the_lock_too() -> None:
    run = "memory://lock-test/run"
    with run_lock(run), pytest.raises(ManifestError, match="in use"), run_lock(run):
        pytest.fail("it was let in")
    assert not fsspec.filesystem("memory").exists("/lock-test/run/_lock.json")


@pytest.mark.parametrize("stale", [False, True], ids=["free", "left by a dead driver"])
def test_of_many_processes_one_holds_the_lock(tmp_path: Path, stale: bool) -> None:
    if stale:
        (tmp_path / "_lock.json").write_text(holder(pid=2**22 - 3))
    program = (
        "import sys, time\nfrom pipeline.runs.lock import run_lock\nfrom pipeline.errors import ManifestError\n"
        "time.sleep(max(0, float(sys.argv[2]) - time.time()))\n"
        "try:\n  with run_lock(sys.argv[1]):\n    time.sleep(2)\nexcept ManifestError:\n  sys.exit(3)\n"
    )
    start = str(time.time() + 1.5)
    processes = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path), start]) for _ in range(4)]
    codes = sorted(process.wait(timeout=60) for process in processes)
    assert codes == [0, 3, 3, 3]
