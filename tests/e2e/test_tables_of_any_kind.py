"""Tables for one stage alone, and tables that are refused, with the reason, before anything runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.curation import Request, curate
from pipeline.errors import ContractError, InputError
from tests.e2e.reading import rows
from tests.sample.prose import english_stories, foreign_stories

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


STORIES = ["\n".join(story.paragraphs) for story in english_stories()[:3]]
GERMAN = "\n".join(foreign_stories("de")[0].paragraphs)


@pytest.fixture(scope="module")
def plain_texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [*STORIES, STORIES[1] + " The end.", GERMAN]
    table = pa.table({"url": [f"text-{number}" for number in range(5)], "text": texts})
    path = tmp_path_factory.mktemp("plain") / "texts.parquet"
    pq.write_table(table, path)
    return path


@pytest.mark.parametrize("stage", ["dedup_document", "language"])
def test_one_stage_alone_runs_on_texts(spark: "SparkSession", plain_texts: Path, tmp_path: Path, stage: str) -> None:
    curate(Request(str(tmp_path / "run"), (str(plain_texts),), first=stage, last=stage))
    result = rows(tmp_path / "run", stage)
    if stage == "language":
        assert sorted(row["language"] for row in result) == ["de", "en", "en", "en", "en"]
    else:
        assert sorted(row["url"] for row in result) == ["text-0", "text-2", "text-3", "text-4"]
    assert len(rows(tmp_path / "run", "decisions")) == 5


@pytest.mark.parametrize(
    ("columns", "settings", "error", "message"),
    [
        (
            {"id": ["1"], "text": ["t"]},
            (),
            ContractError,
            r"no URL column 'url' \(--set ingest\.url_col.*id, text",
        ),
        (
            {"url": ["1"], "body": ["t"]},
            (),
            ContractError,
            r"neither 'text' \(--set ingest\.text_col.* nor 'html'",
        ),
        ({"url": ["1"], "text": ["t"]}, ("ingest.text_column=txt",), ContractError, r"neither 'txt'"),
        ({"url": ["1"], "text": ["t"], "fetch_time": [17]}, (), InputError, "'fetch_time' is int64.*ISO strings"),
        ({"url": ["1"], "text": ["t"], "spans": ["x"]}, (), InputError, "'spans' is string, ours .* list.*rename it"),
    ],
)
def test_a_table_that_cannot_be_understood_is_refused_before_spark(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    columns: dict[str, list[Any]],
    settings: tuple[str, ...],
    error: type[Exception],
    message: str,
) -> None:
    monkeypatch.setattr("pipeline.curation.start_session", lambda: pytest.fail("Spark was started"))
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    with pytest.raises(error, match=message):
        curate(Request(str(tmp_path / "run"), (str(tmp_path / "t.parquet"),), assignments=settings))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.jsonl", b""), ("a.jsonl", b"no json\n"), ("a.jsonl.gz", b"not gzip"), ("a.parquet", b"PAR1 it is not")],
)
def test_a_table_of_which_nothing_can_be_read_is_refused_with_its_name(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"{name}: not a readable"):
        curate(Request(str(tmp_path / "run"), (str(tmp_path / name),)))
