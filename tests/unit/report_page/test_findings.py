"""What stands out: the planted first, small counts never, and each in a sentence with its numbers."""

import shlex
from dataclasses import replace
from math import isfinite
from typing import Any

import pytest

from pipeline.cli.limits import WHAT_IF
from pipeline.engine.config import load_settings, make_params
from pipeline.heuristics.params import HeuristicsParams
from pipeline.heuristics.rule import Rule
from pipeline.heuristics.rules import rules_of
from pipeline.inspection.verdicts import StoredRules
from pipeline.report_page.facts import Facts
from pipeline.report_page.findings import MOST, findings
from pipeline.report_page.settings import looser, settings_in
from pipeline.report_page.surprises import at_least, at_most, excess
from pipeline.stages.heuristics import heuristics
from pipeline.url_screen.params import UrlScreenParams


def outcome(records: int, language: str | None, stage: str = "kept", reason: str | None = None) -> dict[str, Any]:
    return {
        "stage": stage,
        "reason": reason,
        "language": language,
        "category": "general",
        "records": records,
        "tokens": 9,
    }


def step(stage: str, rows_in: int, kept: int) -> dict[str, Any]:
    return {"stage": stage, "rows_in": rows_in, "kept": kept, "dropped": rows_in - kept}


def run_of(*outcomes: dict[str, Any], stages: tuple[str, ...] = ("language", "heuristics", "mix")) -> Facts:
    """Return a run in which stages dropped what outcomes say."""
    left, steps = sum(row["records"] for row in outcomes), []
    for stage in stages:
        gone = sum(row["records"] for row in outcomes if row["stage"] == stage)
        steps.append(step(stage, left, left - gone))
        left -= gone
    return Facts(run="runs/first", steps=steps, outcomes=outcomes)


def japanese(dropped: int, kept: int) -> Facts:
    return run_of(
        outcome(dropped, "ja", "heuristics", "gopher.too_few_words"), outcome(kept, "ja"),
        outcome(100, "en", "heuristics", "c4.lorem_ipsum"), outcome(2000, "en"), outcome(500, "de"),
    )  # fmt: skip


def test_a_rule_that_drops_all_japanese_pages_is_the_first() -> None:
    reason = ("heuristics", "gopher.too_few_words")
    facts = replace(
        japanese(412, 0), limits={(*reason, "ja"): (50.0, 50.0), (*reason, "en"): (20.0, 20.0)},
        settings={(*reason, "ja"): ("heuristics.languages.ja.min_words", 20.0)},
    )  # fmt: skip
    first = findings(facts)[0]
    assert first.sentence == (
        "heuristics dropped all 412 documents in Japanese (ja), but 3.8 % of all others;"
        " 100 % of these for gopher.too_few_words (limit 50)."
    )
    assert (first.level, first.figure) == ("wrong", "funnel_losses_by_language")
    (command,) = first.commands
    assert command == "gristmill what-if runs/first --set heuristics.languages.ja.min_words=20"
    assert load_settings([], asked(command)) == {"heuristics": {"languages": {"ja": {"min_words": 20}}}}
    sample, judge = first.links
    assert (sample.target, sample.reason, sample.language) == ("sample", "heuristics: gopher.too_few_words", "ja")
    assert (judge.target, judge.stage) == ("review", "heuristics")


def asked(command: str) -> list[str]:
    """Return what a command sets, as the command's own parser reads it."""
    words = shlex.split(command)
    assert words[:2] == ["gristmill", "what-if"]
    given: list[str] = WHAT_IF.parser("gristmill what-if").parse_args(words[2:]).set
    return given


def test_a_lost_language_gets_a_limit_of_its_own_to_try() -> None:
    key = ("heuristics", "gopher.too_few_words", "ja")
    facts = replace(japanese(412, 0), run="runs/my first", settings={key: ("heuristics.min_words", 25.0)})
    (command,) = findings(facts)[0].commands
    assert command == "gristmill what-if 'runs/my first' --set heuristics.languages.ja.min_words=25"
    made = HeuristicsParams.model_validate(load_settings([], asked(command))["heuristics"])
    assert made.by_language()["ja"]["min_words"] == 25


def test_settings_name_the_parameter_and_a_looser_value() -> None:
    stored = StoredRules(
        (Rule("few", "n_words", "<", 50.0, "min_words"), Rule("dup", "share", ">", 0.3, "max_share")),
        {"ja": {"min_words": 2000.0}},
    )
    limits = {("heuristics", "few", "ja"): (2000.0, 2000.0), ("heuristics", "few", "en"): (50.0, 50.0),
              ("heuristics", "dup", None): (0.3, 0.3), ("heuristics", "other", "en"): (1.0, 1.0)}  # fmt: skip
    assert settings_in(stored, limits, limits) == {
        ("heuristics", "few", "ja"): ("heuristics.languages.ja.min_words", 50.0),
        ("heuristics", "few", "en"): ("heuristics.min_words", 25.0),
        ("heuristics", "dup", None): ("heuristics.max_share", 0.65),
    }


