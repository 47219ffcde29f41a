"""Summaries of a run are what a plain query over its decisions and report gives, and every chart of it can be drawn."""

import itertools
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyarrow.compute as pc
import pytest

from pipeline.charts import funnel as funnel_charts
from pipeline.charts.figures import Section
from pipeline.charts.html_tables import page_html
from pipeline.charts.sections import figures
from pipeline.errors import ConfigError
from pipeline.inspection.whatif import what_if
from pipeline.release.manifest import read_manifest
from pipeline.runs.funnel import records_in
from pipeline.runs.ledger import LEDGER, StageCost, add_to_ledger, latest_costs
from pipeline.runs.run import Run
from pipeline.summaries import (
    classifiers,
    comparison,
    distributions,
    duplicates,
    extraction,
    funnel,
    limits,
    mix,
    signals,
)
from pipeline.summaries.documents import samples
from pipeline.summaries.page_view import page_view
from pipeline.summaries.reading import KEPT_STAGE, all_records, records_judged
from schemas.columns import BODY_BYTES, CATEGORY, HOST, LANGUAGE, TOKENS
from tests.e2e.copies import run_before
from tests.e2e.reading import rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="module")
def run(finished: Path) -> str:
    return str(finished)


@pytest.fixture(scope="module")
def decided(finished: Path) -> list[dict[str, Any]]:
    return rows(finished, "decisions")


