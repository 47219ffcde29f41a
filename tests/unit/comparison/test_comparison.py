"""The words of a comparison, its arguments, and what runs were made by."""

from dataclasses import replace

import pytest

from pipeline.cli.command import Command
from pipeline.cli.judging import COMPARE
from pipeline.cli.process import main
from pipeline.comparison.arguments import request_of
from pipeline.comparison.compare import Request
from pipeline.comparison.outcome import Comparison, Group, Tally
from pipeline.comparison.recipes import StageDifference, recipe_differences
from pipeline.comparison.report import comparison_lines
from pipeline.comparison.samples import Fate, Sample
from pipeline.errors import DifferenceError
from pipeline.runs.manifest import Manifest

KEPT, GONE = Fate(None, None, None, None), Fate("heuristics", "gopher.too_few_words", 60.0, 200.0)
MADE = Comparison(
    runs=("runs/a", "runs/b"),
    counts={"same": 90, "gained": 0, "lost": 4, "changed": 1, "moved": 2, "only_first": 0, "only_second": 3},
    kept_only=(0, 2),
    groups=[
        Group("lost", "", None, ("heuristics", "gopher.too_few_words"), 4),
        Group("changed", "text", None, None, 1),
    ],
    languages=[Tally("en", 0, 4, 0), Tally(None, 0, 0, 1)],
    hosts=[Tally("a.example", 0, 4, 1)],
    recipes=[StageDifference("heuristics", None, {"min_words": (50, 200)}, ("pipeline/x.py",), None)],
    samples=[Sample("lost", "", "0" * 32, "https://a.example/1", "en", KEPT, GONE, "A text\nof lines")],
)


def manifest(stage: str, params: dict[str, object], code: dict[str, str], version: int = 1) -> Manifest:
    return Manifest(stage, version, params, "k", [], [], "", code)


def asked(arguments: list[str]) -> Request:
    return request_of(COMPARE.parser("compare").parse_args(arguments))


def test_a_comparison_is_told_in_lines() -> None:
    said = list(comparison_lines(MADE))
    assert "only in the input of runs/b                          3, 2 of them kept" in said
    assert "gained, lost or changed, or kept and in one input alone: 7 % of them" in said
    assert "  heuristics.min_words: 50 → 200" in said
    assert "  heuristics: code differs in pipeline/x.py" in said
    assert "      second run: heuristics, gopher.too_few_words: 60, limit 200" in said
    assert "      A text ⏎ of lines" in said
    assert MADE.as_value()["share"] == 0.07


def test_parameters_code_versions_and_stages_that_differ_are_found() -> None:
    first = [manifest("a", {"x": {"y": 1, "z": 2}}, {"f": "1", "g": "2"}), manifest("b", {}, {}), manifest("d", {}, {})]
    second = [manifest("a", {"x": {"y": 1, "z": 3}}, {"f": "9"}), manifest("c", {}, {}), manifest("d", {}, {}, 2)]
    assert recipe_differences(first, second) == [
        StageDifference("a", None, {"x.z": (2, 3)}, ["f", "g"], None),
        StageDifference("b", 0, {}, (), None),
        StageDifference("d", None, {}, [], (1, 2)),
        StageDifference("c", 1, {}, (), None),
    ]
    assert recipe_differences(first, first) == []


@pytest.mark.parametrize(("text", "share"), [("0.5%", 0.005), (".005", 0.005), ("0", 0.0), ("100%", 1.0)])
def test_a_share_may_be_written_with_a_percent_sign(text: str, share: float) -> None:
    assert asked(["a/", "b", "--fail-over", text]).fail_over == pytest.approx(share)
    assert asked(["a/", "b"]).runs == ("a", "b")


@pytest.mark.parametrize("text", ["5", "-1%", "nan", "half", "101%"])
def test_what_is_no_share_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        asked(["a", "b", f"--fail-over={text}"])
    assert "--fail-over" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("share", "limit", "said"),
    [(0.032, 0.005, "3.2 % of documents changed sides, more than 0.5 %"), (0.0050001, 0.005, "0.50001 % of")],
)
def test_too_much_difference_is_an_error_of_its_own(
    share: float, limit: float, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def job(*_: object) -> None:
        raise DifferenceError(share, limit)

    assert main(Command("job", "", lambda _: None, job), []) == 1
    assert capsys.readouterr().err.startswith(f"error: {said}")


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_pages_give_a_terminal_no_command(
    more: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "a\x1b[31mred\x07\u202egnp\x9b2J\rx"
    sample = Sample(
        "changed", "text", "0" * 32, hostile, hostile, Fate(hostile, hostile, 1.0, 2.0), KEPT, hostile,
        (("removed", hostile), ("added", hostile)),
    )  # fmt: skip
    made = replace(MADE, samples=[sample], hosts=[Tally(hostile, 1, 1, 1)], languages=[Tally(hostile, 1, 1, 1)])
    monkeypatch.setattr("pipeline.comparison.compare.comparison", lambda *_: made)
    assert main(COMPARE, ["a", "b", *more]) == 0
    said = capsys.readouterr().out
    assert "[31mred" in said
    assert not {"\x1b", "\x07", "\u202e", "\x9b", "\r"} & set(said)
