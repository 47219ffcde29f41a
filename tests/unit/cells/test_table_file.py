"""Parquet files whose bytes depend on their rows alone."""

import itertools
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.cells import table_file
from pipeline.cells.table_file import TableFile, Written, conform, row_group_cuts, write_runs

SCHEMA = pa.schema([("key", pa.int32()), ("text", pa.string()), ("names", pa.list_(pa.string()))])


def table_of(texts: list[str | None]) -> pa.Table:
    rows = [{"key": len(text or ""), "text": text, "names": [text or "x"] * (n % 3)} for n, text in enumerate(texts)]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def written(path: Path, pieces: list[pa.Table], schema: pa.Schema = SCHEMA) -> tuple[int, int, str]:
    file = TableFile(str(path), schema)
    for piece in pieces:
        file.write(piece)
    return file.close()


def split(table: pa.Table, cuts: list[int]) -> list[pa.Table]:
    places = [0, *sorted(cut % (table.num_rows + 1) for cut in cuts), table.num_rows]
    return [table.slice(start, end - start) for start, end in itertools.pairwise(places)]


def groups(path: Path) -> list[int]:
    metadata = pq.read_metadata(path)
    return [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_file, "ROW_GROUP_ROWS", 10)
    monkeypatch.setattr(table_file, "ROW_GROUP_BYTES", 100)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    st.lists(st.one_of(st.none(), st.text(max_size=5), st.integers(0, 150).map("x".__mul__)), max_size=60),
    st.lists(st.integers(0, 60), max_size=12),
)
def test_bytes_do_not_depend_on_how_the_rows_arrive(
    small_groups: None, tmp_path: Path, texts: list[str | None], cuts: list[int]
) -> None:
    table = table_of(texts)
    whole = written(tmp_path / "whole.parquet", [table])
    pieces = written(tmp_path / "pieces.parquet", split(table, cuts))
    assert pieces == whole
    assert pq.read_table(tmp_path / "pieces.parquet").equals(table)
    assert groups(tmp_path / "pieces.parquet") == plain_cuts([len((text or "").encode()) for text in texts], 10, 100)


def plain_cuts(sizes: list[int], rows: int, size: int) -> list[int]:
    """Close a row group as soon as the next text would not fit into it any more."""
    result: list[int] = []
    count = total = 0
    for one in sizes:
        if count and (count == rows or total + one > size):
            result.append(count)
            count = total = 0
        count, total = count + 1, total + one
    return [*result, count] if count else result


@pytest.mark.parametrize(
    ("sizes", "cuts"),
    [
        ([], []),
        ([1], [1]),
        ([1] * 10, [10]),
        ([1] * 11, [10, 1]),
        ([60, 60, 60], [1, 1, 1]),
        ([50, 50, 1], [2, 1]),
        ([500, 1, 500], [1, 1, 1]),
        ([0] * 25, [10, 10, 5]),
    ],
)
def test_row_groups_are_cut_by_rows_and_by_bytes_of_text(small_groups: None, sizes: list[int], cuts: list[int]) -> None:
    table = table_of(["x" * size for size in sizes])
    assert list(row_group_cuts(table, 10, 100, last=True)) == cuts
    assert plain_cuts(sizes, rows=10, size=100) == cuts
    assert list(row_group_cuts(table, 10, 100, last=False)) in (cuts, cuts[:-1])


def test_a_table_without_texts_is_cut_by_rows(small_groups: None) -> None:
    assert list(row_group_cuts(pa.table({"n": range(25)}), 10, 100, last=True)) == [10, 10, 5]
    assert list(row_group_cuts(pa.table({"n": range(20)}), 10, 100, last=False)) == [10, 10]


