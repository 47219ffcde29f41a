"""A reviewer's way through decisions: keys, back, quitting, going on; what is shown is letters alone."""

import io
import os
import pty
import termios
from pathlib import Path

import pytest

from pipeline.review.items import ReviewItem, Selection
from pipeline.review.judging import judge
from pipeline.review.keys import Keys
from pipeline.review.shown import item_lines
from pipeline.review.verdicts import Verdict, append_verdict, read_verdicts

HOSTILE = "a\x1b[31mred\x1b]0;owned\x07 \u202egnp\x9b2J"


def item(number: int) -> ReviewItem:
    return ReviewItem(
        f"s/why/{number}", str(number), "s", "why", "dropped", 0.9, 0.8, "above", drops_at_limit=False,
        setting="s.most", url=f"https://a.example/{number}",
    )  # fmt: skip


SELECTION = Selection("r", [item(number) for number in range(4)], "the 4 closest decisions")


def judged(keys: str, path: Path) -> tuple[list[int], list[str]]:
    """Return which decisions were shown, and what was said, after some keys, a line each."""
    given = {verdict.item: verdict for verdict in read_verdicts(str(path))}
    shown: list[int] = []
    said: list[str] = []
    typed = Keys(io.StringIO("".join(f"{key}\n" for key in keys)))
    judge(
        SELECTION, given, "ana", typed, lambda _, at: shown.append(at), said.append,
        lambda verdict: append_verdict(str(path), verdict),
    )  # fmt: skip
    return shown, said


def verdicts(path: Path) -> dict[str, str]:
    return {verdict.doc_id: verdict.verdict for verdict in read_verdicts(str(path))}


def test_each_key_saves_a_verdict_and_the_end_comes_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "v"
    assert judged("ynsy", path)[0] == [0, 1, 2, 3]
    assert verdicts(path) == {"0": "right", "1": "wrong", "2": "skip", "3": "right"}
    assert judged("y", path)[0] == []


def test_a_reviewer_goes_back_and_on_over_what_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "v"
    shown, said = judged("yybbny", path)
    assert shown == [0, 1, 2, 1, 0, 2, 3]
    assert verdicts(path) == {"0": "wrong", "1": "right", "2": "right"}
    assert said.count("  your verdict: right") == 2


def test_quitting_and_the_end_of_the_input_keep_what_there_is_and_the_next_time_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "v"
    judged("yq", path)
    assert verdicts(path) == {"0": "right"}
    assert judged("n", path)[0] == [1, 2]
    assert verdicts(path) == {"0": "right", "1": "wrong"}


def test_a_key_that_means_nothing_is_asked_again(tmp_path: Path) -> None:
    shown, said = judged("x1yq", tmp_path / "v")
    assert shown == [0, 1]
    assert sum("was it right to drop it?" in line for line in said) == 4


@pytest.mark.parametrize("typed", [b"yn\x1b[A", b"\x04", b"Y"])
def test_single_keys_of_a_terminal_are_read_and_its_state_is_put_back(typed: bytes) -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "r") as stream:
        attributes = termios.tcgetattr(slave)
        attributes[3] &= ~termios.ICANON  # else the terminal would swallow the sign of the end
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        os.write(master, typed)
        keys = Keys(stream)
        first = keys()
        assert first == {b"yn\x1b[A": "y", b"\x04": "q", b"Y": "y"}[typed]
        if typed.startswith(b"yn"):
            assert keys() == "n"
        assert termios.tcgetattr(slave)[3] == attributes[3]
    os.close(master)


def test_a_terminal_that_is_gone_is_the_end() -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "r") as stream:
        os.close(master)
        assert Keys(stream)() == "q"


@pytest.mark.parametrize("has_colours", [False, True])
def test_pages_give_a_terminal_no_command(has_colours: bool) -> None:
    hostile = ReviewItem(
        "i", "d", "s", HOSTILE, "kept", 1.0, 2.0, "above", drops_at_limit=False, setting="", url=HOSTILE, title=HOSTILE,
        text=HOSTILE, other_url=HOSTILE, other_text=HOSTILE, similarity=0.5,
        differences=tuple((op, f"{HOSTILE}\n{HOSTILE}") for op in ("same", "removed", "added", "left_out")),
    )  # fmt: skip
    ours = ("\x1b[31m", "\x1b[32m", "\x1b[2m", "\x1b[0m") if has_colours else ()
    for shown in (hostile, ReviewItem(**{**vars(hostile), "differences": ()})):
        said = "\n".join(item_lines(shown, 1, 1, 100, has_colours=has_colours))
        assert "\\x1b[31mred" in said
        for colour in ours:
            said = said.replace(colour, "")
        assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(said)


def test_verdicts_hold_no_text_and_no_address() -> None:
    assert not {"text", "title", "url", "other_url"} & set(Verdict.__dataclass_fields__)
