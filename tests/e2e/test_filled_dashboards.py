"""Dashboards of a run that has all there is to show: models that disagree, a cascade, benchmarks, earlier runs."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest
import vl_convert
from scipy.stats import spearmanr

from pipeline.charts import classifiers as classifier_charts
from pipeline.charts import duplicates as duplicate_charts
from pipeline.charts import mix as mix_charts
from pipeline.charts.figures import Figure, Section
from pipeline.charts.words import percent
from pipeline.curation import Request, curate
from pipeline.runs.run import Run
from pipeline.stages.decontaminate import decontaminate
from pipeline.stages.dedup_document import dedup_document
from pipeline.stages.dedup_url import dedup_url
from pipeline.stages.ingest import ingest
from pipeline.stages.quality import quality
from pipeline.summaries import classifiers, duplicates, mix
from tests.duplicates import Document, changed, prose, write_table
from tests.e2e.reading import decisions, rows
from tests.e2e.test_against import page
from tests.unit.classifiers.linear_models import word_model
from tests.unit.decontamination.made_items import LONG, MIDDLE, SHORT
from tests.unit.plain_percentiles import Document as Scored
from tests.unit.plain_percentiles import plain_percentiles

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.long
STAGES = (ingest, dedup_url, dedup_document, decontaminate, quality)
LOW, HIGH = 0.3, 0.7
WEIGHTS = {
    "mill": {"corn": 30, "weir": -20, "plum": 5},
    "orchard": {"corn": -25, "weir": 12, "plum": 31},
    "meadow": {"corn": 5, "weir": 30, "plum": -20},
}
SCORES = [f"quality_{name}" for name in WEIGHTS]
ROPES = (
    "A ropemaker twists four strands of hemp into a cable of ninety fathoms, and each strand loses a sixth of its"
    " length while it is laid. How many fathoms of yarn does he have to spin for twelve such cables, if every strand"
    " holds twenty yarns and nothing of them is thrown away in the ropewalk?"
)
SUITES = {
    "test/sums": {"rye": LONG, "ropes": ROPES, "short": "Who built it?"},
    "test/facts": {"litmus": SHORT},
    "train/clocks": {"clock": MIDDLE},
}
PART = " ".join(ROPES.split()[:32])


def words(draw: random.Random) -> list[str]:
    """Return a text that is like no other, of which each model thinks otherwise."""
    return prose(draw, 60) + draw.choices(["corn", "weir", "plum"], k=draw.randrange(1, 9))


def crawls() -> tuple[list[Document], list[Document], list[Document]]:
    """Return two earlier crawls, and one that repeats pages of both."""
    draw = random.Random(17)
    texts = [words(draw) for _ in range(60)]
    first = [page(f"https://a.example/{n}", texts[n], 5) for n in range(6)]
    second = [page(f"https://b.example/{n}", texts[n], 5) for n in range(6, 10)]
    third = [page(f"https://c.example/{n}", texts[n], 9) for n in range(10, 60)]
    third += [
        page("https://a.example/0", words(draw), 1),
        page("https://a.example/1", words(draw), 2),
        page("https://c.example/copy-of-2", texts[2], 9),
        page("https://c.example/copy-of-6", texts[6], 9),
        page("https://c.example/near-7", changed(draw, texts[7], 1), 9),
        page("https://c.example/near-8", changed(draw, texts[8], 1), 9),
        page("https://c.example/copy-of-its-own", texts[20], 9),
    ]
    for number, text in ((30, LONG), (31, LONG), (32, PART), (33, MIDDLE)):
        third[number]["text"] += f"\n{text}"
    return first, second, third


def curated(folder: Path, documents: Sequence[Document], last: str, *settings: str, against: tuple[Path, ...]) -> Path:
    folder.mkdir(parents=True)
    table = write_table(folder / "in.parquet", [{**row, "category": "general"} for row in documents])
    earlier = tuple(map(str, against))
    curate(
        Request(str(folder / "run"), (table,), assignments=settings, last=last, against=earlier,
                stages=f"{__name__}:STAGES")
    )  # fmt: skip
    return folder / "run"


def write_suites(folder: Path) -> tuple[str, str]:
    for name, items in SUITES.items():
        file = folder / f"{name}.jsonl"
        file.parent.mkdir(exist_ok=True)
        file.write_text("".join(json.dumps({"id": item, "question": text}) + "\n" for item, text in items.items()))
    return (f"decontaminate.suites=[{folder / 'test'}]", f"decontaminate.train_suites=[{folder / 'train'}]")


@pytest.fixture(scope="module")
def runs(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three runs, of which the last goes by the others."""
    folder = tmp_path_factory.mktemp("filled")
    for name, weights in WEIGHTS.items():
        word_model(folder / "models" / name, weights, good="quality")
    mill, orchard, meadow = (folder / "models" / name for name in WEIGHTS)
    settings = (
        *write_suites(folder),
        f"quality.models=[{mill}, {orchard}]",
        f"quality.cascade_model={meadow}",
        f"quality.cascade_band=[{LOW}, {HIGH}]",
        "quality.min_cell_documents=1",
    )
    first, second, third = crawls()
    earlier = [curated(folder / "a", first, "dedup_document", against=())]
    earlier.append(curated(folder / "b", second, "dedup_document", against=tuple(earlier)))
    return [*earlier, curated(folder / "c", third, "quality", *settings, against=tuple(earlier))]


