"""The watchdog kills what hangs, in compiled code too, and nothing else; it ends with its worker and costs little."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.cells.parts import Part
from pipeline.quarantine.listed import NO_QUARANTINE, Quarantine
from pipeline.quarantine.watchdog import Board
from pipeline.stores import storage

PART = Part("crawl-0f", "crawl/a.warc.gz", "crawl/a.warc.gz", 0, "")
DOC = "0f" * 16
URL = "https://mill.test/ü?a=\n1"
WORKER = f"""
import re, sys, time
from pipeline.cells.parts import Part
from pipeline.quarantine.listed import Quarantine
from pipeline.quarantine.watchdog import _watchdog
import os
watch = Quarantine(sys.argv[1], "extract").watch(float(sys.argv[2]))
part = Part({PART.name!r}, {PART.source!r}, "", 0, "")
def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
def over():
    print(_watchdog(os.getpid())[1].pid, flush=True)
"""
HANGS = {
    "regex": f"with watch.page(part, 7, {DOC!r}, {URL!r}): re.match('(a|aa)+$', 'a' * 200 + 'b')",
    "loop": f"with watch.page(part, 7, {DOC!r}, {URL!r}): spin(60)",
    "exception before": (
        f"try:\n  with watch.page(part, 6, {DOC!r}, 'x'): 1 / 0\nexcept ZeroDivisionError: pass\n"
        f"with watch.page(part, 7, {DOC!r}, {URL!r}): spin(60)"
    ),
}
PASSES = {
    "a page that sleeps": f"with watch.page(part, 7, {DOC!r}, {URL!r}): time.sleep(1.5)",
    "many pages": f"for n in range(15):\n  with watch.page(part, n, {DOC!r}, {URL!r}): spin(0.1)",
    "work between pages": f"with watch.page(part, 7, {DOC!r}, {URL!r}): pass\nspin(1.2)",
}


def worker(directory: str, script: str, limit: float = 0.5, **options: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WORKER + script, directory, str(limit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("name", HANGS)
def test_a_page_that_hangs_is_listed_and_its_worker_killed(tmp_path: Path, name: str) -> None:
    directory = str(tmp_path / "run" / "_quarantine")
    process = worker(directory, HANGS[name])
    _, said = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert "https://mill.test/ü" in said
    assert "crawl/a.warc.gz at offset 7" in said
    quarantine = Quarantine(directory, "extract")
    assert quarantine.names() == [f"extract.{PART.name}-7-{DOC}.json"]
    entry = storage.read_json(str(tmp_path / "run" / "_quarantine" / quarantine.names()[0])) or {}
    assert 0.5 <= entry.pop("cpu_seconds") < 30
    assert entry == {
        "part": PART.name,
        "warc_file": PART.source,
        "warc_offset": 7,
        "doc_id": DOC,
        "url": URL,
        "stage": "extract",
        "limit": 0.5,
    }


@pytest.mark.parametrize("name", PASSES)
def test_time_that_is_no_page_s_own_condemns_nobody(tmp_path: Path, name: str) -> None:
    process = worker(str(tmp_path / "q"), PASSES[name] + "\nover()")
    out, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")
    assert not Quarantine(str(tmp_path / "q"), "extract").names()
    assert gone(int(out))


def test_a_list_on_a_store_is_written_too(tmp_path: Path) -> None:
    process = worker(f"local://{tmp_path}/q", HANGS["loop"])
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert Quarantine(f"local://{tmp_path}/q", "extract").pages() == {PART.name: {f"7-{DOC}"}}


def test_a_list_that_cannot_be_written_does_not_save_the_worker(tmp_path: Path) -> None:
    (tmp_path / "q").write_text("a file is in the way")
    process = worker(str(tmp_path / "q"), HANGS["loop"])
    _, said = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert "the quarantine list could not be written" in said


def test_the_watchdog_dies_with_a_killed_worker(tmp_path: Path) -> None:
    process = worker(str(tmp_path / "q"), f"with watch.page(part, 7, {DOC!r}, 'u'): over(); time.sleep(60)", limit=50)
    assert process.stdout is not None
    watchdog = int(process.stdout.readline())
    assert not gone(watchdog, seconds=0)
    process.kill()
    process.wait()
    assert gone(watchdog)


def test_without_a_list_nothing_is_watched(tmp_path: Path) -> None:
    script = f"""
watch = Quarantine("", "").watch(1)
with watch.page(part, 7, {DOC!r}, 'u'): print(_watchdog.cache_info().currsize)
"""
    out, _ = worker("", script).communicate(timeout=60)
    assert out == "0\n"
    assert NO_QUARANTINE.names() == []


def gone(process: int, seconds: float = 10) -> bool:
    """Tell whether a process ends within some seconds."""
    end = time.monotonic() + seconds
    while True:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(0.05)


def test_a_page_costs_a_few_microseconds(tmp_path: Path) -> None:
    script = """
with watch.page(part, 1, "0" * 32, "u"): pass
url = "https://mill.test/" + "x" * 100
def microseconds():
    start = time.process_time()
    for n in range(5000):
        with watch.page(part, n, "0" * 32, url):
            pass
    return (time.process_time() - start) / 5000 * 1e6
print(min(microseconds() for _ in range(4)))
"""
    out, _ = worker(str(tmp_path / "q"), script).communicate(timeout=60)
    assert float(out) < 100


def test_rows_that_hang_are_suspects_and_no_page_is_condemned(tmp_path: Path) -> None:
    process = worker(str(tmp_path / "q"), "with watch.rows([('a', 0, 9), ('b', 3, 3)]): spin(60)")
    _, said = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert "extract: a batch of 11 rows, which are measured one at a time now, used" in said
    quarantine = Quarantine(str(tmp_path / "q"), "extract")
    assert quarantine.suspects() == {"a": [(0, 9)], "b": [(3, 3)]}
    assert (quarantine.names(), quarantine.pages()) == ([], {})
    assert "rows 0 to 9 of a (" in quarantine.what_happened(quarantine.entries())
    assert not Quarantine(str(tmp_path / "q"), "ext").entries()


def test_a_board_gives_back_what_was_noted_and_each_page_has_its_turn() -> None:
    file = os.memfd_create("test")
    os.ftruncate(file, 1 << 18)
    board, same = Board(file), Board(file)
    board.post({"stage": "extract"}, 3.5)
    turns = []
    for number in range(3):
        board.begin({"warc_offset": 1 << 40, "url": "ü" * number})
        turns.append(same.turn)
        if number:
            board.end()
            assert same.turn % 2 == 0
    assert len(set(turns)) == 3
    assert all(turn % 2 for turn in turns)
    assert same.read() == {"stage": "extract", "warc_offset": 1 << 40, "url": "üü", "limit": 3.5}
    board.begin({"suspects": [[f"{number:0100}", number, number] for number in range(1024)]})
    assert len(same.read()["suspects"]) == 1024  # the most parts that a batch has rows of
    with pytest.raises(ValueError, match="is the most"):
        board.post({"path": "x" * 100_000}, 1)
