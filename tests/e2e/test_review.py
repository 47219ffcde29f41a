"""Review of the sample's decisions: which are shown, what is shown of them, and verdicts from typed keys."""

import io
import json
import os
import pty
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.judging import REVIEW
from pipeline.cli.process import main
from pipeline.results.redaction import shown_texts
from pipeline.review.items import borderline, reviewable_stages, select_random
from pipeline.review.verdicts import read_verdicts
from pipeline.runs.run import Head, Run
from pipeline.runs.table import Table
from tests.e2e.reading import decisions

BEFORE_PII = ("ingest", "url_screen", "safety")


def typed(monkeypatch: pytest.MonkeyPatch, keys: str, *arguments: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{key}\n" for key in keys)))
    return main(REVIEW, list(arguments))


def test_stages_that_compare_with_a_limit_can_be_reviewed(finished: Path) -> None:
    assert reviewable_stages(str(finished)) == [
        "ingest", "url_screen", "safety", "pii", "dedup_document", "dedup_line", "heuristics",
    ]  # fmt: skip


def test_items_are_the_closest_decisions_as_the_table_of_decisions_has_them(finished: Path) -> None:
    by_id = {row["doc_id"]: row for row in decisions(finished).values()}
    for stage in reviewable_stages(str(finished)):
        items = borderline(str(finished), stage, 40)
        distances = [abs((item.value or 0) - (item.limit or 0)) / (abs(item.limit or 0) or 1) for item in items]
        assert items, stage
        assert distances == sorted(distances), stage
        assert len({item.id for item in items}) == len(items)
        for item in items:
            row = by_id[item.doc_id]
            assert row["source_url"] == item.url
            assert (row["stage"] == stage) == (item.decision == "dropped")
            if item.decision == "dropped":
                assert (row["reason"], row["value"], row["limit"]) == (item.reason, item.value, item.limit)
                assert (row["similarity"], row["survivor_url"]) == (item.similarity, item.other_url)
        json.dumps([item.as_value() for item in items])


def test_all_drops_with_a_limit_are_found_and_none_else(finished: Path) -> None:
    rows = [row for row in decisions(finished).values() if row["stage"] == "heuristics"]
    dropped = {item.doc_id for item in borderline(str(finished), "heuristics", 1000) if item.decision == "dropped"}
    assert dropped == {row["doc_id"] for row in rows}


def test_texts_are_shown_from_the_stage_that_redacts_on(finished: Path) -> None:
    for stage in BEFORE_PII:
        assert all(item.text is None and item.title is None for item in borderline(str(finished), stage, 20))
    (dense,) = (item for item in borderline(str(finished), "pii", 20) if item.decision == "dropped")
    assert "<EMAIL_ADDRESS>" in str(dense.text)
    assert "@" not in str(dense.text)
    near = [item for item in borderline(str(finished), "dedup_document", 40) if item.reason == "near_duplicate"]
    assert len(near) == 14
    assert all({"removed", "added"} & {op for op, _ in item.differences} for item in near)


def test_a_run_that_never_redacted_shows_no_text(run_copy: Path) -> None:
    head = Head.load(str(run_copy))
    head.stages = {stage: key for stage, key in head.stages.items() if stage in (*BEFORE_PII, "dedup_url", "opt_out")}
    head.save(str(run_copy))
    items = select_random(str(run_copy), "dedup_url", 20).items
    assert len(items) == 16
    assert all(item.other_url and item.text is None and item.other_text is None for item in items)


def test_a_text_that_the_redacting_stage_did_not_read_is_not_shown(finished: Path) -> None:
    table = Run(str(finished)).table("pii")
    rows = {table.parts[0].name: list(range(table.parts[0].rows))}
    assert len(shown_texts(table, rows)) > 10
    unread = {name: record for name, record in table.manifest.sets.items() if name}  # "" is what redaction left
    assert shown_texts(Table(table.root, (*table.chain[:-1], replace(table.manifest, sets=unread))), rows) == {}


def test_a_random_sample_is_the_same_each_time_and_another_for_another_seed(finished: Path) -> None:
    samples = [
        [item.id for item in select_random(str(finished), "dedup_document", 8, seed).items] for seed in (0, 0, 1)
    ]
    assert samples[0] == samples[1] != samples[2]
    everything = {item.id for item in select_random(str(finished), "dedup_document", 1000).items}
    assert len(everything) == 24
    assert set(samples[0]) | set(samples[2]) <= everything


def test_verdicts_are_saved_key_by_key_and_the_same_command_goes_on(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "verdicts.jsonl")
    words = [str(finished), "--stage", "dedup_document", "--borderline", "14", "--verdicts", file, "--reviewer", "ana"]
    assert typed(monkeypatch, "ynq", *words) == 0
    assert [verdict.verdict for verdict in read_verdicts(file)] == ["right", "wrong"]
    assert "precision among the 14 closest decisions: 0.500 (1 of 2;" in capsys.readouterr().out
    assert typed(monkeypatch, "y" * 12, *words) == 0
    said = capsys.readouterr().out
    assert "[1/14]" not in said
    assert "[14/14]" in said
    assert "0.929 (13 of 14; 95 % interval 0.661 to 0.998)" in said
    assert "no other limit is argued for yet: all verdicts are on one side of the limit" in said
    first = json.loads(Path(file).read_text().splitlines()[0])
    assert {"text", "url", "title"}.isdisjoint(first)
    assert first["limit"] == 0.8
    assert first["reviewer"] == "ana"


def test_two_reviewers_are_compared(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(finished), "--stage", "dedup_document", "--borderline", "4", "--verdicts"]
    files = [str(tmp_path / name) for name in ("ana", "ben")]
    for file, keys in zip(files, ("yyny", "ynny"), strict=True):
        assert typed(monkeypatch, keys, *words, file) == 0
    capsys.readouterr()
    assert typed(monkeypatch, "", *words, files[0], "--agree", files[1]) == 0
    assert "Cohen's kappa: 0.500" in capsys.readouterr().out
    assert typed(monkeypatch, "", *words, files[0], "--agree", str(tmp_path / "cleo")) == 2
    assert "cleo holds no verdicts on dedup_document" in capsys.readouterr().err


def test_keys_of_a_terminal_are_taken_without_a_line(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "verdicts.jsonl")
    master, slave = pty.openpty()
    with os.fdopen(slave, "r") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        os.write(master, b"ynq")
        assert main(REVIEW, [str(finished), "--stage", "pii", "--borderline", "1", "--verdicts", file]) == 0
    os.close(master)
    assert [verdict.verdict for verdict in read_verdicts(file)] == ["right"]
    assert "precision among the 1 closest decisions: 1.000" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--stage", "mix"], "mix compares nothing with a limit (these do: ingest, url_screen, safety, pii"),
        (["--stage", "heuristic"], "did you mean 'heuristics'?"),
    ],
)
def test_what_cannot_be_reviewed_is_refused_in_a_line(
    finished: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(REVIEW, [str(finished), *arguments]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


def test_one_object_says_all_that_is_shown(finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--stage", "heuristics", "--borderline", "6", "--json", "--verdicts", str(tmp_path / "none")]
    assert main(REVIEW, [str(finished), *words]) == 0
    value: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert len(value["items"]) == 6
    assert {item["decision"] for item in value["items"]} == {"dropped", "kept"}
    assert value["estimate"]["dropped"]["of"] == 0