@pytest.fixture(scope="module")
def run(runs: list[Path]) -> str:
    return str(runs[-1])


@pytest.fixture(scope="module")
def scored(runs: list[Path]) -> list[dict[str, Any]]:
    return rows(runs[-1], "quality")


def drawn(figure: Figure) -> str:
    """Return a chart as it is drawn."""
    svg: str = vl_convert.vegalite_to_svg(figure.spec())
    return svg


def figure_of(section: Section, name: str) -> Figure:
    return next(figure for figure in section.figures if figure.name == name)


def test_agreement_is_that_of_the_stored_scores(run: str, scored: list[dict[str, Any]]) -> None:
    table = {(row["model"], row["other"]): row for row in classifiers.agreement(run).to_pylist()}
    assert list(table) == list(combinations(SCORES, 2))
    for (first, other), row in table.items():
        both = [(line[first], line[other]) for line in scored if None not in (line[first], line[other])]
        assert row["documents"] == len(both)
        assert row["correlation"] == pytest.approx(spearmanr(both).statistic)
        middles = [median(values) for values in zip(*both, strict=True)]
        same = [(one >= middles[0]) == (two >= middles[1]) for one, two in both]
        assert row["same_half"] == pytest.approx(sum(same) / len(same))
    assert table["quality_mill", "quality_orchard"]["documents"] == len(scored) == 50
    assert 5 < table["quality_mill", "quality_meadow"]["documents"] < 30  # the cascade's model reads the band alone


def test_the_chart_of_agreement_draws_every_pair_and_names_the_one_that_agrees_least(run: str) -> None:
    table = classifiers.agreement(run).to_pylist()
    figure = figure_of(classifier_charts.section(run), "classifiers_agreement")
    least = min(table, key=lambda row: row["correlation"])
    assert figure.title == (
        f"{least['model']} × {least['other']} agree least: ρ {least['correlation']:.2f}"
        f" ({percent(least['same_half'])} in the same half)"
    )
    shown = drawn(figure)
    for row in table:
        assert f"{row['model']} × {row['other']}" in shown
        assert f"ρ {row['correlation']:.2f}" in shown


