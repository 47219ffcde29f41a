"""However annotation ends, nothing that was answered is lost, and the next run goes on from there."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pytest

from classifiers.annotate import main
from classifiers.annotation import asking
from classifiers.annotation.asking import Outcome, Patience
from classifiers.annotation.cache import OutcomeCache
from classifiers.annotation.job import Job, ask_all
from classifiers.annotation.prompt_files import AnnotationError, read_prompt
from classifiers.annotation.server import Reply
from classifiers.annotation.tables import Columns
from tests.unit.classifiers.chat_server import GOOD, Chat, serve_chat

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = 30
AT_ONCE = 4


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_FIRST_PAUSE", 0.0)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    path = tmp_path / "pages.jsonl"
    path.write_text("".join(json.dumps({"doc_id": n, "text": f"Page {n}."}) + "\n" for n in range(DOCUMENTS)))
    return path


def words(chat: Chat, pages: Path, *more: str) -> list[str]:
    output = str(pages.with_name("out.jsonl"))
    to = ["--server", chat.url, "--model", "m", "--prompt", "quality", "--output", output]
    return [str(pages), *to, "--concurrency", str(AT_ONCE), *more]


@pytest.fixture
def interrupted(pages: Path) -> Iterator[tuple[Chat, subprocess.Popen[bytes], Event]]:
    """Yield a run that has four answers and waits for four, which come once the event is set."""
    gate = Event()

    def behave(_: str, __: int) -> str:
        if len(chat.bodies) > AT_ONCE:
            gate.wait(timeout=60)
        return GOOD

    with serve_chat(behave) as chat:
        command = [sys.executable, "-m", "classifiers.annotate", *words(chat, pages)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # which background jobs ignore
        with subprocess.Popen(
            command,
            cwd=pages.parent,
            env=environment,
            stderr=subprocess.DEVNULL,
            preexec_fn=heed,  # noqa: PLW1509
        ) as run:
            try:
                until(lambda: chat.open == AT_ONCE and len(chat.bodies) >= 2 * AT_ONCE)
                yield chat, run, gate
            finally:
                gate.set()
                run.kill()


def until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not so():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.01)


def test_who_is_interrupted_waits_for_what_was_asked_and_keeps_it(
    interrupted: tuple[Chat, subprocess.Popen[bytes], Event], pages: Path
) -> None:
    chat, run, gate = interrupted
    run.send_signal(signal.SIGINT)
    gate.set()
    assert run.wait(timeout=60) == 130
    assert not pages.with_name("out.jsonl").exists()
    assert len(pages.with_name("out.jsonl.answers").read_bytes().splitlines()) == chat.answered < DOCUMENTS
    assert main(words(chat, pages)) == 0
    assert len(chat.bodies) == DOCUMENTS


def test_who_is_killed_goes_on_from_the_answers_that_came(
    interrupted: tuple[Chat, subprocess.Popen[bytes], Event], pages: Path
) -> None:
    chat, run, gate = interrupted
    until(lambda: pages.with_name("out.jsonl.answers").read_bytes().count(b"\n") == AT_ONCE)
    run.kill()
    run.wait(timeout=60)
    gate.set()
    until(lambda: chat.open == 0)
    before = len(chat.bodies)
    assert main(words(chat, pages)) == 0
    assert len(chat.bodies) - before == DOCUMENTS - AT_ONCE
    rows = pages.with_name("out.jsonl").read_text().splitlines()
    assert [json.loads(row)["status"] for row in rows] == ["answered"] * DOCUMENTS


def test_when_it_ends_early_what_is_under_way_is_kept_and_what_waits_is_not_asked(pages: Path) -> None:
    stop = Event()
    asked: list[dict[str, Any]] = []

    def ask(body: dict[str, Any]) -> Reply:
        asked.append(body)
        if len(asked) > 1:
            assert stop.wait(timeout=60)
        return Reply(GOOD, refused=False, cut=False, tokens_in=1, tokens_out=1)

    def interrupt(_: Outcome) -> None:
        until(lambda: len(asked) == 3)
        raise KeyboardInterrupt

    job = Job(read_prompt("quality"), "m", {}, (pages,), Columns("doc_id", "text", None, ()), None)
    patience = Patience(1, 1, stop.wait, Random(0))
    with OutcomeCache(pages.with_name("answers")) as cache:
        with pytest.raises(KeyboardInterrupt):
            ask_all(job, cache, ask, patience, 2, stop, interrupt)
        assert [outcome.status for outcome in cache.outcomes.values()] == ["answered"] * 3
    assert len(asked) == 3  # of four that were waiting for one of two


@pytest.mark.parametrize(
    ("what", "said"), [("HTTP 401", "HTTP 401: status 401"), ("HTTP 404", "HTTP 404"), ("moved", "HTTP 302")]
)
def test_a_server_that_takes_no_question_is_not_asked_them_all(
    pages: Path, capsys: pytest.CaptureFixture[str], what: str, said: str
) -> None:
    with serve_chat(lambda *_: what) as chat:
        assert main(words(chat, pages)) == 1
    assert said in capsys.readouterr().err
    assert len(chat.bodies) <= 2 * AT_ONCE
    assert not pages.with_name("out.jsonl").exists()


def test_fifty_failures_in_a_row_end_it(pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pages.write_text("".join(json.dumps({"doc_id": n, "text": f"Page {n}."}) + "\n" for n in range(200)))
    with serve_chat(lambda *_: "HTTP 422") as chat:
        assert main(words(chat, pages)) == 1
        assert "50 questions in a row failed, the last by: HTTP 422" in capsys.readouterr().err
        assert 50 <= len(chat.bodies) <= 50 + 3 * AT_ONCE
        chat.behave = lambda *_: GOOD
        assert main(words(chat, pages)) == 0
        assert chat.answered == 200


def test_a_cache_is_one_process_s_at_a_time(tmp_path: Path) -> None:
    with OutcomeCache(tmp_path / "a"), pytest.raises(AnnotationError, match="open in another process"):
        OutcomeCache(tmp_path / "a")
    with OutcomeCache(tmp_path / "a"):
        pass


def test_a_table_that_changed_meanwhile_is_not_written(pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def behave(_: str, __: int) -> str:
        if len(chat.bodies) == DOCUMENTS:
            with pages.open("a") as file:
                file.write('{"doc_id": "late", "text": "Added while the others were asked about."}\n')
        return GOOD

    with serve_chat(behave) as chat:
        assert main(words(chat, pages, "--concurrency", "1")) == 1
    assert "document late was not asked about" in capsys.readouterr().err
    assert not pages.with_name("out.jsonl").exists()
    assert [file.name for file in pages.parent.glob(".out*")] == []
