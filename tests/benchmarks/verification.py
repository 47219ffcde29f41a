"""What checksums cost a run: the CPU time that hashing and comparing takes, as a share of all CPU time.

`python -m tests.benchmarks.verification --input 'WARCS'`: a run from nothing, and a second one that finds all done.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.profile_run import ROOT, profile
from tests.benchmarks.timed_checks import NOTES, noted

_TIMED = ROOT / "tests" / "benchmarks" / "timed_checks.py"
_DAEMON = "spark.python.daemon.module=tests.benchmarks.timed_checks"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.verification", description=__doc__)
    parser.add_argument("--input", nargs="+", required=True, metavar="WARC", help="as for jobs/curate.py")
    parser.add_argument("--master", default="local[2,4]")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        inputs = [str(Path(name).absolute()) for name in asked.input]
        for what in ("from nothing", "all done already"):
            notes = Path(directory) / what.replace(" ", "-")
            notes.mkdir()
            os.environ[NOTES] = str(notes)
            os.environ["PYTHONPATH"] = str(ROOT)
            job = [str(_TIMED), str(ROOT / "jobs" / "curate.py")]
            seen = profile(inputs, asked.master, Path(directory) / "run", ["--conf", _DAEMON], job)
            total, checks = sum(seen.cpu.values()), noted(notes)
            sys.stdout.write(f"{what}: {checks:.2f} of {total:.1f} CPU s, {checks / total:.2%}\n")


if __name__ == "__main__":
    main()
