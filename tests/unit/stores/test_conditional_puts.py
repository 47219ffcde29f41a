"""Of several writers that come at the same time exactly one wins, and each learns which it is."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.stores import storage

WRITERS = 8


@pytest.mark.parametrize("links", [True, False], ids=["", "a disk without hard links"])
def test_of_many_writers_of_an_absent_file_one_wins(root: str, links: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_link(*_: object) -> None:
        raise PermissionError(1, "no links here")

    if not links:
        monkeypatch.setattr(os, "link", no_link)
    path, start = storage.join(root, "x"), threading.Barrier(WRITERS)

    def put(number: int) -> bool:
        start.wait(timeout=20)
        return storage.put_if_absent(path, b"%d" % number)

    with ThreadPoolExecutor(WRITERS) as threads:
        won = list(threads.map(put, range(WRITERS)))
    assert won.count(True) == 1
    assert storage.read(path) == b"%d" % won.index(True)
    assert storage.names(root) == ["x"]
    assert not storage.put_if_absent(path, b"late")


def test_of_many_writers_that_replace_a_file_one_wins(root: str) -> None:
    path, start = storage.join(root, "x"), threading.Barrier(WRITERS)
    storage.write(path, b"old")

    def replace(number: int) -> bool:
        start.wait(timeout=20)
        return storage.replace_if_unchanged(path, b"%d" % number, b"old")

    with ThreadPoolExecutor(WRITERS) as threads:
        won = list(threads.map(replace, range(WRITERS)))
    assert won.count(True) == 1
    assert storage.read(path) == b"%d" % won.index(True)
    assert storage.names(root) == ["x"]


def test_a_file_that_is_absent_or_another_is_not_replaced(root: str) -> None:
    path = storage.join(root, "x")
    assert not storage.replace_if_unchanged(path, b"new", b"old")
    assert not storage.exists(path)
    storage.write(path, b"another")
    assert not storage.replace_if_unchanged(path, b"new", b"old")
    assert storage.read(path) == b"another"


def test_counting_in_a_file_loses_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "count")
    storage.write(path, b"0")

    def count(_: int) -> None:
        while True:
            now = storage.read(path)
            if storage.replace_if_unchanged(path, b"%d" % (int(now) + 1), now):
                return

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(count, range(40)))
    assert storage.read(path) == b"40"


def test_whether_a_store_keeps_to_conditions_is_tried_out(s3: SimpleNamespace, renaming: str, tmp_path: Path) -> None:
    assert storage.has_conditional_put(s3.root)
    requests = len(s3.server.requests)
    assert storage.has_conditional_put(storage.join(s3.root, "deeper"))
    assert len(s3.server.requests) == requests
    assert storage.names("s3://bucket/test") == []
    assert storage.has_conditional_put(str(tmp_path))
    assert not storage.has_conditional_put(renaming)


def test_where_a_store_passes_over_conditions_the_verbs_look_first(s3: SimpleNamespace) -> None:
    s3.server.ignore_conditions = True
    path = storage.join(s3.root, "x")
    assert not storage.has_conditional_put(path)
    assert storage.put_if_absent(path, b"1")
    assert not storage.put_if_absent(path, b"2")
    assert not storage.replace_if_unchanged(path, b"2", b"3")
    assert storage.replace_if_unchanged(path, b"2", b"1")
    assert storage.read(path) == b"2"


def test_a_put_whose_answer_was_lost_knows_that_it_was_done(s3: SimpleNamespace) -> None:
    path = storage.join(s3.root, "x")
    assert storage.has_conditional_put(path)
    s3.server.lose_answers = 1
    assert storage.put_if_absent(path, b"1")
    s3.server.lose_answers = 1
    assert storage.replace_if_unchanged(path, b"2", b"1")
    s3.server.lose_answers = 1
    assert not storage.put_if_absent(path, b"3")
    assert storage.read(path) == b"2"