def test_rows_bytes_and_hash_are_those_of_the_file(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "deep" / "x.parquet"
    rows, size, sha256 = written(path, [table_of(["a", "b"])])
    content = path.read_bytes()
    assert (rows, size, sha256) == (2, len(content), hashlib.sha256(content).hexdigest())


def test_a_file_without_rows_is_whole(tmp_path: Path) -> None:
    assert written(tmp_path / "e.parquet", [])[0] == 0
    assert pq.read_table(tmp_path / "e.parquet").schema.names == SCHEMA.names


def test_rows_are_cast_to_the_schema_and_other_columns_left_out() -> None:
    rows = pa.table({"text": pa.array(["a"], pa.large_string()), "more": [1], "key": pa.array([7], pa.int64())})
    schema = pa.schema([("key", pa.int32()), ("text", pa.string())])
    assert conform(rows, schema).equals(pa.table({"key": pa.array([7], pa.int32()), "text": ["a"]}, schema=schema))
    with pytest.raises(KeyError, match="names"):
        conform(rows, SCHEMA)


def test_an_abandoned_file_leaves_nothing_behind(tmp_path: Path) -> None:
    file = TableFile(str(tmp_path / "x.parquet"), SCHEMA)
    file.write(table_of(["a"]))
    file.abandon(RuntimeError("on the way"))
    assert list(tmp_path.iterdir()) == []


def runs(*keys: list[int]) -> list[pa.RecordBatch]:
    return [
        pa.record_batch(
            [pa.array(some, pa.int32()), pa.array([f"t{key}" for key in some], pa.string())], ["key", "text"]
        )
        for some in keys
    ]


PAIR = pa.schema([("text", pa.string())])
PATHS = {number: f"d/{number}.parquet" for number in range(9)}


def test_each_run_of_equal_keys_becomes_a_file(tmp_path: Path) -> None:
    result = list(write_runs(runs([1, 1], [], [1, 3], [3], [0]), "key", str(tmp_path), PATHS, PAIR))
    assert [(file.path, file.rows) for file in result] == [("d/1.parquet", 3), ("d/3.parquet", 2), ("d/0.parquet", 1)]
    assert pq.read_table(tmp_path / "d" / "1.parquet")["text"].to_pylist() == ["t1"] * 3


def test_no_rows_make_no_file(tmp_path: Path) -> None:
    assert list(write_runs(runs([], []), "key", str(tmp_path), PATHS, PAIR)) == []
    assert list(tmp_path.iterdir()) == []


def test_an_error_in_the_stream_leaves_the_finished_files_and_nothing_half_done(tmp_path: Path) -> None:
    def failing() -> object:
        yield from runs([1, 2])
        raise RuntimeError("on the way")

    result: list[Written] = []
    with pytest.raises(RuntimeError, match="on the way"):
        result.extend(write_runs(failing(), "key", str(tmp_path), PATHS, PAIR))  # type: ignore[arg-type]
    assert [file.name for file in (tmp_path / "d").iterdir()] == ["1.parquet"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 4), max_size=30).map(sorted), st.lists(st.integers(0, 30), max_size=6))
def test_files_of_runs_do_not_depend_on_the_batches(tmp_path: Path, keys: list[int], cuts: list[int]) -> None:
    places = [0, *sorted(cut % (len(keys) + 1) for cut in cuts), len(keys)]
    pieces = [keys[start:end] for start, end in itertools.pairwise(places)]
    whole = list(write_runs(runs(keys), "key", str(tmp_path / "w"), PATHS, PAIR))
    assert list(write_runs(runs(*pieces), "key", str(tmp_path / "p"), PATHS, PAIR)) == whole
    assert [file.rows for file in whole] == [keys.count(key) for key in dict.fromkeys(keys)]


def test_packed_rows_fill_row_groups_by_their_bytes(tmp_path: Path) -> None:
    path = tmp_path / "bucket.parquet"
    file = TableFile(str(path), pa.schema([("kind", pa.string()), ("payload", pa.binary())]))
    for number in range(10):
        file.write(pa.table({"kind": ["index"], "payload": [bytes([number]) * (20 << 20)]}))
    assert file.close()[0] == 10
    result = pq.ParquetFile(path)
    assert [result.metadata.row_group(group).num_rows for group in range(result.num_row_groups)] == [2, 2, 2, 2, 2]
