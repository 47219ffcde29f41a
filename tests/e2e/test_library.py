"""A run made and opened by a program."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline import Run, curate
from pipeline.errors import ManifestError
from pipeline.review.items import select_random
from tests.e2e.reading import rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_an_opened_run_tells_what_its_tables_hold(finished: Path) -> None:
    run = Run(f"{finished}/")
    funnel = run.funnel().to_pylist()
    assert [row["stage"] for row in funnel] == run.stages
    assert all(row["rows_in"] == row["kept"] + row["dropped"] for row in funnel)
    assert all(sum(reason["rows"] for reason in row["reasons"]) == row["dropped"] for row in funnel)
    assert run.decisions().count_rows() == funnel[0]["rows_in"]
    assert f"{funnel[-1]['kept']:,} rows" in repr(run)
    gone = next(row for row in rows(finished, "decisions") if row["reason"] == "near_duplicate")
    story = run.explain(gone["source_url"])
    assert "DROPPED: near_duplicate" in story
    assert repr(story) == str(story)
    assert run.costs().num_rows


def test_a_table_is_read_without_spark_and_with_it(spark: "SparkSession", finished: Path) -> None:
    run = Run(str(finished))
    names = ["doc_id", "text"]
    plain = run.table("dedup_line", names).read_all()
    frame = run.spark("dedup_line", names)
    assert frame.columns == plain.column_names == names
    assert sorted(map(tuple, frame.collect())) == sorted((row["doc_id"], row["text"]) for row in plain.to_pylist())
    assert plain.num_rows == next(row["kept"] for row in run.funnel().to_pylist() if row["stage"] == "dedup_line")
    assert {"language", "text", "spans"} <= {*run.table("dedup_line").schema.names}


def test_a_stage_is_opened_and_reviewed_under_its_old_name(finished: Path, caplog: pytest.LogCaptureFixture) -> None:
    table = Run(str(finished)).table("repeated_lines", ["doc_id"])
    assert table.read_all().equals(Run(str(finished)).table("log_lines", ["doc_id"]).read_all())
    assert "'repeated_lines' is called 'log_lines' now" in caplog.text
    assert select_random(str(finished), "repeated_lines", 5).sample == "a random sample of log_lines's drops"


def test_what_if_answers_as_the_command_does(spark: "SparkSession", finished: Path) -> None:
    answer = Run(str(finished)).what_if({"heuristics.min_words": 200}, sample=1)
    assert answer.changed == {"min_words": (50, 200)}
    assert answer.lost[0] > 0
    assert len(answer.lost[1]) == 1


def test_the_release_is_a_dataset(finished: Path) -> None:
    release = Run(str(finished)).release()
    assert release.count_rows() == sum(row["rows"] for row in _manifest(finished)["shards"] if row["split"] == "train")
    assert "text" in release.schema.names
    with pytest.raises(ManifestError, match="did you mean 'train'"):
        Run(str(finished)).release("trian")


def _manifest(run: Path) -> dict[str, list[dict[str, Any]]]:
    import json

    manifest: dict[str, list[dict[str, Any]]] = json.loads((run / "release" / "manifest.json").read_text())
    return manifest


def test_wrong_words_have_the_near_miss(finished: Path, tmp_path: Path) -> None:
    run = Run(str(finished))
    with pytest.raises(ManifestError, match="did you mean 'dedup_line'"):
        run.table("dedup_lines")
    with pytest.raises(ManifestError, match="did you mean 'language'"):
        run.table("mix", ["langage"])
    with pytest.raises(ManifestError, match="holds no committed run"):
        Run(str(tmp_path / "nothing"))
    with pytest.raises(ValueError, match="output"):
        curate(str(tmp_path))


def test_curate_returns_the_run_and_says_nothing_if_asked(
    spark: "SparkSession", sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = dict(spark.conf.getAll)
    files = [str(sample / "sample-00000.warc.gz")]
    run = curate(files, str(tmp_path / "run"), settings={"extract.max_nodes": 90_000}, last="extract", quiet=True)
    assert run.stages[-1] == "extract"
    assert capsys.readouterr().out == ""
    assert run.table("extract", ["text"]).read_all().num_rows > 0
    assert dict(spark.conf.getAll) == before
    assert curate(output=run.path, last="extract").stages == run.stages
    assert "done already" in capsys.readouterr().out
