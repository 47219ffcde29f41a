"""Rows of several parts go into one file, each part known by its own rows alone."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cells import pieces as module
from pipeline.cells.pieces import ROW, Piece, StretchWriter, files_of, new_name
from pipeline.cells.stretch_reader import StretchReader, read_stretch, stretch_column, stretch_rows
from schemas.columns import TEXT
from tests.tables import ROW_COLUMN, stretch_of, table_of

SCHEMA = pa.schema([ROW_COLUMN.field, TEXT.field])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("pieces"))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.dictionaries(st.integers(0, 30), st.sampled_from(["corn", "oats"]), max_size=9), max_size=5),
    st.integers(1, 6),
    st.integers(1, 4),
    st.data(),
)
def test_each_part_s_rows_are_found_again_and_its_digest_is_that_of_a_file_of_its_own(
    root: str, parts: list[dict[int, str]], group: int, size: int, data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "GROUP_ROWS", group)
        writer = StretchWriter(root, new_name("files", "some"), SCHEMA)
        cuts = []
        for rows in parts:
            table = table_of([TEXT], {row: {"text": text} for row, text in rows.items()})
            for start in range(0, table.num_rows, size):
                writer.write(table.slice(start, size))
            cuts.append(writer.cut())
        files = writer.close()
    assert sum(record.rows for record in files.values()) == sum(map(len, parts))
    assert len(files) == (1 if any(parts) else 0)
    for rows, stretch in zip(parts, cuts, strict=True):
        if not rows:
            assert stretch is None
            continue
        assert stretch is not None
        numbers = sorted(rows)
        assert stretch_rows(root, stretch).tolist() == numbers
        texts = [text for batch in read_stretch(root, stretch, ("text",)) for text in batch.column(0).to_pylist()]
        assert texts == [rows[row] for row in numbers]
        assert stretch.digest == stretch_of(root, [TEXT], {row: {"text": rows[row]} for row in numbers}).digest
        several = sorted(data.draw(st.sets(st.sampled_from(numbers), min_size=1)))
        taken = StretchReader(root, stretch, ("text",)).take(pa.array(several).to_numpy())
        assert taken.to_pydict() == {"text": [rows[row] for row in several]}


def test_a_stretch_may_be_known_by_some_of_its_columns(root: str) -> None:
    digests = []
    for text in ("corn", "oats"):
        writer = StretchWriter(root, new_name("files", "some"), SCHEMA, known_by=(ROW,))
        writer.write(table_of([TEXT], {1: {"text": text}}))
        digests.append(writer.cut())
        writer.close()
    first, second = digests
    assert first is not None
    assert second is not None
    assert first.digest == second.digest
    assert stretch_column(root, second, ROW).tolist() == [1]


def test_an_abandoned_file_leaves_nothing(tmp_path: Path) -> None:
    writer = StretchWriter(str(tmp_path), "files/some.parquet", SCHEMA)
    writer.write(table_of([TEXT], {1: {"text": "corn"}}))
    writer.abandon(RuntimeError())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert StretchWriter(str(tmp_path), "files/none.parquet", SCHEMA).close() == {}


def test_two_tries_of_a_task_write_two_files_and_pieces_name_theirs(root: str) -> None:
    assert new_name("files", "some") != new_name("files", "some")
    each, two = (stretch_of(root, [TEXT], {1: {"text": text}}) for text in ("corn", "oats"))
    assert files_of([Piece(each, None, ()), Piece(each, two, ())]) == {each.file, two.file}
    assert pq.read_metadata(Path(root, each.file)).num_rows == 1
