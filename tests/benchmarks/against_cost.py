"""What a new crawl costs against an earlier run, beside what it costs alone.

`python -m tests.benchmarks.against_cost [--earlier 200000] [--new 50000] [--master 'local[2]']`

The earlier run and the new one read the files of one corpus of `synthetic_corpus`: the new documents have copies and
older captures among the earlier ones.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from pipeline.runs.run import Run
from tests.benchmarks.dedup_scaling import LEVELS, role_of, watch
from tests.benchmarks.profile_run import ROOT, SUBMIT
from tests.benchmarks.synthetic_corpus import DOCUMENTS_A_FILE, write_corpus


def run(directory: Path, name: str, files: list[Path], master: str, *arguments: str) -> dict[str, Any]:
    """Run the three levels, and return seconds and drops by level."""
    output = directory / name
    command = [str(SUBMIT), "--master", master, str(ROOT / "jobs" / "curate.py"), "--output", str(output)]
    command += ["--to", LEVELS[-1], "--input", *map(str, files), *arguments]
    seen = watch(command, directory, role_of, directory / f"{name}.log")
    tables = {table.stage: table for table in Run(str(output)).tables()}
    dropped = {level: sum(tables[level].manifest.dropped().values()) for level in LEVELS}
    return {"seconds": {level: seen.seconds[level] for level in LEVELS}, "dropped": dropped}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.against_cost", description=__doc__)
    parser.add_argument("--earlier", type=int, default=200_000)
    parser.add_argument("--new", type=int, default=50_000)
    parser.add_argument("--master", default="local[2]")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        write_corpus(directory / "corpus", asked.earlier + asked.new)
        files = sorted((directory / "corpus").iterdir())
        cut = -(-asked.earlier // DOCUMENTS_A_FILE)
        result = {"earlier run": run(directory, "earlier", files[:cut], asked.master)}
        result["new, alone"] = run(directory, "alone", files[cut:], asked.master)
        against = ("--against", str(directory / "earlier"))
        result["new, against the earlier run"] = run(directory, "new", files[cut:], asked.master, *against)
    print("| | " + " | ".join(f"{level}, s | dropped" for level in LEVELS) + " |\n|---|" + "---:|" * 2 * len(LEVELS))
    for name, one in result.items():
        cells = " | ".join(f"{one['seconds'][level]:.1f} | {one['dropped'][level]:,}" for level in LEVELS)
        print(f"| {name} | {cells} |")


if __name__ == "__main__":
    main()
