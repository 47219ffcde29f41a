"""Tables whose files disagree or are odd: every row that can be read is read, and the others are counted."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.json as pj
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.tables import NO_TABLES
from pipeline.inputs.files import resolve
from pipeline.inputs.json_lines import LONGEST_LINE, read_json_lines
from pipeline.inputs.table_columns import table_columns
from pipeline.inputs.table_types import fitted, unified, widened
from pipeline.inputs.tables import read_table
from pipeline.kernels.warc.records import ScanReport
from pipeline.stages.ingest import IngestParams
from pipeline.stages.ingest_table import measure_table

Rows = list[dict[str, Any]]


def read(folder: Path) -> tuple[Rows, list[ScanReport]]:
    """Return the rows of all files of a folder as a run reads them, and what is reported of each file."""
    inputs = resolve([str(folder)])
    rows: Rows = []
    reports = []
    for part in inputs.parts:
        report = ScanReport()
        count = 0
        for first, batch in read_table(part, pa.schema(list(inputs.fields)), report):
            assert first == count
            count += batch.num_rows
            rows += batch.to_pylist()
        reports.append(report)
    return rows, reports


def lines(folder: Path, content: bytes, name: str = "a.jsonl") -> tuple[Rows, ScanReport]:
    (folder / name).write_bytes(content)
    rows, (report,) = read(folder)
    return rows, report


S, I8, I64, F = pa.string(), pa.int8(), pa.int64(), pa.float64()
TYPES = [
    S, I8, I64, F, pa.uint8(), pa.uint64(), pa.float32(), pa.bool_(), pa.null(), pa.binary(), pa.date32(),
    pa.timestamp("ms"), pa.timestamp("us", "UTC"), pa.large_string(), pa.list_(I8), pa.list_(S), pa.large_list(F),
    pa.struct([("a", I8)]), pa.struct([("a", S), ("b", F)]), pa.dictionary(pa.int8(), S), pa.decimal128(5, 2),
]  # fmt: skip


@given(st.sampled_from(TYPES), st.sampled_from(TYPES), st.sampled_from(TYPES))
def test_the_lattice_is_one(left: pa.DataType, middle: pa.DataType, right: pa.DataType) -> None:
    assert widened(left, right) == widened(right, left)
    assert widened(left, left) == widened(widened(left, left), left)
    both = widened(left, right)
    assert widened(both, left) == widened(both, right) == both


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        (I8, I64, I64),
        (I64, F, F),
        (pa.uint8(), I8, pa.int16()),
        (pa.uint64(), I64, F),
        (pa.bool_(), I8, S),
        (I64, S, S),
        (pa.null(), I8, I8),
        (S, pa.binary(), pa.binary()),
        (pa.date32(), pa.timestamp("ns"), pa.timestamp("us")),
        (pa.timestamp("s"), pa.timestamp("us", "Asia/Tokyo"), pa.timestamp("us", "UTC")),
        (pa.timestamp("s"), S, S),
        (pa.list_(I8), pa.list_(F), pa.list_(F)),
        (pa.list_(I8), S, S),
        (pa.struct([("a", I8)]), pa.struct([("b", S), ("a", F)]), pa.struct([("a", F), ("b", S)])),
        (pa.dictionary(pa.int8(), S), pa.large_string(), S),
    ],
)
def test_two_types_meet_in_the_narrowest_that_holds_both(
    left: pa.DataType, right: pa.DataType, both: pa.DataType
) -> None:
    assert widened(left, right) == both


VALUES = [
    pa.array([1, None, -3], I8),
    pa.array([1.5, None], F),
    pa.array(["é", None, ""], S),
    pa.array([True, None]),
    pa.array([[1, 2], None, []], pa.list_(I8)),
    pa.array([[1, 2], None, []], pa.large_list(I8)),
    pa.array([{"a": 1}, None], pa.struct([("a", I8)])),
    pa.array(["x", None], pa.dictionary(pa.int8(), S)),
    pa.array([b"\xe9", None], pa.binary()),
    pa.array([0, None], pa.timestamp("ms")),
    pa.array([0, None], pa.date32()),
    pa.nulls(2),
]


@pytest.mark.parametrize("array", VALUES)
@pytest.mark.parametrize("other", TYPES)
def test_values_fit_what_their_type_is_widened_to(array: pa.Array, other: pa.DataType) -> None:
    kind = widened(array.type, other)
    result = fitted(array, kind)
    assert result.type == kind
    assert [value is None for value in result.to_pylist()] == [value is None for value in array.to_pylist()]
    sliced = fitted(pa.concat_arrays([array, array])[1:], kind)
    assert sliced.to_pylist() == (result.to_pylist() * 2)[1:]


def test_columns_come_in_the_order_in_which_they_are_met() -> None:
    fields = unified([[pa.field("url", S), pa.field("n", I8)], [], [pa.field("text", S), pa.field("n", F)]])
    assert [(field.name, field.type) for field in fields] == [("url", S), ("n", F), ("text", S)]


def test_shards_of_unequal_types_and_columns_are_one_table(tmp_path: Path) -> None:
    for name, columns in {
        "a": {"url": ["a1", "a2"], "score": [1, 2], "tags": [["x"], []]},
        "b": {"score": [0.5], "url": ["b1"], "note": ["new"]},
        "c": {"url": [7], "score": ["high"], "tags": [[1, 2]]},
    }.items():
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet")
    rows, reports = read(tmp_path)
    assert rows == [
        {"url": "a1", "score": "1", "tags": ["x"], "note": None},
        {"url": "a2", "score": "2", "tags": [], "note": None},
        {"url": "b1", "score": "0.5", "tags": None, "note": "new"},
        {"url": "7", "score": "high", "tags": ["1", "2"], "note": None},
    ]
    assert {report.error for report in reports} == {None}


def test_text_columns_that_hold_other_bytes_are_text(tmp_path: Path) -> None:
    broken = pa.array([b"caf\xe9", b"rye"], pa.binary()).view(S)
    pq.write_table(pa.table({"url": ["a", "b"], "text": broken}), tmp_path / "a.parquet")
    rows, (report,) = read(tmp_path)
    assert [row["text"] for row in rows] == ["caf\ufffd", "rye"]
    assert report.error is None


def test_damage_costs_a_row_group_and_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"url": [f"u{number}" for number in range(300)]})
    pq.write_table(table, path, row_group_size=100, compression="snappy", use_dictionary=False)
    column = pq.read_metadata(path).row_group(1).column(0)
    content = bytearray(path.read_bytes())
    start = column.data_page_offset
    content[start + 30 : start + column.total_compressed_size] = bytes(column.total_compressed_size - 30)
    path.write_bytes(content)
    rows, (report,) = read(tmp_path)
    assert {row["url"] for row in rows} >= {f"u{number}" for number in (*range(100), *range(200, 300))}
    assert len(rows) + report.damaged == report.records == 300
    assert report.error is not None
    assert report.error.startswith("row group 1, after row ")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (rb'{"url": "b", "text": "half \ud83d here"}', "half \ufffd here"),
        (rb'{"url": "b", "text": "\ud83c\udf3e"}', "🌾"),
        (b'{"url": "b", "text": "caf\xe9"}', "caf\ufffd"),
        (b'{"url": "b", "text": "first", "text": "last"}', "last"),
        (b'{"url": "b", "text": "tab\there"}', "tab\there"),
        (b'{"url": "b", "text": 17}', "17"),
        (b'{"url": "b", "text": ["x", 1]}', '["x", 1]'),
        (b'{"url": "b", "text": {"x": true}}', '{"x": true}'),
        (b'{"url": "b", "text": null}', None),
        (b'{"url": "b", "n": NaN}', None),
    ],
)
def test_odd_lines_are_rows(tmp_path: Path, line: bytes, expected: str | None) -> None:
    rows, report = lines(tmp_path, b'{"url": "a", "text": "plain"}\n' + line + b'\n{"url": "c", "text": "plain"}\n')
    assert [row["url"] for row in rows] == ["a", "b", "c"]
    assert rows[1]["text"] == expected
    assert (report.error, report.records, report.responses) == (None, 3, 3)


@pytest.mark.parametrize(
    "line", [b"{", b'{"url": "b"', b"[1]", b"17", b"true", b"\xff\xfe\xff", b'{"url": "b"} x', b"[" * 3000]
)
def test_lines_that_are_no_objects_are_counted_and_named(tmp_path: Path, line: bytes) -> None:
    rows, report = lines(tmp_path, b'{"url": "a"}\n\n' + line + b'\n{"url": "c"}\n' + line)
    assert [row["url"] for row in rows] == ["a", "c"]
    assert (report.records, report.responses, report.damaged) == (4, 2, 2)
    assert report.error is not None
    assert report.error.startswith("line 3: ")


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("packed", [True, False])
def test_byte_order_marks_are_heeded(tmp_path: Path, charset: str, packed: bool) -> None:
    content = '{"url": "a", "text": "Mühle 水車 🌾"}\n{"url": "b", "text": "x"}\n'
    raw = ("\ufeff" if charset == "utf-16-le" else "").encode(charset) + content.encode(charset)
    rows, report = lines(tmp_path, gzip.compress(raw) if packed else raw, "a.jsonl.gz" if packed else "a.jsonl")
    assert rows == [{"url": "a", "text": "Mühle 水車 🌾"}, {"url": "b", "text": "x"}]
    assert report.error is None


def test_an_id_of_two_kinds_is_text_in_all_files(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"url": 1, "n": 1}\n{"url": 2, "n": 2.5}\n')
    (tmp_path / "b.jsonl").write_text('{"url": "x", "n": 3}\n')
    rows, _ = read(tmp_path)
    assert rows == [{"url": "1", "n": 1.0}, {"url": "2", "n": 2.5}, {"url": "x", "n": 3.0}]


def test_a_value_of_another_kind_far_behind_is_null_and_told(tmp_path: Path) -> None:
    many = "".join(json.dumps({"url": f"u{number}", "n": number}) + "\n" for number in range(60_000))
    rows, report = lines(tmp_path, (many + '{"url": "last", "n": "many"}\n').encode())
    assert len(rows) == 60_001
    assert rows[-1] == {"url": "last", "n": None}
    assert report.error == "line 60,001: 'n' is no int64: null stands for it"


ODD = {
    "date": "2020-01-01T00:00:00Z",
    "wide": 1 << 60,
    "n": 1,
    "half": 2.5,
    "tags": ["x"],
    "of": {"when": "2021-05-06"},
}


@pytest.mark.parametrize("odd", ["{", '{"url": "odd", "date": "soon"}', '{"url": "odd", "n": "x"}', "{}{}"])
def test_the_neighbours_of_an_odd_line_are_what_they_are_without_it(odd: str) -> None:
    whole = [json.dumps({"url": f"u{number}", **ODD, "wide": (1 << 60) + number}) for number in range(200)]
    whole[5] = json.dumps({"url": "u5", **ODD, "wide": 0.5, "half": 7, "date": "2020-01-01T00:00:00+02:00"})
    expected = pj.read_json(pa.BufferReader("\n".join(whole).encode()))
    assert expected.schema.field("date").type == pa.timestamp("s")
    content = "\n".join([*whole[:4], odd, *whole[4:]]).encode()
    told: list[str] = []
    batches = read_json_lines(io.BytesIO(content), expected.schema, told.append, lambda what, _: told.append(what))
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert [row for row in rows if row["url"] != "odd"] == expected.to_pylist()
    assert [what.split(":")[0] for what in told] == ["line 5"]


def test_of_many_lines_the_odd_ones_alone_are_lost(tmp_path: Path) -> None:
    content = [json.dumps({"url": f"u{number}"}) if number % 70 else f"odd {number}" for number in range(1000)]
    rows, report = lines(tmp_path, "\n".join(content).encode())
    assert [row["url"] for row in rows] == [f"u{number}" for number in range(1000) if number % 70]
    assert (report.records, report.responses, report.damaged) == (1000, 985, 15)


@pytest.mark.parametrize("odd", [b"", b'{"url": "odd", "n": "x"}\n', b"{\n"])
@pytest.mark.parametrize(
    ("piece", "lost"),
    [
        (b'{"url": "b"}{"url": "c"}', 1),
        (b'{"url":\n"b"}', 2),
        (b'{"url":\n"b"}\n{"url": "c"}{"url": "d"}', 3),
        (b'{"url": "b"}\r{"url": "c"}', 1),
        (b"null", 1),
        (b'{"url": "b"} null', 1),
    ],
)
def test_a_line_is_one_object_whatever_its_neighbours_are(tmp_path: Path, piece: bytes, lost: int, odd: bytes) -> None:
    rows, report = lines(tmp_path, piece + b'\n{"url": "a", "n": 1}\n' + odd + piece + b'\n{"url": "z"}\n')
    assert [row["url"] for row in rows if row["url"] != "odd"] == ["a", "z"]
    assert report.damaged == report.records - report.responses == 2 * lost + (odd == b"{\n")


def test_a_value_that_becomes_null_is_told_and_is_no_lost_row(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"url": "a", "n": 1, "m": 2}\n')
    many = '{"url": "b", "n": 1, "m": 2}\n' * 40_000
    (tmp_path / "b.jsonl").write_text(many + '{"url": "c", "n": "x", "m": "y"}\n')
    rows, (_, report) = read(tmp_path)
    assert rows[-1] == {"url": "c", "n": None, "m": None}
    assert (report.records, report.responses, report.damaged) == (40_001, 40_001, 0)
    assert report.error == "line 40,001: 'n' is no int64: null stands for it"


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (pa.array([7.0, -0.0, None, 0.5], F), ["7", "0", None, "0.5"]),
        (pa.array([0.1, 3.0], pa.float32()), ["0.1", "3"]),
        (pa.array([float(2**53 - 1), float("inf"), float("nan")], F), ["9007199254740991", "inf", "nan"]),
        (pa.array([2**60 + 1, 2**64 - 1], pa.uint64()), ["1152921504606846977", "18446744073709551615"]),
    ],
)
def test_whole_floats_are_texts_of_whole_numbers(array: pa.Array, texts: list[str | None]) -> None:
    assert fitted(array, S).to_pylist() == texts


KEYS = [(2**60 + 1, "1152921504606846977"), (2**60 + 2, "1152921504606846978"), (1, "1")]


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_keys_are_exact_whatever_type_they_have_in_other_files(tmp_path: Path, kind: str) -> None:
    ids: dict[str, list[Any]] = {"a": [key for key, _ in KEYS], "b": [2.0, None], "c": ["0x1"], "d": [2**64 - 1]}
    for name, values in ids.items():
        rows = [{"id": value, "text": "Rye", "n": value} for value in values if name != "c" or kind == "jsonl"]
        if kind == "jsonl":
            (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        elif rows:
            key_type = {"a": I64, "b": F, "d": pa.uint64()}[name]
            schema = pa.schema([("id", key_type), ("text", S), ("n", key_type)])
            pq.write_table(pa.Table.from_pylist(rows, schema), tmp_path / f"{name}.parquet")
    inputs = resolve([str(tmp_path)])
    keys, numbers = [], set()
    for part in inputs.parts:
        fields = pa.schema(list(inputs.fields))
        for batch in measure_table(iter(()), IngestParams(url_column="id"), NO_TABLES.of_part(part), fields):
            keys += batch.column("source_url").to_pylist()
            numbers.add(batch.schema.field("n").type)
            assert batch.schema.field("id").type == S
    assert keys == [text for _, text in KEYS] + ["2", ""] + ["0x1"] * (kind == "jsonl") + [str(2**64 - 1)]
    assert numbers == {F if kind == "parquet" else S}
    columns = {column.name: column.type for column in table_columns(inputs, "id", "text", None)}
    assert columns["id"] == S


def test_fractions_of_seconds_far_behind_are_read(tmp_path: Path) -> None:
    many = '{"url": "a", "date": "2020-01-01T00:00:00Z"}\n' * 30_000
    rows, report = lines(tmp_path, (many + '{"url": "b", "date": "2020-01-01T00:00:00.25Z"}\n').encode())
    assert [row["date"].microsecond for row in (rows[0], rows[-1])] == [0, 250_000]
    assert report.error is None


def test_a_cut_file_gives_what_it_holds(tmp_path: Path) -> None:
    content = gzip.compress(
        "".join(json.dumps({"url": f"u{n}", "text": f"{n * 7919}"}) + "\n" for n in range(9999)).encode()
    )
    rows, report = lines(tmp_path, content[:-2000], "a.jsonl.gz")
    assert 0 < len(rows) < 9999
    assert report.error is not None
    assert "cut or damaged" in report.error
    assert report.records == report.responses == len(rows)


def test_a_line_without_end_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert LONGEST_LINE > 1 << 26
    monkeypatch.setattr("pipeline.inputs.json_lines.LONGEST_LINE", 1000)
    rows, report = lines(tmp_path, b'{"url": "a"}\n{"url": "' + b"b" * 5000 + b'"}\n{"url": "c"}\n')
    assert [row["url"] for row in rows] == ["a", "c"]
    assert report.error == "line 2: longer than 1,000 bytes"
