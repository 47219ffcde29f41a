"""Sums of groups over many batches."""

import pyarrow as pa

from pipeline.summaries import reading
from pipeline.summaries.reading import grouped, lowest, summed


def test_sums_over_many_pieces_are_those_of_all_rows_at_once() -> None:
    pieces = [
        pa.table({"host": [f"{n * k % 97}.example" for k in range(40)], "records": pa.array([1] * 40, pa.int64())})
        for n in range(1, 60)
    ]
    reading_rows, reading._BATCH_ROWS = reading._BATCH_ROWS, 4  # pieces are put together many times
    try:
        made = summed(iter(pieces), ("host",), ("records",))
    finally:
        reading._BATCH_ROWS = reading_rows
    expected = grouped(pa.concat_tables(pieces), ("host",), ("records",))
    assert made.sort_by("host").to_pylist() == expected.sort_by("host").to_pylist()
    assert summed(iter(()), ("host",), ("records",)).num_rows == 0


def test_a_sample_of_no_records_has_no_rows() -> None:
    assert lowest(iter(()), 5).num_rows == 0