@pytest.fixture(scope="module")
def read_only(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run that was ended behind `extract`."""
    return str(run_before("language", finished, tmp_path_factory.mktemp("short") / "run"))


@pytest.fixture(scope="module")
def shown(run: str) -> list[Section]:
    return list(figures(run, against=run))


def test_the_steps_are_those_of_the_report(run: str, finished: Path) -> None:
    report = json.loads((finished / "report.json").read_text())
    assert funnel.steps(run).to_pylist() == [
        {"stage": line["stage"], "rows_in": line["in"], "kept": line["kept"], "dropped": line["in"] - line["kept"]}
        for line in report["stages"]
    ]
    dropped = {(line["stage"], reason): count for line in report["stages"] for reason, count in line["dropped"].items()}
    assert {(row["stage"], row["reason"]): row["records"] for row in funnel.reasons(run).to_pylist()} == dropped


def test_outcomes_count_every_record_once(run: str, decided: list[dict[str, Any]]) -> None:
    cube = funnel.outcomes(run).to_pylist()
    counted: Counter[tuple[str, str | None]] = Counter()
    for row in cube:
        counted[row["stage"], row["reason"]] += row["records"]
    assert counted == Counter((row["stage"] or KEPT_STAGE, row["reason"]) for row in decided)
    assert sum(row["records"] for row in funnel.sizes(run).to_pylist()) == records_in(Run(run).tables()) == len(decided)
    released = read_manifest(f"{run}/release")
    assert released is not None


def test_hosts_add_up(run: str, decided: list[dict[str, Any]]) -> None:
    table = funnel.hosts(run, most=1000).to_pylist()
    assert sum(row["records"] for row in table) == len(decided)
    assert sum(row["kept"] for row in table) == sum(row["kept"] for row in decided)


def test_records_bytes_and_tokens_of_reasons_languages_categories_and_hosts_are_those_of_the_records(run: str) -> None:
    columns = (LANGUAGE, CATEGORY, HOST, BODY_BYTES, TOKENS)
    expected: dict[str, Counter[tuple[str | None, str]]] = defaultdict(Counter)
    for batch in all_records(Run(run).tables(), columns):
        for row in batch.to_pylist():
            groups = {name: row[name] for name in ("language", "category", "host")}
            if row["drop"]:
                groups["reason"] = f"{row['drop']['stage']}: {row['drop']['reason']}"
            for name, group in groups.items():
                for unit, amount in (("records", 1), ("body_bytes", row["body_bytes"]), ("tokens", row["tokens"])):
                    expected[name][group, unit] += amount or 0
    tables = {
        "reason": funnel.reason_totals(run),
        "language": funnel.group_totals(run),
        "category": funnel.group_totals(run, "category"),
        "host": funnel.hosts(run, most=1000),
    }
    for name, table in tables.items():
        units = ("records", "body_bytes", "tokens")
        told = {(row[name], unit): row[unit] or 0 for row in table.to_pylist() for unit in units}
        assert told == dict(expected[name])
    shown = {figure.name for figure in funnel_charts.section(run).figures}
    assert shown >= {f"funnel_amounts_by_{name}" for name in tables}


def test_documents_that_are_shown_have_reason_value_and_limit(run: str, decided: list[dict[str, Any]]) -> None:
    stored = {row["doc_id"]: (row["reason"], row["value"], row["limit"]) for row in decided}
    for row in samples(run, "heuristics"):
        assert (row["reason"], row["value"], row["limit"]) == stored[row["doc_id"]]
    assert "reason" not in samples(run)[0]


def test_of_each_language_what_is_handed_on_is_what_is_left(run: str) -> None:
    table = funnel.shares_kept(run, most=1000).to_pylist()
    totals = {row["language"]: row for row in funnel.group_totals(run).to_pylist()}
    for language in {row["language"] for row in table}:
        steps = [row for row in table if row["language"] == language]
        assert steps[0]["rows_in"] == totals[language]["records"]
        assert all(one["rows_in"] - one["dropped"] == two["rows_in"] for one, two in itertools.pairwise(steps))
        assert steps[-1]["rows_in"] - steps[-1]["dropped"] == totals[language]["kept"]


def test_costs_are_those_of_the_ledger_and_nothing_without_one(run: str, run_copy: Path) -> None:
    latest = latest_costs(run)
    assert {row["stage"]: row["cpu_seconds"] for row in funnel.costs(run).to_pylist()} == {
        stage: cost.cpu_seconds for stage, cost in latest.items()
    }
    (run_copy / LEDGER).unlink()
    assert funnel.costs(str(run_copy)).num_rows == 0
    cost = StageCost("extract", "k", "2026-01-01T00:00:00Z", 4.0, 2.5, 0.5, 100, 300, 290, 100, 4, 2, 1000, 2000, 2)
    add_to_ledger(str(run_copy), cost)
    (row,) = funnel.costs(str(run_copy)).to_pylist()
    assert (row["stage"], row["cpu_seconds"], row["cpu_ms_per_page"], row["stored_bytes"]) == (
        "extract",
        3.0,
        30.0,
        2000,
    )


def test_groups_of_copies_are_those_of_the_decisions(run: str, decided: list[dict[str, Any]]) -> None:
    kinds = {"newer_capture": "older captures", "exact_duplicate": "exact copies", "near_duplicate": "near duplicates"}
    expected: Counter[tuple[str, str]] = Counter(
        (row["survivor_record_id"], kinds[row["reason"]]) for row in decided if row["survivor_record_id"]
    )
    sums: Counter[str] = Counter()
    for (_, kind), count in expected.items():
        sums[kind] += count
    sizes = duplicates.group_sizes(run).to_pylist()
    assert {kind: sum(row["copies"] for row in sizes if row["kind"] == kind) for kind in sums} == dict(sums)
    assert sum(row["groups"] for row in sizes) == len(expected)
    in_all: Counter[str] = Counter()
    for (record, _), count in expected.items():
        in_all[record] += count
    biggest = duplicates.biggest_groups(run, most=5).to_pylist()
    assert [row["copies"] for row in biggest] == sorted(in_all.values(), reverse=True)[:5]
    records = {row["doc_id"]: row["record_id"] for row in decided}
    hosts: dict[str, set[str]] = defaultdict(set)
    for row in decided:
        hosts[row["survivor_record_id"]].add(urlsplit(row["source_url"]).hostname or "")
    assert [row["hosts"] for row in biggest] == [len(hosts[records[row["doc_id"]]]) for row in biggest]
    near = [row for row in decided if row["reason"] == "near_duplicate"]
    similar = duplicates.similarities(run)
    assert pc.sum(similar["documents"]).as_py() == len(near)
    assert float(similar.schema.metadata[b"threshold"]) == near[0]["limit"]


def test_rules_asked_again_drop_what_the_run_dropped_with_value_and_limit(run: str) -> None:
    judge, judged = signals.judge_of(run), 0
    for batch in records_judged(run, "heuristics", judge.columns):
        drops = judge.drops(batch)
        for number, value, limit, drop in zip(*drops, batch.column("drop").to_pylist(), strict=True):
            stored = drop if drop and drop["stage"] == "heuristics" else None
            told = (judge.rules[number].name, value, limit) if number >= 0 else None
            assert told == (stored and (stored["reason"], stored["value"], stored["limit"]))
            judged += 1
    assert judged == Run(run).table("heuristics").before.rows


def test_rules_that_fire_add_up(run: str) -> None:
    fired = signals.fired(run, languages=1000)
    dropped = Run(run).table("heuristics").manifest.dropped()
    table = fired.rules.to_pylist()
    assert {row["rule"]: row["first"] for row in table if row["first"]} == dropped
    assert all(row["only"] <= row["first"] <= row["documents"] for row in table)
    by_rule: Counter[str] = Counter()
    for row in fired.languages.to_pylist():
        by_rule[row["rule"]] += row["fired"]
    assert by_rule == Counter({row["rule"]: row["documents"] for row in table if row["documents"]})


def test_histograms_count_every_document(run: str) -> None:
    judged = Run(run).table("heuristics").before.rows
    for by in ("", "language", "category"):
        bins = distributions.distributions(run, ["n_words", "mean_word_length"], by).bins
        assert pc.sum(bins.filter(pc.equal(bins["signal"], "n_words"))["documents"]).as_py() == judged


def test_sliders_answer_as_what_if_does(run: str, spark: "SparkSession") -> None:
    asked = {"min_words": 150, "max_short_line_share": None, "min_sentences": 0, "languages": {"de": {"min_words": 5}}}
    settings = tuple(f"heuristics.{name}={json.dumps(value)}" for name, value in asked.items())
    answer, ours = what_if(lambda: spark, run, (), settings, sample=50), limits.flips(run, asked, most=50)
    cells = {
        (cell.language, cell.category): (cell.before["documents"], cell.after["documents"]) for cell in answer.cells
    }
    assert {
        (row["language"], row["category"]): (row["before"], row["after"]) for row in ours.cells.to_pylist()
    } == cells
    assert {row["reason"]: (row["before"], row["after"]) for row in ours.reasons.to_pylist()} == dict(answer.reasons)
    changed = {change.url for change in (*answer.lost[1], *answer.won[1])}
    assert len(changed) == answer.lost[0] + answer.won[0] > 0
    assert {row["source_url"] for row in ours.documents.to_pylist()} == changed
    assert all(row["text"] for row in ours.documents.to_pylist())


def test_a_limit_that_is_none_or_out_of_range_is_refused(run: str) -> None:
    for asked in ({"min_word": 5}, {"max_dup_line_share": 2.0}, {"token_outliers": False}):
        with pytest.raises(ConfigError):
            limits.flips(run, asked)


def test_correlations_lie_within_one(run: str) -> None:
    table = distributions.correlations(run, ["n_words", "n_sentences", "n_chars"]).to_pylist()
    assert len(table) == 3
    assert all(0 < row["correlation"] <= 1 for row in table)
    (chars,) = (row for row in table if {row["signal"], row["other"]} == {"n_words", "n_chars"})
    assert chars["documents"] == Run(run).table("heuristics").before.rows


def test_the_mix_is_that_of_the_release(run: str, finished: Path) -> None:
    manifest = read_manifest(f"{run}/release")
    assert manifest is not None
    totals = {row["category"]: row for row in manifest["totals"] if row["split"] == "train"}
    for row in mix.categories(run).to_pylist():
        assert (row["documents"], row["rows"], row["tokens"]) == tuple(
            totals[row["category"]][name] for name in ("documents", "rows", "tokens")
        )
    released = rows(finished, "release")
    hosts = mix.hosts(run, most=10_000)
    assert pc.sum(hosts["tokens"]).as_py() == sum(row["tokens"] for row in released)
    assert pc.sum(hosts["rows"]).as_py() == len(released)
    assert pc.sum(hosts["share"]).as_py() == pytest.approx(1)
    drawn = mix.epochs(run).filter(pc.greater(mix.epochs(run)["epochs"], 0))
    assert sum(row["epochs"] * row["documents"] for row in drawn.to_pylist()) == len(released)


def test_scores_and_samples_are_of_documents_that_were_scored(run: str) -> None:
    scored = Run(run).table("quality").rows
    tenths = classifiers.kept_by_decile(run)
    assert pc.sum(tenths["documents"]).as_py() == scored
    first, again = (classifiers.samples_by_decile(run) for _ in range(2))
    assert first.equals(again)
    assert all(row["decile"] - 1 <= 10 * row["quality_percentile"] <= row["decile"] for row in first.to_pylist())
    assert all(row["text"] for row in first.to_pylist())
    languages = classifiers.percentiles(run, most=1000)
    assert pc.sum(languages["documents"]).as_py() == scored
    assert all(row["p10"] <= row["p50"] <= row["p90"] for row in languages.to_pylist())


def test_samples_are_stable_and_show_no_text_that_nothing_had_redacted(run: str) -> None:
    for stage in ("ingest", "dedup_url", "opt_out"):
        gone = samples(run, stage, most=50)
        assert gone
        assert [(row["text"], row["title"]) for row in gone] == [(None, None)] * len(gone)
    assert samples(run, most=3) == samples(run, most=3)
    near = samples(run, "dedup_document", most=2)
    assert all(row["text"] for row in [*near, *samples(run)])


def test_pages_are_read_again_and_shown_where_they_passed_pii(run: str, decided: list[dict[str, Any]]) -> None:
    first = extraction.doubtful_pages(run, 1)["doc_id"][0].as_py()
    view = page_view(run, first)
    assert view.text
    assert view.frame.startswith('<iframe sandbox=""')
    early = next(row for row in decided if row["stage"] == "opt_out")
    view = page_view(run, early["doc_id"])
    assert (view.text, view.title, view.frame, view.blocks.num_rows) == (None, None, "", 0)
    assert "No stage had taken personal data out of it" in view.sentence
    assert "has no record of" in page_html(run, "https://nowhere.example/").content


def test_what_was_left_out_is_told_of_a_sample(run: str) -> None:
    left_out = extraction.left_out(run, 6)
    assert 0 < left_out.pages.num_rows <= 6
    assert all(0 <= row["left_out"] <= row["blocks"] for row in left_out.pages.to_pylist())
    types = extraction.page_types(run)
    assert pc.sum(types["pages"]).as_py() == Run(run).table("extract").before.rows


def test_a_page_whose_file_is_gone_is_its_text_alone(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise FileNotFoundError("/data/sample-00000.warc.gz")

    first = extraction.doubtful_pages(run, 1)["doc_id"][0].as_py()
    monkeypatch.setattr("pipeline.inspection.show.warc_pages", gone)
    monkeypatch.setattr("pipeline.summaries.extraction.warc_pages", gone)
    view = page_view(run, first)
    assert view.text
    assert not view.frame
    assert "It cannot be read again (FileNotFoundError)" in view.sentence
    assert extraction.left_out(run, 6).sentence == "The pages cannot be read again: FileNotFoundError."


def test_a_run_beside_itself_has_no_differences(run: str) -> None:
    for table in (
        comparison.steps(run, run),
        comparison.reasons(run, run),
        comparison.kept(run, run),
        comparison.shares(run, run),
    ):
        assert table.num_rows
        assert table["before"].equals(table["after"])
    assert comparison.missing_stages(run, run) == ([], [])


def test_every_section_has_figures_that_can_be_drawn(shown: list[Section]) -> None:
    assert [section.name for section in shown] == [
        "funnel",
        "extraction",
        "duplicates",
        "signals",
        "classifiers",
        "mix",
        "comparison",
    ]
    names = [figure.name for section in shown for figure in section.figures]
    assert len(names) == len(set(names)) >= 30
    for section in shown:
        assert section.sentence
        assert section.figures
        for figure in section.figures:
            spec = figure.spec()
            checked = figure.chart.to_dict(validate=True)  # raises where Vega-Lite's schema forbids something
            assert {**spec, "config": checked["config"], "description": checked.get("description")} == {
                **checked,
                "description": checked.get("description"),
            }
            assert figure.description
            assert " ".join(spec["title"]["text"]).replace("\u00a0", " ") == " ".join(figure.title.split())
            assert len(json.dumps(spec)) < 300_000


def test_a_run_without_its_stages_has_sentences(read_only: str) -> None:
    sections = {section.name: section for section in figures(read_only)}
    assert not sections["signals"].figures
    assert sections["signals"].sentence == "The run has no stage heuristics, which measures signals."
    assert "no stage mix" in sections["mix"].sentence
    assert sections["funnel"].figures
    assert sections["extraction"].figures
    assert not sections["classifiers"].figures
    assert mix.hosts(read_only).num_rows == mix.categories(read_only).num_rows == 0
    assert classifiers.samples_by_decile(read_only).num_rows == 0
    assert not extraction.doubtful_pages(read_only).num_rows
    assert samples(read_only, KEPT_STAGE)[0]["text"] is None
