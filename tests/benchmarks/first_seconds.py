"""How soon the command and the library answer, each in a fresh process: `python -m tests.benchmarks.first_seconds`.

Wall seconds, the median of nine, once the kernels are compiled.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_TIMES = 9
_EXTRACT = (
    "import sys; from pipeline import extract;"
    "extract('<main><p>The mill grinds the grain of the whole valley.</p></main>');"
    "assert not {'pyspark', 'presidio_analyzer'} & set(sys.modules)"
)
_COMMANDS = {
    "gristmill --help": (str(Path(sys.executable).with_name("gristmill")), "--help"),
    "from pipeline import extract; extract(…)": (sys.executable, "-c", _EXTRACT),
}


def seconds(command: Sequence[str]) -> float:
    """Return the wall seconds of a command that has to succeed."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main() -> None:
    print("| | median, s | slowest, s |\n|---|---:|---:|")
    for name, command in _COMMANDS.items():
        seconds(command)  # compiles, and brings the files into memory
        times = [seconds(command) for _ in range(_TIMES)]
        print(f"| {name} | {statistics.median(times):.2f} | {max(times):.2f} |")


if __name__ == "__main__":
    main()
