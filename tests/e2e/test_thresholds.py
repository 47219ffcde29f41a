"""Limits can be changed, asked about and fitted without measuring a document again."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.cells.parts import BatchStream
from pipeline.cli.limits import FIT_LIMITS
from pipeline.cli.process import main
from pipeline.curation import Request, curate
from pipeline.errors import ConfigError
from pipeline.inspection import whatif
from tests.e2e.copies import run_before
from tests.e2e.reading import decisions, hashes, rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOOSER = (
    "heuristics.min_words=5",
    "heuristics.min_stop_words=0",
    "heuristics.min_stop_word_share=null",
    "heuristics.min_sentences=null",
    "heuristics.min_word_entropy=0",
    "heuristics.max_short_line_share=null",
    "heuristics.max_newline_word_ratio=null",
    "heuristics.max_token_outlier_score=null",
)
STRICTER = ("heuristics.min_words=150",)


def spying(measure: Callable[..., BatchStream], log: Path) -> Callable[..., BatchStream]:
    """Return a measure that notes how many rows it is given."""
    path = str(log)

    def spy(batches: BatchStream, *others: Any) -> BatchStream:
        def noted() -> Iterator[Any]:
            for batch in batches:
                with open(path, "a", encoding="utf-8") as stream:  # noqa: PTH123  (pickled with the function)
                    stream.write(f"{batch.num_rows}\n")
                yield batch

        yield from measure(noted(), *others)

    return spy


FEW = "heuristics.min_outlier_documents=20"


@pytest.fixture(scope="module")
def scored(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the sample in which languages have token distributions."""
    run = tmp_path_factory.mktemp("scored") / "run"
    shutil.copytree(finished, run, copy_function=shutil.copy2)
    curate(Request(output=str(run), assignments=(FEW,)))
    return run


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], int]:
    """How many rows a measure was given, by its name."""
    from pipeline.classification import tokens
    from pipeline.heuristics import token_outliers
    from pipeline.stages import heuristics

    for module, name in (
        (heuristics, "measure_text_signals"),
        (token_outliers, "count_document_tokens"),
        (token_outliers, "measure_divergences"),
        (tokens, "count_text_tokens"),
    ):
        # the package's attribute of this name is the stage; the module is behind it
        monkeypatch.setattr(module, name, spying(getattr(module, name), tmp_path / name))

    def total(name: str) -> int:
        log = tmp_path / name
        return sum(map(int, log.read_text().split())) if log.exists() else 0

    return total


@pytest.mark.parametrize(
    ("change", "first"),
    [
        pytest.param(LOOSER, "heuristics", marks=pytest.mark.long),
        pytest.param(STRICTER, "heuristics", marks=pytest.mark.long),
        *(pytest.param(change, "ingest", marks=pytest.mark.long) for change in (LOOSER, STRICTER)),
    ],
)
def test_a_changed_limit_measures_no_document_twice_and_gives_the_bytes_of_a_run_from_nothing(
    scored: Path,
    finished: Path,
    tmp_path: Path,
    measured: Callable[[str], int],
    change: tuple[str, ...],
    first: str,
) -> None:
    run_copy, change = tmp_path / "run", (FEW, *change)
    shutil.copytree(scored, run_copy)
    assert any(row["token_outlier_score"] is not None for row in rows(run_copy, "heuristics"))
    passed = {row["record_id"] for row in rows(run_copy, "heuristics")}
    curate(Request(output=str(run_copy), assignments=change))
    revived = {row["record_id"] for row in rows(run_copy, "heuristics")} - passed
    assert bool(revived) == (LOOSER[0] in change)
    assert measured("measure_text_signals") == measured("count_document_tokens") == measured("measure_divergences") == 0
    counted = {row["record_id"] for row in rows(finished, "heuristics")}  # before languages had distributions
    assert measured("count_text_tokens") == len(revived - counted)
    fresh = run_before(first, finished, tmp_path / "fresh")
    curate(Request(output=str(fresh), assignments=change))
    assert hashes(run_copy / "release") == hashes(fresh / "release")
    assert hashes(run_copy / "decisions") == hashes(fresh / "decisions")


