"""Documents are annotated: each row has a verdict or a reason why not, whatever the server does."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from classifiers.annotate import main
from classifiers.annotation import asking
from tests.unit.classifiers.chat_server import GOOD, Chat, serve_chat

NONSENSE = "A fine page."
BEHAVIOURS = {
    "good": ([GOOD], "answered", 1),
    "late": (["HTTP 429", "HTTP 503", "drop", "half", "html", GOOD], "answered", 6),
    "corrected": ([NONSENSE, '{"score": 9}', GOOD], "answered", 3),
    "declined": (["declined"], "refused", 1),
    "filtered": (["filtered"], "refused", 1),
    "sorry": (["I'm sorry, but I can't help with that."], "refused", 1),
    "blocked": (["HTTP 400 content_filter"], "refused", 1),
    "nonsense": ([NONSENSE], "invalid", 3),
    "cut": (["cut"], "invalid", 3),
    "too-long": (["HTTP 400"], "failed", 1),
    "busy": (["HTTP 429"], "failed", 7),
    "gone": (["drop"], "failed", 7),
}


def behave(words: str, nth: int) -> str:
    """Do the nth thing of the behaviour that a question's page names, and the last one ever after."""
    named = re.search(r"<<([\w-]+)>>", words)
    assert named
    steps = BEHAVIOURS[named[1]][0]
    return steps[min(nth, len(steps)) - 1]


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    monkeypatch.setattr(asking, "_FIRST_PAUSE", 0.0)
    with serve_chat(behave) as served:
        yield served