def test_the_same_documents_are_told_of_once() -> None:
    rows = [
        outcome(90, "ja", "heuristics", "gopher.too_few_words") | {"category": "multilingual"},
        outcome(150, "de") | {"category": "multilingual"},
        outcome(2000, "en"),
    ]
    few = {"stage": "heuristics", "reason": "gopher.too_few_words", "records": 90, "is_expected": False, "meaning": ""}
    (found,) = findings(replace(run_of(*rows), reasons=[few]))
    assert found.sentence.endswith("The same pages are 90 of 240 documents of the category multilingual (38 %).")
    others = [*rows, outcome(120, "fr", "heuristics", "gopher.too_few_words") | {"category": "multilingual"}]
    assert len(findings(run_of(*others))) > 1  # then the category has losses of its own


def test_commands_quote_what_pages_wrote_and_are_read_by_the_stages() -> None:
    url = "https://a.example/it's here?a=1&b=$(rm)"
    facts = Facts(
        run="runs/first", steps=[step("dedup_document", 3000, 2500)], groups=[group(500) | {"source_url": url}],
        hosts=[host(0.33)],
    )  # fmt: skip
    one_host, copies = findings(facts)
    assert [shlex.split(command) for command in copies.commands] == [["gristmill", "explain", "runs/first", url]]
    assert "no limit per host" in one_host.advice
    written, again = one_host.commands
    assert written == "mkdir -p dropped && echo a.example >> dropped/hosts.txt"
    (setting,) = shlex.split(again)[-1:]
    made = UrlScreenParams.model_validate(load_settings([], [setting])["url_screen"])
    assert made.takedown == ("dropped",)
    assert one_host.links[0].query == "a.example"


@pytest.mark.parametrize(("dropped", "kept"), [(3, 0), (5, 4), (0, 412), (16, 400)])
def test_few_documents_and_usual_shares_alarm_nobody(dropped: int, kept: int) -> None:
    assert findings(japanese(dropped, kept)) == []


def test_what_holds_for_hundreds_holds_for_billions() -> None:
    facts = japanese(412, 0)
    many = replace(facts, outcomes=[{**row, "records": row["records"] * 10**6} for row in facts.outcomes])
    assert [found.level for found in findings(many)] == [found.level for found in findings(facts)] == ["wrong"]
    slightly = run_of(outcome(60_000_000, "ja", "heuristics", "x"), outcome(940_000_000, "ja"),
                      outcome(40_000_000, "en", "heuristics", "x"), outcome(960_000_000, "en"))  # fmt: skip
    assert findings(slightly) == []  # sure, and of no consequence


def test_copies_budget_and_unknown_languages_are_no_losses() -> None:
    facts = run_of(
        outcome(300, "ja", "mix", "over_budget"), outcome(900, "en"),
        outcome(300, "und", "heuristics", "gopher.too_few_words"), outcome(300, None, "language", "x"),
    )  # fmt: skip
    assert [found.sentence for found in findings(facts) if "ja" in found.sentence or "und" in found.sentence] == []


def test_what_servers_say_is_for_the_crawl_to_mend() -> None:
    rows: list[dict[str, Any]] = [
        {"stage": "ingest", "reason": "http_status", "host": "gone.example", "records": 300},
        {"stage": "kept", "reason": None, "host": None, "records": 3000},
    ]
    facts = Facts(steps=[step("ingest", 3300, 3000)], host_outcomes=rows)
    (found,) = findings(facts)
    assert found.level == "upstream"
    assert "all 300 pages of the host gone.example" in found.sentence


def test_a_host_of_which_a_rule_takes_all_is_called_out() -> None:
    rows: list[dict[str, Any]] = [
        {"stage": "heuristics", "reason": "c4.lorem_ipsum", "host": "gone.example", "records": 300},
        {"stage": "heuristics", "reason": "c4.lorem_ipsum", "host": None, "records": 30},
        {"stage": "kept", "reason": None, "host": None, "records": 3000},
    ]
    (found,) = findings(Facts(steps=[step("heuristics", 3330, 3000)], host_outcomes=rows))
    assert (found.level, found.figure) == ("wrong", "funnel_hosts")


def group(copies: int, stage: str = "kept") -> dict[str, Any]:
    return {"source_url": "https://a.example/", "doc_id": "0", "language": "en", "stage": stage, "older captures": 0,
            "exact copies": 20, "near duplicates": copies - 20, "copies": copies, "hosts": 7}  # fmt: skip


