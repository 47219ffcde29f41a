"""A question is asked until there is an answer, with pauses that grow, differ, and are as long as the server wishes."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any

import pytest

from classifiers.annotation.answers import AnswerField
from classifiers.annotation.asking import Outcome, Patience, StoppedError, ask_until_answered
from classifiers.annotation.server import AgainError, QuestionError, Reply, Server, ServerError
from tests.unit.classifiers.chat_server import GOOD, serve_chat

FIELDS = {"score": AnswerField(low=0, high=5)}
BODY = {"model": "m", "messages": [{"role": "user", "content": "How good?"}]}


class Script:
    """What a server does, request by request, and what it is asked and waited for."""

    def __init__(self, *steps: str | Exception, stop_after: int | None = None) -> None:
        self.steps = list(steps)
        self.bodies: list[dict[str, Any]] = []
        self.pauses: list[float] = []
        self.stop_after = stop_after

    def ask(self, body: dict[str, Any]) -> Reply:
        self.bodies.append(body)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        return Reply(step, refused=False, cut=False, tokens_in=100, tokens_out=10)

    def pause(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        return len(self.pauses) == self.stop_after

    def outcome(self, tries: int = 8, answers: int = 3, seed: int = 0) -> Outcome:
        return ask_until_answered(self.ask, BODY, FIELDS, Patience(tries, answers, self.pause, Random(seed)))


def test_pauses_grow_to_a_minute_and_never_to_more() -> None:
    script = Script(AgainError("busy"))
    assert script.outcome(tries=12).status == "failed"
    bounds = [min(60.0, 2.0**number) for number in range(11)]
    assert len(script.bodies) == 12
    assert all(bound / 2 <= pause <= bound for pause, bound in zip(script.pauses, bounds, strict=True))


def test_two_that_were_turned_away_together_do_not_come_back_together() -> None:
    pauses = []
    for seed in range(2):
        script = Script(AgainError("busy"))
        script.outcome(seed=seed)
        pauses.append(script.pauses)
    assert all(first != second for first, second in zip(*pauses, strict=True))


def test_a_server_is_left_alone_for_as_long_as_it_wishes() -> None:
    script = Script(AgainError("busy", after=20.0), '{"score": 1}')
    assert script.outcome().status == "answered"
    assert 20.0 <= script.pauses[0] <= 21.0


def test_a_server_that_wishes_for_hours_has_failed() -> None:
    script = Script(AgainError("over quota", after=3600.0))
    assert script.outcome() == Outcome("failed", None, "over quota", 1, 0, 0)
    assert script.pauses == []


def test_a_question_that_is_not_taken_is_not_asked_again() -> None:
    assert Script(QuestionError("too long")).outcome() == Outcome("failed", None, "too long", 1, 0, 0)


def test_who_answered_in_another_form_is_told_what_was_wrong() -> None:
    script = Script("Good.", '{"score": 9}', '{"score": 4}')
    assert script.outcome() == Outcome("answered", {"score": 4}, "", 3, 300, 30)
    assert script.bodies[0] == BODY
    told = script.bodies[2]["messages"]
    assert [message["role"] for message in told] == ["user", "assistant", "user"]
    assert told[1]["content"] == '{"score": 9}'
    assert "score: 9 is not within 0 … 5" in told[2]["content"]


def test_after_some_answers_of_another_form_it_is_invalid() -> None:
    script = Script("Good.")
    assert script.outcome(answers=2) == Outcome("invalid", None, "there is no JSON object in it", 2, 200, 20)


def test_requests_before_a_failure_are_counted_too() -> None:
    script = Script("Good.", AgainError("gone"))
    assert script.outcome(tries=4) == Outcome("failed", None, "gone", 5, 100, 10)


def test_who_is_told_to_stop_in_a_pause_stops() -> None:
    script = Script(AgainError("busy"), stop_after=2)
    with pytest.raises(StoppedError):
        script.outcome()
    assert len(script.bodies) == 2


def test_a_wrong_key_is_no_matter_of_this_question() -> None:
    with pytest.raises(ServerError):
        Script(ServerError("HTTP 401")).outcome()


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_an_address_may_end_where_it_likes(suffix: str) -> None:
    assert Server(f"http://host:1{suffix}", None, 1.0).url == "http://host:1/v1/chat/completions"


def test_a_whole_address_is_taken_as_it_is() -> None:
    assert Server("https://host/v1beta/openai/chat/completions", None, 1.0).url.endswith(
        "/v1beta/openai/chat/completions"
    )


def test_where_nobody_listens_somebody_may_later() -> None:
    with serve_chat() as chat:
        url = chat.url
    with pytest.raises(AgainError, match="refused"):
        Server(url, None, 1.0).ask(dict(BODY))


def test_a_reply_is_read_with_its_tokens() -> None:
    with serve_chat() as chat:
        assert Server(chat.url, None, 30.0).ask(dict(BODY)) == Reply(GOOD, False, False, 100, 10)
    assert "Authorization" not in chat.headers[0]


@pytest.mark.parametrize("wish", ["seconds", "negative", "date"])
def test_a_wish_is_seconds_or_a_date(wish: str) -> None:
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    header, least, most = {
        "seconds": ("7", 7.0, 7.0),
        "negative": ("-7", 0.0, 0.0),
        "date": (in_an_hour, 3000.0, 3600.0),
    }[wish]
    with serve_chat(lambda *_: f"HTTP 429 {header}") as chat, pytest.raises(AgainError) as caught:
        Server(chat.url, None, 30.0).ask(dict(BODY))
    assert caught.value.after is not None
    assert least <= caught.value.after <= most


@pytest.mark.parametrize("wish", ["soon", "nan", "inf"])
def test_a_wish_that_is_no_time_is_none(wish: str) -> None:
    with serve_chat(lambda *_: f"HTTP 503 {wish}") as chat, pytest.raises(AgainError) as caught:
        Server(chat.url, None, 30.0).ask(dict(BODY))
    assert caught.value.after is None
