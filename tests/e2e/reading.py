"""Reads what a run wrote, as a user would."""

import hashlib
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from pipeline.results.explain import locate


def decisions(run: Path) -> dict[str, dict[str, Any]]:
    """Return the decisions by record id."""
    rows = ds.dataset(locate(str(run), "decisions"), format="parquet").to_table().to_pylist()
    return {row["record_id"]: row for row in rows}


def rows(run: Path, stage: str) -> list[dict[str, Any]]:
    """Return a stage's table."""
    return list(ds.dataset(locate(str(run), stage), format="parquet").to_table().to_pylist())


def hashes(directory: Path) -> dict[str, str]:
    """Return path → sha256 of the Parquet files below a directory."""
    return {
        str(file.relative_to(directory)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(directory.rglob("*.parquet"))
    }
