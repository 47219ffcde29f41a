"""Every reason that a stage gives has a meaning, and every meaning belongs to a reason."""

import ast
from pathlib import Path

import pytest

from pipeline.heuristics.datatrove import DatatroveParams, datatrove_rules
from pipeline.heuristics.measuring import SIGNAL_COLUMNS
from pipeline.heuristics.params import HeuristicsParams
from pipeline.heuristics.rules import rules_of
from pipeline.plan import NAMES
from schemas.reasons import REASONS, meaning_of

ROOT = Path(__file__).resolve().parents[2] / "pipeline"
REFUSALS = (
    "not_http http_status truncated no_url body_too_large undecodable_body empty_body not_html no_text"  # ingest's
)


def reasons_in(stage: str) -> set[str]:
    """Return the reasons that a stage's source names, in `dropped(stage, reason)`, `_drop(reason)` or a literal."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / "stages" / f"{stage}.py").read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)):
            continue
        words = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        if name == "dropped" and len(words) == 2:
            assert words[0] == stage
            found.add(words[1])
        elif (name == "_drop" and words) or (name == "Rule" and words):
            found.add(words[0])
    return found


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


@pytest.mark.parametrize("stage", ["ingest", "url_screen", "extract", "route", "dedup_line", "mix"])
def test_every_documented_reason_is_given_somewhere(stage: str) -> None:
    assert set(REASONS[stage]) == reasons_in(stage)


def test_the_scan_of_sources_finds_what_it_is_known_to_hold() -> None:
    assert reasons_in("ingest") == set(REFUSALS.split())


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