def test_the_cascade_is_told_as_the_run_noted_it_and_the_documents_have_it(
    run: str, scored: list[dict[str, Any]]
) -> None:
    (row,) = classifiers.cascade(run).to_pylist()
    noted = Run(run).table("quality").manifest.notes["cascade"]
    assert row == {"low": LOW, "high": HIGH, **{name: noted[name] for name in ("model", "documents", "read", "agreed")}}
    asked = [Scored(line["language"], line["category"], line["quality_score"], line["tokens"]) for line in scored]
    before = plain_percentiles(asked, asked, 1)
    middle = (LOW + HIGH) / 2
    sides = [
        (share >= middle) == (line["quality_percentile"] >= middle)
        for share, line in zip(before, scored, strict=True)
        if share is not None and LOW <= share < HIGH
    ]
    assert sum(line["quality_meadow"] is not None for line in scored) == len(sides)
    assert (row["documents"], row["read"], row["agreed"]) == (len(scored), len(sides), sum(sides))
    assert 0 < sum(sides) < len(sides) < len(scored)
    section = classifier_charts.section(run)
    assert (
        f"{row['model']} read {len(sides)} of 50 documents ({percent(len(sides) / 50)}), those between the percentiles"
        f" 0.3 and 0.7; it agrees with the models before it on {percent(sum(sides) / len(sides))} of them."
    ) in section.sentence
    titles = {figure.name: figure.title for figure in section.figures}
    assert titles["classifiers_scores"] == "4 scores of classifiers"
    assert titles["classifiers_percentiles"].startswith("The median quality_score in en is 0.")  # it is alone


def test_benchmarks_are_those_that_stand_in_the_documents(run: str, scored: list[dict[str, Any]]) -> None:
    best: dict[tuple[str, str], float] = {}
    for line in scored:
        for hit in line["contamination"] or ():
            key = hit["suite"], hit["item"]
            best[key] = max(best.get(key, 0), hit["coverage"])
    assert set(best) == {("sums", "rye"), ("sums", "ropes"), ("clocks", "clock")}
    assert 0.3 < best["sums", "ropes"] < 0.8
    table = mix.benchmarks(run).to_pylist()
    assert len(table) == 10 * len(SUITES)
    for row in table:
        kind, suite = "train" if row["is_training"] else "test", row["suite"]
        items = SUITES[f"{kind}/{suite}"]
        holding = [line for line in scored if any(text.rstrip("?") in line["text"] for text in items.values())]
        reached = [item for item in items if best.get((suite, item), 0) >= row["coverage"]]
        assert (row["items"], row["documents"]) == (len(items), len(holding))
        assert row["share"] == pytest.approx(len(reached) / len(items))
    shares = {row["coverage"]: row["share"] for row in table if row["suite"] == "sums"}
    assert (len(shares), shares[0.1], shares[1.0]) == (10, pytest.approx(2 / 3), pytest.approx(1 / 3))


def test_the_chart_of_benchmarks_draws_every_suite_and_names_the_one_that_is_there_most(run: str) -> None:
    figure = figure_of(mix_charts.section(run), "mix_benchmarks")
    assert figure.title == "sums is in most documents: 2 documents; 33 % of its items are there whole"
    told = "clocks (training) 1 document; facts 0 documents; sums 2 documents."
    assert figure.description == f"Contaminated documents by suite: {told}"
    shown = drawn(figure)
    for words in ("clocks (training)", "facts", "sums", "≥ 10%", "≥ 100%", "66.7%", "33.3%", "100.0%"):
        assert f">{words}<" in shown


def test_copies_of_earlier_runs_are_those_of_the_decisions(runs: list[Path], run: str) -> None:
    record_ids = {str(earlier): set(decisions(earlier)) for earlier in runs[:2]}
    own = set(decisions(runs[2]))
    counted: Counter[tuple[str, str]] = Counter()
    for row in decisions(runs[2]).values():
        survivor = row["survivor_record_id"]
        for earlier, ids in record_ids.items():  # a newer capture of a table has the same record_id as the older one
            if survivor in ids and (survivor not in own or survivor == row["record_id"]):
                counted[earlier, row["reason"]] += 1
    table = duplicates.copies_of_earlier_runs(run).to_pylist()
    assert {(row["earlier_run"], row["reason"]): row["records"] for row in table} == counted
    assert sum(counted.values()) == sum(row["records"] for row in table) == 6
    assert {earlier for earlier, _ in counted} == set(record_ids)
    assert [row["records"] for row in table] == sorted(counted.values(), reverse=True)
    section = duplicate_charts.section(run)
    assert "6 records went as copies of records of earlier runs." in section.sentence
    biggest = figure_of(section, "duplicates_biggest")
    assert biggest.title == ("The biggest group is 2 pages: 1 was dropped for https://c.example/20, from 1 host")
