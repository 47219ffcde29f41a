"""The form of an answer: what a model is told of it, and whether what it said is of that form."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Answer = dict[str, str | int]
"""Field → what the model said: a label, a grade or a few words."""
_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)
_DECLINED = re.compile(
    r"\W*(?:i(?:'m| am) (?:very )?sorry|sorry,|i (?:can(?:no|')t|can not|won't|will not|must decline)"
    r"|i(?:'m| am) (?:not able|unable)|as an ai\b)",
    re.IGNORECASE,
)


class AnswerField(BaseModel):
    """One field of an answer: of a closed list of labels, a whole number between two, or words.

    Attributes:
        labels: Those that there are.
        low: The lowest grade.
        high: The highest.
        text: So many code points at most.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    labels: tuple[str, ...] | None = Field(None, min_length=2)
    low: int | None = None
    high: int | None = None
    text: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        graded = self.low is not None or self.high is not None
        if sum((self.labels is not None, graded, self.text is not None)) != 1:
            raise ValueError("a field has either `labels`, or `low` and `high`, or `text`")
        if graded and (self.low is None or self.high is None or self.low >= self.high):
            raise ValueError("a grade has a `low` and a larger `high`")
        if self.labels and len({label.casefold() for label in self.labels}) != len(self.labels):
            raise ValueError("labels differ in more than capitals")
        return self

    @property
    def kind(self) -> Literal["label", "grade", "text"]:
        """Which of the three it is."""
        return "label" if self.labels else "text" if self.text else "grade"

    def schema_of(self) -> dict[str, Any]:
        """Return it as JSON Schema, in words that servers take in their strict mode: types and lists of values."""
        if self.labels:
            return {"type": "string", "enum": list(self.labels)}
        if self.text:
            return {"type": "string"}
        assert self.low is not None
        assert self.high is not None
        return {"type": "integer", "enum": list(range(self.low, self.high + 1))}

    def example(self) -> str:
        """Return what stands for it in the form that a model is shown."""
        if self.labels:
            return " | ".join(f'"{label}"' for label in self.labels)
        if self.text:
            return f'"at most {self.text} letters"'
        return f"{self.low} … {self.high}, a whole number"

    def checked(self, value: object) -> str | int:
        """Return a value as this field has it: a label in its own capitals, words cut to their length.

        Raises:
            ValueError: It is none of this field's.
        """
        if self.labels:
            own = {label.casefold(): label for label in self.labels}
            if not isinstance(value, str) or value.strip().casefold() not in own:
                raise ValueError(f"{_brief(value)} is none of {', '.join(self.labels)}")
            return own[value.strip().casefold()]
        if self.text:
            if not isinstance(value, str):
                raise ValueError(f"{_brief(value)} is no text")
            return whole_characters(value)[: self.text]
        assert self.low is not None
        assert self.high is not None
        if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
            raise ValueError(f"{_brief(value)} is no whole number")
        if not self.low <= value <= self.high:
            raise ValueError(f"{_brief(value)} is not within {self.low} … {self.high}")
        return int(value)


def json_schema(fields: Mapping[str, AnswerField]) -> dict[str, Any]:
    """Return the form of an answer as JSON Schema.

    >>> json_schema({"score": AnswerField(low=0, high=5)})["properties"]
    {'score': {'type': 'integer', 'enum': [0, 1, 2, 3, 4, 5]}}
    """
    return {
        "type": "object",
        "properties": {name: field.schema_of() for name, field in fields.items()},
        "required": list(fields),
        "additionalProperties": False,
    }


def form(fields: Mapping[str, AnswerField]) -> str:
    """Return the form of an answer as a model is shown it.

    >>> form({"score": AnswerField(low=0, high=5)})
    '{"score": 0 … 5, a whole number}'
    """
    return "{" + ", ".join(f'"{name}": {field.example()}' for name, field in fields.items()) + "}"


def parse(said: str, fields: Mapping[str, AnswerField]) -> Answer:
    """Return the answer in what a model said: the last JSON object, whatever stands around it.

    Raises:
        ValueError: It holds none of that form; the message says what is wrong with the last.

    >>> parse('Well: ```{"label": "Yes"}```', {"label": AnswerField(labels=("yes", "no"))})
    {'label': 'yes'}
    """
    objects = list(_objects(_THOUGHTS.sub("", said)))
    if not objects:
        raise ValueError("there is no JSON object in it")
    answer = objects[-1]
    if answer.keys() != fields.keys():
        raise ValueError(f"it has the fields {', '.join(sorted(answer)) or 'none'}, not {', '.join(sorted(fields))}")
    checked: Answer = {}
    for name, field in fields.items():
        try:
            checked[name] = field.checked(answer[name])
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return checked


def declines(said: str) -> bool:
    """Return whether words without an answer are a refusal.

    >>> declines("I'm sorry, but I can't help with that."), declines("The page is good.")
    (True, False)
    """
    return _DECLINED.match(_THOUGHTS.sub("", said).replace("’", "'")) is not None


def whole_characters(text: str) -> str:
    r"""Return a text without halves of surrogate pairs, which JSON can hold and no file of UTF-8.

    >>> whole_characters("a\ud83d")
    'a?'
    """
    return text.encode("utf-8", "replace").decode()


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a text that do not stand within another."""
    decoder = json.JSONDecoder(parse_constant=_refuse)
    start = text.find("{")
    while start >= 0:
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            yield value
        start = text.find("{", end)


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON")


def _brief(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