def test_what_if_tells_what_a_run_with_these_limits_then_gives(run_copy: Path, spark: "SparkSession") -> None:
    before = {row["record_id"]: row for row in rows(run_copy, "heuristics")}
    answer = whatif.what_if(lambda: spark, str(run_copy), (), (*LOOSER, "heuristics.max_words=200"), sample=3)
    again = whatif.what_if(lambda: spark, str(run_copy), (), (*LOOSER, "heuristics.max_words=200"), sample=3)
    assert answer == again
    curate(Request(output=str(run_copy), assignments=(*LOOSER, "heuristics.max_words=200"), last="heuristics"))
    after = {row["record_id"]: row for row in rows(run_copy, "heuristics")}
    for side, result in (("before", before), ("after", after)):
        told = [getattr(cell, side) for cell in answer.cells]
        assert sum(one["documents"] for one in told) == len(result)
        assert sum(one["bytes"] for one in told) == sum(len(row["text"].encode()) for row in result.values())
        assert sum(one["words"] for one in told) == sum(row["n_words"] for row in result.values())
    assert answer.lost[0] == len(set(before) - set(after)) > 0
    assert answer.won[0] == len(set(after) - set(before)) > 0
    texts = {row["source_url"]: row["text"] for row in (*before.values(), *after.values())}
    for change in (*answer.lost[1], *answer.won[1]):
        assert texts[change.url] == change.text
    dropped = {row["reason"] for row in decisions(run_copy).values() if row["stage"] == "heuristics"}
    assert {reason for reason, (_, count) in answer.reasons.items() if count} == dropped
    said = "\n".join(whatif.answer_lines(answer))
    assert "heuristics.max_words: 100000 → 200" in said
    assert "gopher.too_many_words" in said


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("heuristics.tokenizer={own.tiktoken}", "heuristics.tokenizer changes what is measured: run the job with it"),
        ("heuristics.definition=datatrove", "heuristics.definition changes what is measured"),
        ("mix.seed=3", "knows the limits of heuristics alone, not mix"),
        ("heuristics.min_word=3", "did you mean 'min_words'"),
        ("heuristics.thresholds=nowhere.yaml", "there is no 'nowhere.yaml'"),
    ],
)
def test_what_if_refuses_what_it_cannot_tell(
    finished: Path, spark: "SparkSession", tmp_path: Path, assignment: str, message: str
) -> None:
    own = tmp_path / "own.tiktoken"
    own.write_bytes(b"")
    assignment = assignment.replace("{own.tiktoken}", str(own))
    with pytest.raises(ConfigError, match=message):
        whatif.what_if(lambda: spark, str(finished), (), (assignment,))


@pytest.mark.long
def test_limits_fitted_on_a_run_are_those_of_its_languages_in_the_next(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = tmp_path / "limits.yaml"
    assert main(FIT_LIMITS, [str(finished), "--output", str(limits), "--min-documents", "5", "--drop", "0.3"]) == 0
    assert "documents" in capsys.readouterr().out
    run = tmp_path / "run"
    shutil.copytree(finished, run)
    curate(Request(output=str(run), assignments=(f"heuristics.thresholds={limits}",), last="heuristics"))
    dropped = [row for row in decisions(run).values() if row["stage"] == "heuristics"]
    assert len(dropped) > sum(row["stage"] == "heuristics" for row in decisions(finished).values())
    assert main(FIT_LIMITS, [str(finished), "--output", str(limits), "--languages", "xx"]) == 2
    assert "has 0 documents in 'xx'" in capsys.readouterr().err


@pytest.mark.long
def test_other_limits_in_a_file_of_the_same_name_are_heeded_in_one_session(
    finished: Path, tmp_path: Path, spark: "SparkSession"
) -> None:
    run, limits = tmp_path / "run", tmp_path / "limits.yaml"
    shutil.copytree(finished, run)
    request = Request(output=str(run), assignments=(f"heuristics.thresholds={limits}",), last="heuristics")
    kept = []
    for least in (100_000, 1):
        limits.write_text(f"en: {{min_words: {least}}}\n")
        curate(request)
        kept.append(sum(row["category"] == "general" for row in rows(run, "heuristics")))
    assert kept[0] == 0 < kept[1]
    limits.write_text("en: {min_words: 100000}\n")
    answer = whatif.what_if(lambda: spark, str(run), (), ())
    assert sum(cell.before["documents"] for cell in answer.cells if cell.category == "general") == kept[1]
    assert sum(cell.after["documents"] for cell in answer.cells if cell.category == "general") == 0
    assert "thresholds_digest" in answer.changed


@pytest.mark.long
def test_limits_of_a_file_come_over_those_that_ship(finished: Path, tmp_path: Path) -> None:
    run, limits = tmp_path / "run", tmp_path / "limits.yaml"
    shutil.copytree(finished, run)
    limits.write_text("en: {min_words: 51}\n")
    before = {row["record_id"] for row in rows(run, "heuristics") if row["language"] in {"zh", "ja", "th"}}
    curate(Request(output=str(run), assignments=(f"heuristics.thresholds={limits}",), last="heuristics"))
    assert {row["record_id"] for row in rows(run, "heuristics") if row["language"] in {"zh", "ja", "th"}} == before
    assert before
