"""Files of verdicts: what is written is read again, the last verdict on an item holds, and nonsense is named."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InputError
from pipeline.review.verdicts import Verdict, append_verdict, read_verdicts, write_verdicts

ONE = Verdict("r", "heuristics", "gopher.too_few_words", "0" * 32, 49.0, 50.0, "dropped", "right", "ana")


def test_verdicts_come_back_and_the_last_on_an_item_holds(tmp_path: Path) -> None:
    path = str(tmp_path / "verdicts.jsonl")
    assert read_verdicts(path) == []
    two = replace(ONE, doc_id="1" * 32, value=None, limit=None)
    for verdict in (ONE, two, replace(ONE, verdict="skip"), replace(ONE, reviewer="ben")):
        append_verdict(path, verdict)
    assert read_verdicts(path) == [replace(ONE, verdict="skip"), two, replace(ONE, reviewer="ben")]
    write_verdicts(path, [two])
    assert read_verdicts(path) == [two]


def test_fields_of_others_are_passed_over_and_those_that_may_lack_do(tmp_path: Path) -> None:
    value = {name: entry for name, entry in asdict(ONE).items() if name not in {"reviewer", "setting"}}
    path = tmp_path / "verdicts.jsonl"
    path.write_text(json.dumps({**value, "note": "by hand"}) + "\n\n")
    assert read_verdicts(str(path)) == [replace(ONE, reviewer="")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"verdict": "yes"}, ":1: verdict is one of right, wrong, skip, not 'yes'"),
        ({"decision": []}, ":1: decision is one of dropped, kept"),
        ({"value": "49"}, ":1: value is a number or null"),
        ({"limit": True}, ":1: limit is a number or null"),
        ({"reviewer": 3}, ":1: reviewer is text"),
        ({"drops_at_limit": 1}, ":1: drops_at_limit is true or false"),
        ({"doc_id": None}, ":1: doc_id is text"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = tmp_path / "verdicts.jsonl"
    path.write_text(json.dumps({**asdict(ONE), **change}))
    with pytest.raises(InputError) as error:
        read_verdicts(str(path))
    assert f"{path}{said}" in str(error.value)


@pytest.mark.parametrize("line", ["{", "[1]", '{"run": "r"}', "\udcff"])
def test_what_is_no_verdict_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "verdicts.jsonl"
    path.write_bytes(line.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match="verdict"):
        read_verdicts(str(path))
