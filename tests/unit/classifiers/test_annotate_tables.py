"""Tables of documents are read whatever they hold, and written whole or not at all."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from classifiers.annotation.prompt_files import AnnotationError
from classifiers.annotation.tables import Columns, Document, TableWriter, read_documents

COLUMNS = Columns("doc_id", "text", None, ("url", "tags"))
ROWS: list[dict[str, object]] = [
    {"doc_id": "a", "text": "Ett.", "language": "sv", "url": "https://a.example/", "tags": ["x", "ö"]},
    {"doc_id": "b", "text": None, "language": None, "url": None, "tags": None},
]
DOCUMENTS = [
    Document("a", "Ett.", "sv", ("https://a.example/", '["x", "ö"]')),
    Document("b", "", None, (None, None)),
]
SCHEMA = pa.schema([("id", pa.string()), ("score", pa.int64())])


def put(path: Path, rows: list[dict[str, object]]) -> Path:
    if path.name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        lines = "".join(json.dumps(row) + "\n\n" for row in rows).encode()
        path.write_bytes(gzip.compress(lines) if path.name.endswith(".gz") else lines)
    return path


def read(*paths: Path, columns: Columns = COLUMNS, limit: int | None = None) -> list[Document]:
    return list(read_documents(paths, columns, limit))


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.parquet"])
def test_a_table_is_read_in_its_order(tmp_path: Path, name: str) -> None:
    path = put(tmp_path / name, ROWS)
    assert read(path) == DOCUMENTS
    assert read(path, path) == DOCUMENTS * 2
    assert read(path, path, limit=3) == [*DOCUMENTS, DOCUMENTS[0]]


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_a_language_is_needed_only_where_it_was_named(tmp_path: Path, name: str) -> None:
    path = put(tmp_path / name, [{"doc_id": 1, "text": "One.", "lang": "en"}])
    assert read(path, columns=Columns("doc_id", "text", None, ()))[0].language is None
    assert read(path, columns=Columns("doc_id", "text", "lang", ()))[0].language == "en"
    with pytest.raises(AnnotationError, match="has no column 'lnag'; did you mean 'lang'"):
        read(path, columns=Columns("doc_id", "text", "lnag", ()))


def test_half_of_a_surrogate_pair_is_a_question_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"doc_id": "\\udc00", "text": "a\\ud83d", "url": "u", "tags": 1}\n')
    assert read(path) == [Document("?", "a?", None, ("u", "1"))]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"doc_id,text\n", "is no .jsonl, .jsonl.gz or .parquet"),
        ("a.jsonl", b'{"doc_id": 1, "text": "x", "url": 1, "tags": 1}\n{"doc_id":\n', "line 2, is no JSON"),
        ("a.jsonl", b"[1]\n", "line 1, is no JSON object"),
        ("a.jsonl", b'{"doc_id": 1}\n', "line 1, has no column 'tags'"),
        ("a.jsonl.gz", b"no gzip", "cannot be read"),
        ("a.parquet", b"no parquet", "cannot be read"),
        ("absent.jsonl", None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_such_table_says_where(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(AnnotationError) as caught:
        read(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.parquet"])
def test_a_table_is_written_with_nulls_where_nothing_was_said(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with TableWriter(path, SCHEMA) as writer:
        for number in range(2500):
            writer.write({"id": str(number), "score": number} if number % 2 else {"id": str(number)})
    if name.endswith(".parquet"):
        rows = pq.read_table(path).to_pylist()
        assert pq.read_schema(path) == SCHEMA
    else:
        content = path.read_bytes()
        rows = [
            json.loads(line) for line in (gzip.decompress(content) if name.endswith(".gz") else content).splitlines()
        ]
    assert rows == [{"id": str(number), "score": number if number % 2 else None} for number in range(2500)]


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_a_table_that_is_broken_off_leaves_the_earlier_one(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("of yesterday")

    def break_off() -> None:
        with TableWriter(tmp_path / name, SCHEMA) as writer:
            writer.write({"id": "a"})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(name, "of yesterday")]
