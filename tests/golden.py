"""What every stage makes of the sample, by the code that makes it: `python -m tests.golden` writes it anew.

A digest of each stage's table stands beside one of the code that decides it. Another table under the same code is a
fault: of the engine, or of the code digest, which did not see a change.
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.cells.parts import digest
from pipeline.cells.reader import read_cells
from pipeline.code_digests.stage_code import code_of
from pipeline.plan import STAGES
from pipeline.runs.run import Run
from pipeline.runs.table import Table

FILE = Path(__file__).with_name("golden.json")
_PATHS = ("warc_file",)
"""Columns that say where the sample lies."""


def rounded(value: Any) -> Any:
    """Return a value with its floats to six digits: processors differ in the last bits.

    >>> rounded({"a": [0.1234567, 1, None]})
    {'a': ['0.123457', 1, None]}
    """
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return [rounded(one) for one in value]
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return value


def table_digest(table: Table) -> str:
    """Return a hash of a table's rows and of whom the stage dropped, whatever the order of the files."""
    columns = [column for column in table.columns if column.name not in _PATHS]
    rows = sorted(_rows(table, columns))
    drops = json.dumps(table.manifest.dropped(), sort_keys=True)
    return hashlib.sha256("\n".join([drops, *rows]).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _rows(table: Table, columns: list[Any]) -> Iterator[str]:
    for cells in table.cells([column.name for column in columns]):
        for batch in read_cells(cells, columns):
            for row in batch.select([column.name for column in columns]).to_pylist():
                yield json.dumps(rounded(row), sort_keys=True, default=str)


def made_by(run: Path) -> dict[str, dict[str, str]]:
    """Return stage → digests of the code that decides it, and of its table in a run of the sample."""
    tables = {table.stage: table for table in Run(str(run)).tables()}
    return {
        stage.name: {
            "code": digest(dict(code_of(stage.params, *stage.functions).files)),
            "table": table_digest(tables[stage.name]),
        }
        for stage in STAGES
    }


def main() -> None:
    """Run the sample, write the digests anew, and print which stages changed."""
    from pipeline.curation import Request, curate
    from tests.sample import write_sample

    with tempfile.TemporaryDirectory() as directory:
        write_sample(Path(directory) / "sample")
        run = Path(directory) / "run"
        curate(Request(output=str(run), inputs=(f"{directory}/sample/*",)))
        made = made_by(run)
    before = json.loads(FILE.read_text()) if FILE.exists() else {}
    for stage, digests in made.items():
        changed = [what for what, value in digests.items() if before.get(stage, {}).get(what) != value]
        print(f"{stage:<16}{'changed: ' + ', '.join(changed) if changed else 'as before'}", file=sys.stderr)
    FILE.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
