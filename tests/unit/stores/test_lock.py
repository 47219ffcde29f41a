"""One driver per run directory, for as long as it lives and says so."""

import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.errors import ManifestError
from pipeline.stores import lock as module
from pipeline.stores import storage
from pipeline.stores.lock import Lock, run_lock
from tests.unit.stores.holders import content, holder, until

HOUR = 3600


def is_lost(lock: Lock) -> bool:
    try:
        lock.check()
    except ManifestError:
        return True
    return False


def make_old(run: str, request: pytest.FixtureRequest) -> None:
    """Let the lock of another host have been written an hour ago, by the clock of its disk or store."""
    path = storage.join(run, "_lock.json")
    storage.write(path, holder(host="elsewhere", renewed=time.time()))
    if run.startswith("s3://"):
        request.getfixturevalue("s3").server.age_object("bucket", "test/run/_lock.json", HOUR)
    else:
        os.utime(path, (time.time() - HOUR,) * 2)


@pytest.fixture(params=["disk", "s3"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(request.getfixturevalue("s3").root if request.param == "s3" else tmp_path / "new" / "run")


def test_the_lock_names_its_holder_and_is_gone_after_the_block(root: str) -> None:
    path = storage.join(root, "_lock.json")
    with run_lock(root) as lock:
        value = content(path)
        assert (value["pid"], value["host"]) == (os.getpid(), socket.gethostname())
        assert value["started"] <= value["renewed"] <= time.time()
        lock.check()
    assert storage.names(root) == []


def test_the_lock_is_gone_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), run_lock(str(tmp_path)):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_second_holder_is_refused_with_pid_host_and_age_and_the_first_keeps_it(root: str) -> None:
    with run_lock(root) as lock:
        refusal = rf"by process {os.getpid()} on .*, for \d+ s; .* remove .*_lock\.json"
        with pytest.raises(ManifestError, match=refusal), run_lock(root):
            pytest.fail("it was let in")
        lock.check()
        assert storage.exists(storage.join(root, "_lock.json"))


OTHERS = {
    "another host's": holder(host="elsewhere", pid=2**22 - 3),
    "another container's": holder(system="another boot, another namespace", pid=2**22 - 3),
    "empty": b"",
    "odd": b"[]",
}


@pytest.mark.parametrize("theirs", OTHERS.values(), ids=OTHERS)
def test_nobody_elsewhere_is_taken_for_dead_while_the_lock_is_young(run: str, theirs: bytes) -> None:
    storage.write(storage.join(run, "_lock.json"), theirs)
    with pytest.raises(ManifestError, match="in use by"), run_lock(run):
        pytest.fail("it was let in")
    assert storage.read(storage.join(run, "_lock.json")) == theirs


@pytest.mark.parametrize("changes", [{"pid": 2**22 - 3}, {"birth": "1"}], ids=["gone", "pid used again"])
def test_the_lock_of_a_dead_process_is_taken_over_at_once(run: str, changes: dict[str, Any]) -> None:
    storage.write(storage.join(run, "_lock.json"), holder(**changes))
    said: list[str] = []
    with run_lock(run, said.append) as lock:
        assert content(storage.join(run, "_lock.json"))["pid"] == os.getpid()
        lock.check()
    assert storage.names(run) == said == []


def test_a_lock_that_was_not_renewed_is_taken_over_by_exactly_one_who_says_so(
    run: str, request: pytest.FixtureRequest
) -> None:
    make_old(run, request)
    said: list[str] = []
    start, end = threading.Barrier(6), threading.Barrier(6)

    def take(_: int) -> bool:
        start.wait(timeout=20)
        try:
            with run_lock(run, said.append) as lock:
                lock.check()
                end.wait(timeout=20)
                lock.check()
                return True
        except ManifestError:
            end.wait(timeout=20)
            return False

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(take, range(6))).count(True) == 1
    assert len(said) == 1
    assert "from process" in said[0]
    assert "on elsewhere, which had not renewed its lock for 36" in said[0]
    assert storage.names(run) == []


