"""Every reason that a stage gives has a meaning, and every meaning belongs to a reason."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipeline.heuristics.datatrove import DatatroveParams, datatrove_rules
from pipeline.heuristics.measuring import SIGNAL_COLUMNS
from pipeline.heuristics.params import HeuristicsParams
from pipeline.heuristics.rules import rules_of
from pipeline.plan import NAMES
from schemas.reasons import REASONS, meaning_of

ROOT = Path(__file__).resolve().parents[2] / "pipeline"
BY_MEASURE = {"extract": ("_refusal_of",)}
"""Stage → functions of its measure whose words are reasons, which the Column logic passes on."""
SHARED = {"ingest": "stages/ingest_table", "dedup_line": "rows/line_removal", "log_lines": "rows/line_removal"}
"""Stage → module that gives reasons in its name."""
REFUSALS = "not_http http_status truncated no_url no_host body_too_large undecodable_body empty_body not_html no_text"


def words_in(nodes: Iterable[ast.AST]) -> list[str]:
    return [one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def reasons_in(stage: str) -> set[str]:
    """Return the reasons that a stage's sources name: in `dropped(stage, reason)`, `refused(reason)`, its measure."""
    result = set()
    for module in (f"stages/{stage}", *([SHARED[stage]] if stage in SHARED else [])):
        for node in ast.walk(ast.parse((ROOT / f"{module}.py").read_text())):
            if isinstance(node, ast.FunctionDef) and node.name in BY_MEASURE.get(stage, ()):
                result |= set(words_in(ast.walk(node))) - {ast.get_docstring(node, clean=False)}
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name == "dropped":
                assert words_in(node.args[:1]) in ([], [stage])
                result |= set(words_in(node.args[1:2]))
            elif name in ("refused", "Rule"):
                result |= set(words_in(node.args[:1]))
    return result - {" "}  # what a page is stripped of


@pytest.mark.parametrize("stage", NAMES)
def test_every_reason_that_a_stage_names_is_documented(stage: str) -> None:
    assert reasons_in(stage) <= set(REASONS.get(stage, {}))


ALL = [*rules_of(HeuristicsParams()), *datatrove_rules(DatatroveParams(c4_paragraph=True))]


@pytest.mark.parametrize("reason", sorted({rule.name for rule in ALL}))
def test_every_rule_is_documented(reason: str) -> None:
    assert meaning_of("heuristics", reason)


def test_every_documented_rule_is_a_rule_and_measures_a_signal() -> None:
    assert {rule.name for rule in ALL} == set(REASONS["heuristics"])
    ours = rules_of(HeuristicsParams())
    assert len({rule.name for rule in ours}) == len(ours)
    assert {rule.signal for rule in ALL} <= {column.name for column in SIGNAL_COLUMNS}


@pytest.mark.parametrize("stage", ["ingest", "url_screen", "extract", "route", "dedup_line", "log_lines", "mix"])
def test_every_documented_reason_is_given_somewhere(stage: str) -> None:
    assert set(REASONS[stage]) == reasons_in(stage)


def test_the_scan_of_sources_finds_what_it_is_known_to_hold() -> None:
    assert reasons_in("ingest") == set(REFUSALS.split())
    assert reasons_in("dedup_line") == reasons_in("log_lines") == {"too_little_text_left"}
    assert "unreadable" in reasons_in("extract")


@pytest.mark.parametrize(("stage", "reason"), [(stage, reason) for stage, some in REASONS.items() for reason in some])
def test_a_meaning_is_one_sentence(stage: str, reason: str) -> None:
    meaning = meaning_of(stage, reason)
    assert meaning[0].isupper()
    assert meaning.endswith(".")
    assert "\n" not in meaning


def test_documented_stages_are_stages() -> None:
    assert set(REASONS) <= set(NAMES)
    assert meaning_of("ingest", "no such reason") == ""
    assert meaning_of("no such stage", "truncated") == ""
    assert meaning_of("url_screen", "listed.") == ""
    assert meaning_of("ingest", "listed.adult") == ""
