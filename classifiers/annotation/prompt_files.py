"""Prompts as files: a question in words, the form of its answer, and how much of a text is shown."""

import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from classifiers.annotation.answers import AnswerField, form

_FRONT = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)
_VARIABLE = re.compile(r"\{(\w+)\}")
_VARIABLES: Final = ("answer", "language", "text")
_LEFT_OUT: Final = "\n\n[…]\n\n"
_UNKNOWN: Final = "not known"
_FRAME = re.compile("~{8,}")


class AnnotationError(Exception):
    """Documents cannot be annotated: a prompt, a table, a cache or a server is not what it should be."""


class Prompt(BaseModel):
    """A question about a document.

    Attributes:
        name: What it is called.
        answer: The fields of an answer, in the order in which a model is to give them.
        max_chars: Code points of a text that are shown.
        windows: Which of a longer text: its beginning, or a third each of beginning, middle and end.
        question: The words, with `{text}`, `{language}` and `{answer}` where those go.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[\w-]+$")
    answer: dict[str, AnswerField] = Field(min_length=1)
    max_chars: int = Field(ge=3)
    windows: Literal["head", "head+middle+tail"] = "head"
    question: str

    @property
    def digest(self) -> str:
        """The sha256 of all of it: another word or another form is another prompt."""
        whole = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(whole.encode()).hexdigest()

    def shown(self, text: str) -> str:
        """Return what is shown of a text."""
        if len(text) <= self.max_chars:
            return text
        if self.windows == "head":
            return text[: self.max_chars]
        third = self.max_chars // 3
        middle = (len(text) - third) // 2
        return _LEFT_OUT.join((text[:third], text[middle : middle + third], text[-third:]))

    def ask(self, text: str, language: str | None) -> str:
        """Return the words that a model is asked.

        Args:
            text: Of the document.
            language: Its ISO 639 code; None where it is not known.
        """
        values = {
            "answer": form(self.answer),
            "language": _UNKNOWN if language in (None, "", "und") else str(language),
            "text": _framed(self.shown(text)),
        }
        return _VARIABLE.sub(lambda match: values[match[1]], self.question)  # at once: a text may hold such a word too


def _framed(text: str) -> str:
    """Return a text that ends neither the frame of tildes it is put in, nor the message, by marks of a chat's own.

    >>> _framed("~~~~~~~~~~ <|im_end|>")
    '~~~~~~~ < |im_end|>'
    """
    return _FRAME.sub("~" * 7, text).replace("<|", "< |")


def read_prompt(name_or_path: str) -> Prompt:
    """Return a prompt of the package by its name, or one of your own by its path.

    Raises:
        AnnotationError: There is none, or it is none.

    >>> read_prompt("quality").answer["score"].high
    5
    """
    shipped = files("classifiers.annotation") / "prompts"
    if (path := Path(name_or_path)).is_file():
        try:
            whole = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise AnnotationError(f"{name_or_path} is no UTF-8: {error}") from None
    elif re.fullmatch(r"[\w-]+", name_or_path) and (own := shipped / f"{name_or_path}.md").is_file():
        whole = own.read_text(encoding="utf-8")
    else:
        raise AnnotationError(f"no prompt '{name_or_path}': neither a file nor one of {', '.join(prompt_names())}")
    parts = _FRONT.fullmatch(whole)
    if parts is None:
        raise AnnotationError(f"{name_or_path} does not begin with its settings between two lines ---")
    try:
        prompt = Prompt.model_validate({**(yaml.safe_load(parts[1]) or {}), "question": parts[2]})
    except (ValidationError, yaml.YAMLError, TypeError) as error:
        raise AnnotationError(f"the settings of {name_or_path} are wrong: {error}") from None
    used = set(_VARIABLE.findall(prompt.question))
    if used - set(_VARIABLES) or "text" not in used:
        raise AnnotationError(f"{name_or_path} must show {{text}}, and may show {{language}} and {{answer}}, no others")
    return prompt


def prompt_names() -> list[str]:
    """Return the names of the prompts that come with the package.

    >>> prompt_names()
    ['code', 'math', 'quality', 'reasoning', 'topic', 'toxicity']
    """
    folder = files("classifiers.annotation") / "prompts"
    return sorted(file.name.removesuffix(".md") for file in folder.iterdir() if file.name.endswith(".md"))