def table(folder: Path, names: list[str]) -> Path:
    path = folder / "pages.jsonl"
    rows = [{"doc_id": f"d{row}", "text": f"Page {row} <<{name}>>", "language": "sv"} for row, name in enumerate(names)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def annotate(chat: Chat, path: Path, output: Path, *arguments: str) -> int:
    to = ["--server", chat.url, "--model", "judge", "--prompt", "quality", "--output", str(output)]
    return main([str(path), *to, "--tries", "7", *arguments])


def written(output: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.read_text().splitlines()]


def test_rows_in_are_answered_refused_invalid_and_failed(
    chat: Chat, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = list(BEHAVIOURS)
    assert annotate(chat, table(tmp_path, names), tmp_path / "out.jsonl") == 1
    rows = written(tmp_path / "out.jsonl")
    assert {name: row["status"] for name, row in zip(names, rows, strict=True)} == {
        name: status for name, (_, status, _) in BEHAVIOURS.items()
    }
    assert {name: chat.asked(f"<<{name}>>") for name in names} == {name: n for name, (_, _, n) in BEHAVIOURS.items()}
    assert "12 rows = 3 answered + 4 refused + 2 invalid + 3 failed" in capsys.readouterr().err


def test_a_row_says_what_was_said_by_whom_and_to_what(chat: Chat, tmp_path: Path) -> None:
    assert annotate(chat, table(tmp_path, ["good", "nonsense"]), tmp_path / "out.jsonl", "--keep", "text,language") == 0
    good, bad = written(tmp_path / "out.jsonl")
    assert len(good.pop("prompt_digest")) == 64
    assert good == {
        "id": "d0",
        "text": "Page 0 <<good>>",
        "language": "sv",
        "reason": "It explains.",
        "score": 4,
        "label": "yes",
        "status": "answered",
        "error": "",
        "model": "judge",
        "prompt": "quality",
    }
    assert (bad["score"], bad["label"], bad["error"]) == (None, None, "there is no JSON object in it")


def test_a_second_run_asks_only_what_failed(chat: Chat, tmp_path: Path) -> None:
    path = table(tmp_path, list(BEHAVIOURS))
    annotate(chat, path, tmp_path / "out.jsonl")
    before = {name: chat.asked(f"<<{name}>>") for name in BEHAVIOURS}
    annotate(chat, path, tmp_path / "out.jsonl")
    again = {name for name in BEHAVIOURS if chat.asked(f"<<{name}>>") > before[name]}
    assert again == {"too-long", "busy", "gone"}


def test_a_server_that_is_silent_is_asked_again(chat: Chat, tmp_path: Path) -> None:
    chat.behave = lambda _, nth: "delay" if nth == 1 else GOOD
    assert annotate(chat, table(tmp_path, ["good"]), tmp_path / "out.jsonl", "--timeout", "0.5", "--tries", "60") == 0
    assert len(chat.bodies) >= 2


def test_the_same_table_comes_out_however_often_it_was_interrupted(chat: Chat, tmp_path: Path) -> None:
    path = table(tmp_path, ["good"] * 6)
    annotate(chat, path, tmp_path / "whole.parquet")
    cache = (tmp_path / "whole.parquet.answers").read_bytes()
    lines = cache.splitlines(keepends=True)
    assert len(lines) == 6
    for cut in (0, 1, len(lines[0]) - 1, len(lines[0]), len(cache) // 2, len(cache) - 1):
        chat.bodies.clear()
        (tmp_path / "cut.parquet.answers").write_bytes(cache[:cut])
        assert annotate(chat, path, tmp_path / "cut.parquet") == 0
        assert len(chat.bodies) == 6 - cache[:cut].count(b"\n")
        assert (tmp_path / "cut.parquet").read_bytes() == (tmp_path / "whole.parquet").read_bytes()


def test_documents_that_show_the_same_are_asked_about_once(chat: Chat, tmp_path: Path) -> None:
    path = tmp_path / "pages.jsonl.gz"
    with gzip.open(path, "wt") as file:
        file.writelines(json.dumps({"doc_id": number, "text": "<<good>>"}) + "\n" for number in range(20))
    assert annotate(chat, path, tmp_path / "out.jsonl") == 0
    assert len(chat.bodies) == 1
    assert [row["id"] for row in written(tmp_path / "out.jsonl")] == [str(number) for number in range(20)]


@pytest.mark.parametrize("change", [["--model", "other"], ["--prompt", "math"], ["--extra", '{"temperature": 1}']])
def test_another_model_prompt_or_setting_is_asked_anew(chat: Chat, tmp_path: Path, change: list[str]) -> None:
    path = table(tmp_path, ["good"])
    annotate(chat, path, tmp_path / "out.jsonl")
    annotate(chat, path, tmp_path / "out.jsonl")
    assert len(chat.bodies) == 1
    annotate(chat, path, tmp_path / "out.jsonl", *change)
    assert len(chat.bodies) == 2


def test_no_more_questions_are_open_than_allowed_and_as_many_as_that(chat: Chat, tmp_path: Path) -> None:
    chat.together = Barrier(4)  # none is answered before four are open
    path = table(tmp_path, ["good"] * 12)
    assert annotate(chat, path, tmp_path / "out.jsonl", "--concurrency", "4") == 0
    assert chat.at_once == 4


def test_a_dry_run_tells_what_it_would_cost_and_asks_nothing(
    chat: Chat, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = table(tmp_path, ["good"] * 5)
    assert annotate(chat, path, tmp_path / "out.jsonl", "--dry-run", "--price-in", "1000", "--price-out", "0") == 0
    told = capsys.readouterr().err
    tokens = re.search(r"5 questions to ask, by a guess ([\d,]+) tokens in, [\d,]+ out: ([\d.]+)", told)
    assert tokens
    assert float(tokens[2]) == pytest.approx(int(tokens[1].replace(",", "")) / 1000, abs=0.01)
    assert chat.bodies == []
    assert [file.name for file in tmp_path.iterdir()] == ["pages.jsonl"]


def test_what_it_cost_is_what_the_server_counted(
    chat: Chat, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prices = ("--price-in", "10000", "--price-out", "100000")
    path = table(tmp_path, ["good", "corrected"])
    path.write_text(path.read_text() * 2)  # each page twice, and asked about once
    annotate(chat, path, tmp_path / "out.jsonl", *prices)
    assert "these rows took 400 tokens in, 40 out: 8.00" in capsys.readouterr().err  # four completions of 100 and 10


def test_documents_without_text_are_rows_and_no_questions(chat: Chat, tmp_path: Path) -> None:
    path = tmp_path / "pages.parquet"
    pq.write_table(pa.table({"doc_id": [1, 2, 3], "text": ["<<good>>", None, " \n"]}), path)
    assert annotate(chat, path, tmp_path / "out.parquet") == 0
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [(row["id"], row["status"], row["score"]) for row in rows] == [
        ("1", "answered", 4),
        ("2", "failed", None),
        ("3", "failed", None),
    ]
    assert len(chat.bodies) == 1


def test_a_key_goes_to_the_server_and_nowhere_else(
    chat: Chat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JUDGE_KEY", "secret-of-the-judge")
    assert annotate(chat, table(tmp_path, ["good"]), tmp_path / "out.jsonl", "--key-variable", "JUDGE_KEY") == 0
    assert chat.headers[0]["Authorization"] == "Bearer secret-of-the-judge"
    assert not [file for file in tmp_path.iterdir() if b"secret" in file.read_bytes()]
    assert "secret" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(("form", "kind"), [("schema", "json_schema"), ("object", "json_object"), ("none", None)])
def test_the_server_is_told_of_the_form(chat: Chat, tmp_path: Path, form: str, kind: str | None) -> None:
    annotate(chat, table(tmp_path, ["good"]), tmp_path / "out.jsonl", "--form", form)
    assert chat.bodies[0].get("response_format", {}).get("type") == kind


def test_keys_of_a_request_can_be_added_and_left_out(chat: Chat, tmp_path: Path) -> None:
    extra = '{"max_tokens": null, "max_completion_tokens": 300, "seed": 7}'
    annotate(chat, table(tmp_path, ["good"]), tmp_path / "out.jsonl", "--extra", extra)
    assert chat.bodies[0].keys() >= {"max_completion_tokens", "seed", "temperature"}
    assert "max_tokens" not in chat.bodies[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--text", "txt"), "has no column 'txt'; did you mean 'text'"),
        (("--prompt", "qualty"), "nor one of code, math, quality"),
        (("--keep", "colour"), "has no column 'colour'; it has doc_id, text, language"),
        (("--keep", "score"), "two columns would be called score"),
        (("--keep", "text,text"), "two columns would be called text"),
        (("--extra", "{"), "--extra is no JSON"),
        (("--extra", '{"model": "x"}'), "not its to say"),
        (("--server", "ftp://a"), "neither http:// nor https://"),
        (("--output", "/dev/null/out.jsonl"), "error: "),
        (("--output", "out.csv"), "is no .jsonl, .jsonl.gz or .parquet"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_asked(
    chat: Chat,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert annotate(chat, table(tmp_path, ["good"]), tmp_path / "out.jsonl", *arguments) == 1
    assert said in capsys.readouterr().err
    assert chat.bodies == []
