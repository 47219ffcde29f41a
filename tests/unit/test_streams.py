"""Reads that fail are tried again at the place where they failed, and given up by name."""

import io
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.inputs.streams import RetryingStream, TransientReadError

CONTENT = bytes(range(256)) * 4


class Faulty(io.BytesIO):
    """Fails or ends early at reads whose numbers are planned; the plan outlives the stream."""

    def __init__(self, plan: list[str]) -> None:
        super().__init__(CONTENT)
        self.plan = plan

    def read(self, size: int | None = -1) -> bytes:
        fault = self.plan.pop(0) if self.plan else ""
        if fault == "end":
            return b""
        if fault == "short":
            return super().read(max(1, (size or 0) // 3))
        if fault:
            raise ConnectionResetError(fault)
        return super().read(size)


class Store:
    """Opens faulty streams and remembers how often, and how long it was asked to wait."""

    def __init__(self, *plan: str) -> None:
        self.plan = list(plan)
        self.opened: list[Faulty] = []
        self.waits: list[float] = []

    def open(self, uri: str) -> IO[bytes]:
        self.opened.append(Faulty(self.plan))
        return self.opened[-1]

    def stream(self, tries: int = 6) -> RetryingStream:
        return RetryingStream("store://file", tries=tries, opener=self.open, wait=self.waits.append)


def read_all(stream: RetryingStream, size: int) -> bytes:
    return b"".join(iter(lambda: stream.read(size), b""))


def test_a_sound_stream_is_opened_once_and_never_waited_for() -> None:
    store = Store()
    assert read_all(store.stream(), 100) == CONTENT
    assert (len(store.opened), store.waits) == (1, [])


def test_a_failed_read_is_tried_again_in_a_new_stream_at_its_position() -> None:
    store = Store("", "reset", "reset")
    stream = store.stream()
    assert stream.read(10) == CONTENT[:10]
    assert stream.read(10) == CONTENT[10:20]
    assert (len(store.opened), store.waits, stream.tell()) == (3, [1.0, 2.0], 20)
    assert all(opened.closed for opened in store.opened[:-1])


def test_a_stream_that_ends_before_its_file_is_opened_again() -> None:
    store = Store("", "end")
    stream = store.stream()
    stream.read(10)
    assert stream.read(10) == CONTENT[10:20]
    assert len(store.opened) == 2


def test_pauses_double_and_the_last_try_gives_up_by_name() -> None:
    store = Store(*["reset"] * 99)
    with pytest.raises(
        TransientReadError, match=r"store://file: ConnectionResetError\('reset'\) after 4 tries"
    ) as raised:
        store.stream(tries=4).read(1)
    assert raised.value.transient
    assert store.waits == [1.0, 2.0, 4.0]


def test_success_between_failures_resets_the_count() -> None:
    store = Store(*["reset", "reset", ""] * 5)
    assert read_all(store.stream(tries=3), 300) == CONTENT


@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError, IsADirectoryError])
def test_an_error_that_no_retry_can_mend_is_raised_at_once(error: type[OSError]) -> None:
    waits: list[float] = []

    def refuse(uri: str) -> IO[bytes]:
        raise error(uri)

    with pytest.raises(error):
        RetryingStream("x", opener=refuse, wait=waits.append).read(1)
    assert not waits


def test_seek_moves_an_open_stream_and_one_that_is_not_open_yet() -> None:
    store = Store()
    stream = store.stream()
    assert stream.seek(300) == 300
    assert stream.read(5) == CONTENT[300:305]
    stream.seek(7)
    assert (stream.read(3), stream.tell()) == (CONTENT[7:10], 10)
    stream.close()
    assert stream.read(2) == CONTENT[10:12]
    assert stream.seek(len(CONTENT)) == len(CONTENT)
    assert stream.read(2) == b""
    with pytest.raises(ValueError, match="absolute"):
        stream.seek(0, io.SEEK_END)


@given(st.lists(st.sampled_from(["", "", "reset", "end", "short"]), max_size=40), st.integers(1, 700))
def test_whatever_fails_in_between_the_bytes_are_those_of_the_file(plan: list[str], size: int) -> None:
    store = Store(*plan)
    assert read_all(store.stream(tries=len(plan) + 1), size) == CONTENT
