"""Writes the training sets: `python -m classifiers.training_sets SHARED OUTPUT --sources FOLDER…`.

SHARED is the folder of collections (`collections.py` says which files of it are read), FOLDER one of source files. The
configurations beside this module train the models that ship of the Parquet files in OUTPUT.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from classifiers.training_sets.sets import code_math_rows, quality_rows, topic_rows
from classifiers.training_sets.toxicity import toxicity_rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sets; return the exit code."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(prog="python -m classifiers.training_sets", description=__doc__.partition("\n")[0])
    parser.add_argument("shared", type=Path, help="the folder of collections")
    parser.add_argument("output", type=Path, help="where the sets are written")
    parser.add_argument("--sources", type=Path, nargs="+", required=True, help="folders of source files")
    options = parser.parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    sets = {
        "topic": topic_rows(options.shared),
        "quality": quality_rows(options.shared),
        "code_math": code_math_rows(options.shared, options.sources),
        "toxicity": toxicity_rows(options.shared),
    }
    for name, rows in sets.items():
        table = pa.Table.from_pylist(list(rows))
        pq.write_table(table, options.output / f"{name}.parquet", compression="zstd")
        print(f"{name}: {table.num_rows} rows")  # noqa: T201  (what a command says)
    return 0


if __name__ == "__main__":
    sys.exit(main())
