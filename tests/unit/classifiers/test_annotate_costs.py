"""Costs are guessed from above where they are guessed, and the commands in the documentation are commands."""

import json
import re
import shlex
from pathlib import Path

import pytest

from classifiers import annotate, fetch
from classifiers.annotation.costs import Prices, guessed_answer, guessed_question
from classifiers.annotation.prompt_files import prompt_names, read_prompt
from classifiers.hub.registry import registry
from classifiers.tokenizers import load_encoder

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "annotation.md").read_text()
COMMANDS = [
    shlex.split(command.replace("\\\n", " "))
    for block in re.findall(r"```sh not-run\n(.*?)```", GUIDE, re.DOTALL)
    for command in re.split(r"(?<!\\)\n", block)
    if command.startswith("python -m classifiers.")
]


@pytest.mark.parametrize("name", prompt_names())
def test_a_question_is_guessed_within_a_third_of_a_tokenizer_s_count(name: str) -> None:
    words = read_prompt(name).ask("The old mill by the river grinds the grain of the whole valley. " * 50, "en")
    assert guessed_question(words) == pytest.approx(load_encoder("tekken").lengths([words])[0], rel=0.34)


@pytest.mark.parametrize("name", prompt_names())
def test_an_answer_is_guessed_no_shorter_than_one_with_all_its_words(name: str) -> None:
    fields = read_prompt(name).answer
    words = "Six words of a short reason. " * 20
    values = (words[: form.text] if form.text else max(form.labels or ("0",), key=len) for form in fields.values())
    longest = json.dumps(dict(zip(fields, values, strict=True)))
    assert guessed_answer(fields) >= load_encoder("tekken").lengths([longest])[0]


def test_without_prices_there_is_no_price() -> None:
    assert Prices(0, 0).line(1000, 10) == "1,000 tokens in, 10 out"
    assert Prices(0, 3).line(1000, 1_000_000).endswith(": 3.00")


def test_the_guide_s_commands_are_understood() -> None:
    asked = [command for command in COMMANDS if command[2] == "classifiers.annotate"]
    assert {annotate._parser().parse_args(command[3:]).prompt for command in asked} >= {"quality", "math", "code"}
    assert all(annotate._parser().parse_args(command[3:]).prompt in prompt_names() for command in asked)
    fetched = [command for command in COMMANDS if command[2] == "classifiers.fetch"]
    assert {fetch._parser().parse_args(command[3:]).name for command in fetched} <= set(registry())
    assert fetched
