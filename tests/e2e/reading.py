"""Reads what a run wrote, as a user would."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq

from pipeline.results.export import exported
from pipeline.results.locations import RESULTS, locate
from pipeline.spark.session import start_session


def decisions(run: Path) -> dict[str, dict[str, Any]]:
    """Return the decisions by record id."""
    rows = ds.dataset(locate(str(run), "decisions"), format="parquet").to_table().to_pylist()
    return {row["record_id"]: row for row in rows}


def table_of(run: Path | str, what: str) -> str:
    """Return the directory of a stage's table, or of decisions, inputs or release."""
    return locate(str(run), what) if what in RESULTS else exported(start_session, str(run), what)[0]


def rows(run: Path, what: str) -> list[dict[str, Any]]:
    """Return the rows of a stage's table, or of decisions, inputs or the training split of the release."""
    directory = table_of(run, what)
    files = ds.dataset(f"{directory}/data" if what == "release" else directory, format="parquet")
    return list(files.to_table().to_pylist())


def hashes(directory: Path) -> dict[str, str]:
    """Return path → sha256 of the Parquet files below a directory."""
    return {
        str(file.relative_to(directory)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(directory.rglob("*.parquet"))
    }


def text_bytes(run: Path) -> Counter[str]:
    """Return stage → bytes on disk of its columns named `text`."""
    sizes: Counter[str] = Counter()
    for file in (run / "stages").glob("*/files/*.parquet"):
        metadata = pq.read_metadata(file)
        for group in range(metadata.num_row_groups):
            for number in range(metadata.num_columns):
                column = metadata.row_group(group).column(number)
                if column.path_in_schema == "text":
                    sizes[file.parts[-3]] += column.total_compressed_size
    return sizes
