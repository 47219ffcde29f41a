"""Every byte of a file that tasks wrote counts, and any other reader of Parquet reads it all the same."""

import random
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.cells.checked_file import BLOCK, open_parquet, opened_parquet, read_parquet
from pipeline.cells.table_file import TableFile
from pipeline.errors import DamageError

SCHEMA = pa.schema([("text", pa.string()), ("n", pa.int64()), ("spans", pa.list_(pa.int32()))])


def table(rows: int) -> pa.Table:
    drawn = np.random.default_rng(rows).integers(0, 1 << 60, rows)
    texts = [f"grain {number} " * int(number % 40) for number in drawn]
    return pa.table({"text": texts, "n": drawn, "spans": [[1, 2]] * rows}, schema=SCHEMA)


def written(path: Path, rows: int, group: int = 500) -> pa.Table:
    made = table(rows)
    file = TableFile(str(path), SCHEMA, group)
    file.write(made)
    file.close()
    return made


@pytest.mark.parametrize("rows", [0, 1, 40, 3_000])
def test_what_was_written_is_read_by_us_and_by_others(tmp_path: Path, rows: int) -> None:
    made = written(tmp_path / "a.parquet", rows)
    assert read_parquet(str(tmp_path / "a.parquet")).equals(made)
    assert pq.read_table(tmp_path / "a.parquet", page_checksum_verification=True).equals(made)
    assert read_parquet(str(tmp_path / "a.parquet"), ["n"]).equals(made.select(["n"]))


def test_every_flipped_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    written(path, 3_000)
    whole = path.read_bytes()
    assert len(whole) > 3 * BLOCK
    drawn = random.Random(0)
    places = {*drawn.sample(range(len(whole)), 300), *range(len(whole) - 2_000, len(whole)), *range(4)}
    for place in sorted(places):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << drawn.randrange(8)
        path.write_bytes(bytes(damaged))
        with pytest.raises(DamageError, match=r"a\.parquet is damaged or cut"):
            read_parquet(str(path))


@pytest.mark.parametrize("kept", [0, 3, 8, 100, -1, -10])
def test_a_cut_file_is_noticed_when_it_is_opened(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "a.parquet"
    written(path, 3_000)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DamageError):
        open_parquet(str(path))


def test_a_file_that_is_gone_says_so_and_how_it_comes_back(tmp_path: Path) -> None:
    path = f"{tmp_path}/run/stages/dedup_line/files/drops-17.parquet"
    with pytest.raises(DamageError, match=rf"is gone: remove {tmp_path}/run/stages/dedup_line and run again"):
        open_parquet(path)


def test_another_s_parquet_is_not_taken_for_ours(tmp_path: Path) -> None:
    pq.write_table(table(40), tmp_path / "a.parquet")
    with pytest.raises(DamageError):
        open_parquet(str(tmp_path / "a.parquet"))


def test_a_column_is_read_without_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.parquet"
    made = written(path, 30_000, group=10_000)
    read: list[int] = []

    def counted(stream: IO[bytes], start: int, length: int) -> bytes:
        read.append(length)
        stream.seek(start)
        return stream.read(length)

    monkeypatch.setattr("pipeline.cells.checked_file._read_at", counted)
    with opened_parquet(str(path)) as file:
        assert file.read(columns=["spans"]).equals(made.select(["spans"]))
    assert sum(read) < path.stat().st_size / 2
