"""The lock among processes: one of many gets it, and a forked child does not give it away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.stores import storage
from pipeline.stores.lock import run_lock
from tests.unit.stores.holders import holder, until


@pytest.mark.filterwarnings("ignore:.*multi-threaded")
def test_a_forked_child_that_leaves_the_block_leaves_the_lock(tmp_path: Path) -> None:
    child = 1
    try:
        with run_lock(str(tmp_path)):
            child = os.fork()
            if child:
                assert os.waitpid(child, 0)[1] == 0
                assert (tmp_path / "_lock.json").exists()
    finally:
        if child == 0:
            os._exit(0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stale", [False, True], ids=["free", "left by a dead driver"])
def test_of_many_processes_one_holds_the_lock(tmp_path: Path, stale: bool) -> None:
    run = tmp_path / "run"
    if stale:
        storage.write(str(run / "_lock.json"), holder(pid=2**22 - 3))
    program = (
        "import pathlib, sys, time\nfrom pipeline.stores.lock import run_lock\n"
        "from pipeline.errors import ManifestError\nrun, me, end = map(pathlib.Path, sys.argv[1:])\n"
        "me.touch()\n"
        "while not (end.parent / 'go').exists(): time.sleep(0.01)\n"
        "try:\n  with run_lock(str(run)):\n    me.with_suffix('.in').touch()\n"
        "    while not end.exists(): time.sleep(0.01)\n"
        "except ManifestError:\n  me.with_suffix('.out').touch()\n"
    )
    files = [str(tmp_path / f"{number}.here") for number in range(4)]
    end = tmp_path / "end"
    drivers = [subprocess.Popen([sys.executable, "-c", program, str(run), file, str(end)]) for file in files]
    try:
        until(lambda: len(list(tmp_path.glob("*.here"))) == 4)
        (tmp_path / "go").touch()
        until(lambda: len(list(tmp_path.glob("*.out"))) == 3)
        assert len(list(tmp_path.glob("*.in"))) == 1
        end.touch()
        assert [driver.wait(timeout=30) for driver in drivers] == [0] * 4
    finally:
        for driver in drivers:
            driver.kill()
    assert storage.names(str(run)) == []