def test_a_store_that_tells_no_time_is_asked_what_the_holder_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "age", lambda _: None)
    (tmp_path / "_lock.json").write_bytes(holder(host="elsewhere", renewed=time.time() - HOUR))
    with run_lock(str(tmp_path)):
        pass
    (tmp_path / "_lock.json").write_bytes(holder(host="elsewhere", renewed=time.time()))
    with pytest.raises(ManifestError), run_lock(str(tmp_path)):
        pytest.fail("it was let in")


def test_renewal_keeps_a_lock_young(run: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RENEW_SECONDS", 0.02)
    path = storage.join(run, "_lock.json")
    with run_lock(run) as lock:
        first = content(path)
        if run.startswith("s3://"):
            request.getfixturevalue("s3").server.age_object("bucket", "test/run/_lock.json", HOUR)
        else:
            os.utime(path, (time.time() - HOUR,) * 2)
        until(lambda: (storage.age(path) or 0) < HOUR / 2)
        until(lambda: content(path)["renewed"] > first["renewed"])
        with pytest.raises(ManifestError, match="in use"), run_lock(run):
            pytest.fail("it was let in")
        lock.check()
    assert storage.names(run) == []


@pytest.mark.parametrize("content", [holder(pid=1), None], ids=["taken over", "removed"])
def test_a_driver_learns_that_its_lock_is_lost_and_leaves_it_to_the_other(
    run: str, content: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RENEW_SECONDS", 0.02)
    path, said = storage.join(run, "_lock.json"), list[str]()
    with run_lock(run, said.append) as lock:
        if content is None:
            storage.remove(path)
        else:
            storage.write(path, content)
        until(lambda: is_lost(lock))
        with pytest.raises(ManifestError, match=r"process 1 on .* has taken it|somebody has removed it"):
            lock.check()
    assert len(said) == 1
    assert storage.exists(path) is (content is not None)


def test_a_lock_that_another_took_in_the_meantime_is_left_to_it(run: str) -> None:
    with run_lock(run):
        storage.write(storage.join(run, "_lock.json"), holder(pid=1))
    assert storage.exists(storage.join(run, "_lock.json"))


def test_after_a_long_sleep_the_lock_is_looked_at_before_a_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = module._now()
    with run_lock(str(tmp_path)) as lock:
        monkeypatch.setattr(module, "_now", lambda: now + HOUR)
        lock.check()
        monkeypatch.setattr(module, "_now", lambda: now + 2 * HOUR)
        (tmp_path / "_lock.json").write_bytes(holder(host="elsewhere"))
        with pytest.raises(ManifestError, match="elsewhere has taken it over"):
            lock.check()


def test_a_lock_that_could_not_be_renewed_for_long_is_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bool:
        raise ConnectionResetError("the store is away")

    now, said = module._now(), list[str]()
    with run_lock(str(tmp_path), said.append) as lock, monkeypatch.context() as away:
        away.setattr(storage, "replace_if_unchanged", fail)
        away.setattr(module, "_now", lambda: now + 200)
        lock.check()
        away.setattr(module, "_now", lambda: now + 400)
        with pytest.raises(ManifestError, match=r"not be renewed for .*the store is away"):
            lock.check()
    assert said == []
    assert list(tmp_path.iterdir()) == []


def test_a_renewal_whose_answer_was_lost_is_no_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, replace = module._now(), storage.replace_if_unchanged

    def lose(path: str, content: bytes, expected: bytes) -> bool:
        replace(path, content, expected)
        raise TimeoutError

    with run_lock(str(tmp_path)) as lock:
        with monkeypatch.context() as losing:
            losing.setattr(storage, "replace_if_unchanged", lose)
            losing.setattr(module, "_now", lambda: now + 200)
            lock.check()
        monkeypatch.setattr(module, "_now", lambda: now + HOUR)
        lock.check()
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_conditional_puts_has_the_lock_too(s3: SimpleNamespace) -> None:
    s3.server.ignore_conditions = True
    with run_lock(s3.root) as lock, pytest.raises(ManifestError, match="in use"), run_lock(s3.root):
        pytest.fail("it was let in")
    assert storage.names(s3.root) == []
    assert not is_lost(lock)
