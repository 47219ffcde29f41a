"""A question asked until there is an answer: with pauses where a server wants them, and anew where it said nonsense."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final, Literal, NamedTuple

from classifiers.annotation.answers import Answer, AnswerField, declines, parse
from classifiers.annotation.server import AgainError, QuestionError, Reply

Status = Literal["answered", "refused", "invalid", "failed"]
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0
_LONGEST_WISH: Final = 600.0
"""Seconds that a server may ask to be left alone; one that asks for more is taken for one that does not answer."""


class StoppedError(Exception):
    """Whoever asks was told to stop."""


class Outcome(NamedTuple):
    """What became of a question.

    Attributes:
        status: `answered` in the form asked for; `refused`; `invalid`: never in that form; `failed`: not at all.
        answer: Its fields; None but where it was answered.
        error: What the server, or the last answer, had wrong; empty where it was answered.
        asked: How often it was asked.
        tokens_in: Of all the questions, as the server counts them.
        tokens_out: Of all the answers.
    """

    status: Status
    answer: Answer | None
    error: str
    asked: int
    tokens_in: int
    tokens_out: int


class Patience(NamedTuple):
    """How often, and with which pauses.

    Attributes:
        tries: Requests, one after another, that may come to nothing before a question has failed.
        answers: Answers of a wrong form before it is invalid.
        pause: Waits so many seconds; returns whether to stop instead.
        random: Where pauses get their jitter from.
    """

    tries: int
    answers: int
    pause: Callable[[float], bool]
    random: Random


def ask_until_answered(
    ask: Callable[[dict[str, Any]], Reply],
    body: dict[str, Any],
    fields: Mapping[str, AnswerField],
    patience: Patience,
) -> Outcome:
    """Ask until there is an answer in the form that was asked for.

    A model that answers in another form is told so, and asked again: at temperature 0 the same question would have the
    same answer.

    Args:
        ask: Asks once.
        body: Of the request.
        fields: The form.
        patience: How often, and with which pauses.

    Raises:
        StoppedError: `patience.pause` said so.
        ServerError: The server takes no question at all.
    """
    messages = list(body["messages"])
    asked = tokens_in = tokens_out = 0
    wrong = ""
    for _ in range(patience.answers):
        try:
            reply, requests = _reply_to(ask, {**body, "messages": messages}, patience)
        except _FailedError as error:
            return Outcome("failed", None, str(error), asked + error.requests, tokens_in, tokens_out)
        asked += requests
        tokens_in += reply.tokens_in
        tokens_out += reply.tokens_out
        if reply.refused:
            return Outcome("refused", None, _short(reply.said), asked, tokens_in, tokens_out)
        try:
            answer = parse(reply.said, fields)
        except ValueError as error:
            if declines(reply.said):
                return Outcome("refused", None, _short(reply.said), asked, tokens_in, tokens_out)
            wrong = "it ends before it is whole" if reply.cut else str(error)
        else:
            return Outcome("answered", answer, "", asked, tokens_in, tokens_out)
        again = f"This is not of the form asked for: {wrong}. Answer with the JSON object alone."
        messages = [
            *body["messages"],
            {"role": "assistant", "content": _short(reply.said) or "(nothing)"},
            {"role": "user", "content": again},
        ]
    return Outcome("invalid", None, wrong, asked, tokens_in, tokens_out)


class _FailedError(Exception):
    """There is no reply; `requests` were made."""

    def __init__(self, why: str, requests: int) -> None:
        super().__init__(why)
        self.requests = requests


def _reply_to(ask: Callable[[dict[str, Any]], Reply], body: dict[str, Any], patience: Patience) -> tuple[Reply, int]:
    """Return a reply, and how many requests it took."""
    for number in range(1, patience.tries + 1):
        try:
            return ask(body), number
        except QuestionError as error:
            raise _FailedError(str(error), number) from error
        except AgainError as error:
            if number == patience.tries or (error.after or 0.0) > _LONGEST_WISH:
                raise _FailedError(str(error), number) from error
            if patience.pause(_seconds_before(number, error.after, patience.random)):
                raise StoppedError from error
    raise AssertionError("there is one try at least")


def _seconds_before(number: int, wish: float | None, random: Random) -> float:
    """Return how long to wait after the `number`-th try: no less than the server wishes, and not all at once."""
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (number - 1))
    return (wish or 0.0) + longest * (random.random() if wish is not None else 0.5 + random.random() / 2)


def _short(said: str) -> str:
    return said[:500]
