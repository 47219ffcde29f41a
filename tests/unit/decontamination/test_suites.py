"""Files of suites: which fields are what, what is left out, and what cannot be read."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.decontamination.items import item_batches, read_items
from pipeline.decontamination.params import DecontaminateParams
from pipeline.decontamination.suite_files import SuiteFile, declared_suites, suite_files
from pipeline.errors import ConfigError

QUESTION = "How many sacks does the miller grind in a week of rain?"


def written(path: Path, *rows: Mapping[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def only(folder: Path, own: str | None = None) -> SuiteFile:
    (file,) = suite_files([str(folder)], [], declared_suites(own))
    return file


@pytest.mark.parametrize(
    ("name", "row", "question", "answer"),
    [
        ("gsm8k.jsonl", {"question": "q", "answer": "so it is\n#### 18"}, "q", "18"),
        ("mmlu_law.jsonl.gz", {"question": "q", "choices": ["sun", "moon"], "answer": 1}, "q", "moon"),
        (
            "arc_easy.jsonl",
            {"question": "q", "choices": {"text": ["x", "y"], "label": ["A", "B"]}, "answerKey": "A"},
            "q",
            "x",
        ),
        ("hellaswag.jsonl", {"ctx": "c", "endings": ["e0", "e1"], "label": "0"}, "c", "e0"),
        ("svamp.jsonl", {"Body": "b", "Question": "q", "Answer": 145.0}, "b\nq", "145"),
        ("mathqa.jsonl", {"problem": "q", "options": "a ) 12 , b ) 16", "correct": "b"}, "q", "16"),
        ("squad.jsonl", {"question": "q", "context": "p", "answers": {"text": ["rye", "b"]}}, "q", "rye"),
        ("unheard_of.jsonl", {"Prompt": "q", "Target": "rye"}, "q", "rye"),
        ("unheard_of.jsonl", {"query": "q", "label": "C"}, "q", ""),
    ],
)
def test_question_and_answer_are_read_by_the_list_or_by_names(
    tmp_path: Path, name: str, row: dict[str, Any], question: str, answer: str
) -> None:
    written(tmp_path / name, row)
    (item,) = read_items(only(tmp_path))
    assert (item.question, item.answer) == (question, answer)


def test_suites_are_called_by_file_or_folder_and_known_by_their_bytes(tmp_path: Path) -> None:
    written(tmp_path / "gsm8k" / "test.jsonl", {"question": "q", "answer": "1"})
    written(tmp_path / "own.jsonl", {"question": "q"})
    files = suite_files([str(tmp_path)], [], declared_suites(None))
    assert [file.suite for file in files] == ["gsm8k", "own"]
    assert [file.fields is None for file in files] == [False, True]
    before = DecontaminateParams(suites=(str(tmp_path),)).resolved().suites_digest
    written(tmp_path / "own.jsonl", {"question": "another"})
    assert before != DecontaminateParams(suites=(str(tmp_path),)).resolved().suites_digest


def test_a_list_of_ones_own_goes_first(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("mine: {files: gsm8k*, question: [a.b], answer: c}\n")
    written(tmp_path / "suites" / "gsm8k.jsonl", {"a": {"b": "nested"}, "c": "rye"})
    (item,) = read_items(only(tmp_path / "suites", str(own)))
    assert (item.question, item.answer) == ("nested", "rye")
    own.write_text("mine: {files: gsm8k*}\n")
    with pytest.raises(ConfigError, match=r"(?s)no list of suites: .*neither 'question' nor why it is 'left_out'"):
        declared_suites(str(own))


@pytest.mark.parametrize(
    "name", ["code2text.jsonl", "swde_movie.jsonl", "RealToxicityPrompts.jsonl", "jsonschema.jsonl"]
)
def test_suites_of_public_material_are_left_out_and_say_why(tmp_path: Path, name: str) -> None:
    written(tmp_path / name, {"text": "t"})
    fields = only(tmp_path).fields
    assert fields is not None
    assert fields.left_out


def test_what_cannot_be_read_is_told_with_file_and_fields(tmp_path: Path) -> None:
    path = written(tmp_path / "odd.jsonl", {"question": QUESTION}, {"colour": "red", "size": 3})
    with pytest.raises(ConfigError, match=r"line 2 of '.*odd\.jsonl' has no question: .* it has: colour, size"):
        list(read_items(only(tmp_path)))
    path.write_text("no JSON\n")
    with pytest.raises(ConfigError, match=r"line 1 of '.*odd\.jsonl' is no JSON"):
        list(read_items(only(tmp_path)))
    path.unlink()
    with pytest.raises(ConfigError, match=r"decontaminate\.suites: no file in .* ends in \.jsonl"):
        DecontaminateParams(suites=(str(tmp_path),)).resolved()
    with pytest.raises(ConfigError, match=r"decontaminate\.train_suites: there is no"):
        DecontaminateParams(train_suites=(str(tmp_path / "gone"),)).resolved()


def test_items_that_are_too_short_have_no_units_and_are_counted(tmp_path: Path) -> None:
    rows = [{"question": QUESTION}, {"question": "Who is it?"}, {"question": "Who is it?", "answer": QUESTION}]
    written(tmp_path / "own.jsonl", *rows)
    (batch,) = item_batches(only(tmp_path))
    assert batch["words"].to_pylist() == [12, 3, 15]
    assert [len(units) for units in batch["units"].to_pylist()] == [12, 0, 15]
    assert batch["item"].to_pylist() == ["1", "2", "3"]
