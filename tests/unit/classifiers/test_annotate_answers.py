"""An answer is of the form that was asked for, or it is none."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from classifiers.annotation.answers import AnswerField, declines, form, json_schema, parse

FIELDS = {
    "reason": AnswerField(text=12),
    "score": AnswerField(low=0, high=5),
    "label": AnswerField(labels=("yes", "no")),
}
GOOD = {"reason": "Clear.", "score": 3, "label": "no"}


def said(**changes: object) -> str:
    return json.dumps({**GOOD, **changes})


@pytest.mark.parametrize(
    "words",
    [
        said(),
        f"```json\n{said()}\n```",
        f"<think>Is it {said(score=5)}?</think>{said()}",
        f"The form is {said(score=5)}. My answer: {said()} That is all {{truly}}.",
        said(label=" No "),
        said(score=3.0),
        json.dumps({"label": "NO", "score": 3, "reason": "Clear."}),
    ],
)
def test_the_answer_is_taken_out_of_what_stands_around_it(words: str) -> None:
    assert parse(words, FIELDS) == GOOD


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("", "no JSON object"),
        ("4", "no JSON object"),
        ('{"score": 4', "no JSON object"),
        ('{"score": NaN}', "no JSON object"),
        ('["yes"]', "no JSON object"),
        (json.dumps({"score": 3, "label": "no"}), "it has the fields label, score, not label, reason, score"),
        (said(more=1), "it has the fields label, more"),
        (said(score=6), "score: 6 is not within 0 … 5"),
        (said(score=-1), "score: -1 is not within"),
        (said(score=3.5), "score: 3.5 is no whole number"),
        (said(score="3"), "score: '3' is no whole number"),
        (said(score=True), "score: True is no whole number"),
        (said(score=None), "score: None is no whole number"),
        (said().replace("3", "1e999"), "score: inf is no whole number"),
        (said().replace("3", "9" * 400), "is not within"),
        (said(label="maybe"), "label: 'maybe' is none of yes, no"),
        (said(label=["no"]), "is none of yes, no"),
        (said(reason=7), "reason: 7 is no text"),
    ],
)
def test_what_is_not_of_the_form_says_what_is_wrong(words: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=re.escape(wrong)):
        parse(words, FIELDS)


def test_long_words_are_cut_and_half_characters_replaced() -> None:
    assert parse(said(reason="x" * 50), FIELDS)["reason"] == "x" * 12
    assert parse('{"reason": "\\ud83d", "score": 3, "label": "no"}', FIELDS)["reason"] == "?"


@given(st.text() | st.text('{}[]":,0123456789truefalsn \\').map(lambda inner: '{"score": ' + inner))
def test_whatever_is_said_it_is_an_answer_or_an_error(words: str) -> None:
    try:
        answer: dict[str, Any] = dict(parse(words, FIELDS))
    except ValueError:
        return
    assert answer.keys() == FIELDS.keys()


@given(st.integers(0, 5), st.sampled_from(["yes", "no"]), st.text(max_size=12).filter(str.isprintable))
def test_an_answer_of_the_form_is_taken_as_it_is(score: int, label: str, reason: str) -> None:
    answer = {"reason": reason, "score": score, "label": label}
    assert parse(json.dumps(answer), FIELDS) == answer


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("I'm sorry, but I can't help with that.", True),
        ("I’m sorry, but I can’t do that.", True),
        ("I can’t do that.", True),
        ("I cannot assist with this request.", True),
        ("I won't rate this.", True),
        ("As an AI, I do not judge.", True),
        ("<think>Hm.</think>\nSorry, no.", True),
        ("The author says: I cannot help.", False),
        ("I think it is a good page.", False),
        ("", False),
    ],
)
def test_a_refusal_in_words_is_known(words: str, refusal: bool) -> None:
    assert declines(words) is refusal


def test_the_form_is_told_in_words_and_as_a_schema() -> None:
    assert form(FIELDS) == ('{"reason": "at most 12 letters", "score": 0 … 5, a whole number, "label": "yes" | "no"}')
    schema = json_schema(FIELDS)
    assert schema["required"] == ["reason", "score", "label"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["score"]["enum"] == [0, 1, 2, 3, 4, 5]
    assert schema["properties"]["label"]["enum"] == ["yes", "no"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"low": 0},
        {"low": 5, "high": 5},
        {"labels": ["yes"]},
        {"labels": ["yes", "Yes"]},
        {"labels": ["yes", "no"], "text": 5},
        {"text": 0},
        {"letters": 5},
    ],
)
def test_a_field_is_of_one_kind(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AnswerField.model_validate(fields)
