"""Outcomes survive a kill at any byte, and a file that is no cache is left alone."""

from pathlib import Path

import pytest

from classifiers.annotation.asking import Outcome
from classifiers.annotation.cache import OutcomeCache
from classifiers.annotation.prompt_files import AnnotationError

OUTCOMES = {
    "a" * 64: Outcome("answered", {"label": "yes", "reason": "ä\n\u2028 {"}, "", 1, 100, 10),
    "b" * 64: Outcome("refused", None, "No.", 2, 100, 10),
    "c" * 64: Outcome("invalid", None, "it is no JSON", 3, 300, 30),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with OutcomeCache(tmp_path / "cache") as cache:
        for key, outcome in OUTCOMES.items():
            cache.add(key, outcome)
    return tmp_path / "cache"


def test_what_was_added_is_there_again(path: Path) -> None:
    with OutcomeCache(path) as cache:
        assert cache.outcomes == OUTCOMES


def test_at_whatever_byte_it_was_killed_whole_lines_stay_and_it_goes_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)  # a disk's time, hundreds of times
    whole = path.read_bytes()
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        with OutcomeCache(path) as cache:
            left = whole[:cut].count(b"\n")
            assert cache.outcomes == dict(list(OUTCOMES.items())[:left]), cut
            for key, outcome in list(OUTCOMES.items())[left:]:
                cache.add(key, outcome)
        assert path.read_bytes() == whole, cut


def test_what_failed_is_asked_again_by_the_next_process_and_not_by_this_one(path: Path) -> None:
    failed = Outcome("failed", None, "HTTP 500", 8, 0, 0)
    with OutcomeCache(path) as cache:
        cache.add("d" * 64, failed)
        assert cache.outcomes["d" * 64] == failed
    with OutcomeCache(path) as cache:
        assert cache.outcomes == OUTCOMES


def test_a_damaged_line_costs_itself_alone(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b'{"key": "' + b"\0" * 40 + b"\n" + lines[2])
    with OutcomeCache(path) as cache:
        assert cache.outcomes.keys() == {"a" * 64, "c" * 64}
        assert cache.damaged == 1


@pytest.mark.parametrize("content", [b"notes of mine", b'{"doc_id": 1, "text": "A page."}\n', b"x"])
def test_a_file_of_another_kind_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine"
    path.write_bytes(content)
    with pytest.raises(AnnotationError, match="is no cache of answers"):
        OutcomeCache(path)
    assert path.read_bytes() == content


def test_a_cache_of_nothing_leaves_no_file(tmp_path: Path) -> None:
    with OutcomeCache(tmp_path / "new"):
        pass
    assert not list(tmp_path.iterdir())