@pytest.mark.parametrize(
    ("copies", "handed", "level"),
    [(500, 3000, "upstream"), (500, 30_000, "look"), (5000, 10**8, "look"), (500, 10**8, None), (15, 60, None)],
)
def test_groups_of_copies_are_called_out_by_their_share(copies: int, handed: int, level: str | None) -> None:
    facts = Facts(steps=[step("dedup_document", handed, handed - copies)], groups=[group(copies)])
    found = findings(facts)
    assert [one.level for one in found] == ([] if level is None else [level])
    if level:
        said = f"{copies + 1:,} pages are the same page: {copies:,} from 7 hosts were dropped"
        assert found[0].sentence.startswith(said)


def test_a_survivor_that_was_dropped_later_is_told() -> None:
    facts = Facts(steps=[step("dedup_document", 3000, 2500)], groups=[group(500, "heuristics")])
    assert "later dropped by heuristics" in findings(facts)[0].sentence


def host(share: float) -> dict[str, Any]:
    return {"host": "a.example", "documents": 100, "rows": 180, "tokens": 1000, "share": share}


@pytest.mark.parametrize(("share", "level"), [(0.33, "wrong"), (0.06, "look"), (0.04, None)])
def test_a_host_is_called_out_by_its_share_of_the_release(share: float, level: str | None) -> None:
    facts = Facts(steps=[step("mix", 1000, 1000)], hosts=[host(share)])
    found = findings(facts)
    assert [one.level for one in found] == ([] if level is None else [level])
    assert all("which are in it 1.8 times on average" in one.sentence for one in found)


def test_of_a_handful_of_documents_no_host_fills_the_release() -> None:
    assert findings(Facts(steps=[step("mix", 9, 9)], hosts=[host(0.5)])) == []


def test_a_stage_that_keeps_nothing_comes_before_all_else() -> None:
    facts = Facts(
        steps=[step("dedup_document", 3000, 2500), step("heuristics", 2500, 0)], groups=[group(500)],
        reasons=[{"stage": "heuristics", "reason": "x", "records": 2500, "is_expected": False, "meaning": ""}],
    )  # fmt: skip
    first, second = findings(facts)
    assert first.sentence == "heuristics kept nothing: it dropped all 2,500 that it was handed, 2,500 times for x."
    assert "501 pages" in second.sentence


def test_damaged_inputs_missed_targets_and_contamination_are_told() -> None:
    benchmark = {"suite": "gsm8k", "is_training": False, "items": 100, "documents": 7, "coverage": 1.0, "share": 0.03}
    facts = Facts(
        steps=[step("decontaminate", 900, 900)], damaged=[("/in/a.warc.gz", "cut")], files=500,
        mix=[{"category": "code", "reached_share": 0.04, "target_share": 0.17, "bound_by": "epochs", "tokens": 40}],
        benchmarks=[benchmark, {**benchmark, "suite": "few", "documents": 2}, {**benchmark, "is_training": True}],
    )  # fmt: skip
    assert {found.sentence for found in findings(facts)} == {
        "1 input file of 500 is damaged, and may hold more than was read: a.warc.gz: cut.",
        "The mix has 4.0 % of its tokens from code, not the 17 % that were asked for; what bound it: epochs.",
        "7 documents of 900 hold items of the benchmark gsm8k; 3.0 % of its items are whole in documents.",
    }


def test_no_more_are_listed_than_anybody_reads() -> None:
    rows = [row for number in range(40) for row in (outcome(100, f"q{number}", f"s{number}", "x"), outcome(2000, "en"))]
    facts = run_of(*rows, stages=tuple(f"s{number}" for number in range(40)))
    assert len(findings(facts)) == MOST


def test_intervals_are_those_of_wilson() -> None:
    from scipy.stats import binomtest, norm

    z = norm.ppf(0.975)
    for count, of in ((3, 10), (1, 400), (399, 400)):
        interval = binomtest(count, of).proportion_ci(0.95, method="wilson")
        assert (at_least(count, of, z), at_most(count, of, z)) == pytest.approx((interval.low, interval.high))
    assert excess((5, 5), (0, 0), 3) == 0


def test_rows_without_a_host_are_no_host() -> None:
    facts = Facts(steps=[step("mix", 1000, 1000)], hosts=[{**host(1.0), "host": None}])
    assert findings(facts) == []


def test_every_looser_limit_is_one_that_what_if_takes() -> None:
    params = HeuristicsParams()
    asked_of = [rule for rule in rules_of(params) if isfinite(rule.limit)]
    assert len(asked_of) > 20
    for rule in asked_of:
        value = looser(rule.limit, rule.fails == "<", rule.limit)
        made = make_params(heuristics, {rule.parameter: int(value) if float(value).is_integer() else value})
        assert (value < rule.limit) if rule.fails == "<" else (value > rule.limit), rule.name
        assert made
