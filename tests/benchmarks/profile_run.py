"""What a run of the main job costs: seconds, CPU by stage, and memory, of the driver and of its Python workers.

`python -m tests.benchmarks.profile_run --input 'WARCS' [--master 'local[2,4]'] [--json out.json]`
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import psutil

from pipeline.runs.funnel import records_in
from pipeline.runs.run import Run
from tests.e2e.reading import text_bytes

ROOT = Path(__file__).resolve().parents[2]
SUBMIT = Path(sys.executable).parent / "spark-submit"
JOB = (str(ROOT / "jobs" / "curate.py"),)
JVM, DRIVER, WORKERS = "driver JVM", "driver Python", "Python workers"
SECONDS = 0.2
# Reading the share of each page of memory halts a process for some milliseconds.
SAMPLES_PER_MEMORY = 5
MIB = 1 << 20
_DAEMONS = ("pipeline.daemon", "pyspark.daemon", "pyspark.worker")
_TOOK = re.compile(r"\s+[\d.]+ s\b")


@dataclass
class Profile:
    """What was seen of a process tree.

    Attributes:
        stage: What runs now.
        wall: stage → seconds.
        cpu: (stage, role) → CPU seconds.
        peaks: (whose memory, which measure) → bytes.
        seen: Process → CPU seconds when it was last seen; what a process used after that, 0.2 s at most, is not known.
    """

    stage: str = "start"
    wall: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    cpu: defaultdict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    peaks: Counter[tuple[str, str]] = field(default_factory=Counter)
    seen: dict[psutil.Process, float] = field(default_factory=dict)

    def watch(self, process: "subprocess.Popen[str]") -> None:
        """Sample the tree until it ends."""
        tree = psutil.Process(process.pid)
        before, number = time.monotonic(), 0
        while process.poll() is None:
            memory = []
            for one in self._alive(tree):
                try:
                    role = role_of(one)
                    times = one.cpu_times()
                    used = times.user + times.system
                    self.cpu[self.stage, role] += used - self.seen.get(one, 0.0)
                    self.seen[one] = used
                    if number % SAMPLES_PER_MEMORY == 0:
                        memory.append((role, one.memory_full_info()))
                except psutil.Error:  # it has ended
                    continue
            self._remember(memory)
            now = time.monotonic()
            self.wall[self.stage] += now - before
            before, number = now, number + 1
            time.sleep(SECONDS)

    @staticmethod
    def _alive(tree: psutil.Process) -> list[psutil.Process]:
        try:
            return [tree, *tree.children(recursive=True)]
        except psutil.Error:
            return []

    def _remember(self, memory: list[tuple[str, Any]]) -> None:
        for measure in ("rss", "pss", "uss"):
            sums: Counter[str] = Counter()
            for role, result in memory:
                size = getattr(result, measure, 0)  # only Linux knows a PSS
                sums["all processes"] += size
                sums["driver, both" if role != WORKERS else "Python workers, sum"] += size
                if role == WORKERS:
                    sums["Python workers, largest"] = max(sums["Python workers, largest"], size)
                else:
                    sums[role] += size
            for whose, size in sums.items():
                self.peaks[whose, measure] = max(self.peaks[whose, measure], size)

    def hear(self, line: str) -> None:
        """Follow the lines that the job prints."""
        if line.endswith(" …"):
            self.stage = line.removesuffix(" …")
        elif _TOOK.match(line):
            self.stage = "commits, decisions, release"


def role_of(process: psutil.Process) -> str:
    """Return whose process it is; workers are forks of a daemon, and what has just ended is the driver's."""
    try:
        command = process.cmdline()
    except psutil.Error:
        return DRIVER
    if any(name in word for name in _DAEMONS for word in command):
        return WORKERS
    return JVM if command and Path(command[0]).name in ("java", "bash") else DRIVER


def profile(
    inputs: list[str], master: str, output: Path, options: Sequence[str] = (), job: Sequence[str] = JOB
) -> Profile:
    """Run the job and return what it cost; its lines are shown as they come.

    Args:
        inputs: As for the job.
        master: Spark's.
        output: The run directory.
        options: More for `spark-submit`.
        job: Script of the job, with what comes before the inputs.
    """
    command = [str(SUBMIT), "--master", master, *options, *job]
    process = subprocess.Popen(
        [*command, "--input", *inputs, "--output", str(output)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "CI": "true"},
        cwd=output.parent,
    )
    result = Profile()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", file=sys.stderr, flush=True)
            result.hear(line.rstrip("\n"))

    ear = Thread(target=listen, daemon=True)
    ear.start()
    result.watch(process)
    ear.join()
    if process.returncode:
        sys.exit(f"the job ended with {process.returncode}")
    return result


def figures(found: Profile, run: Path) -> dict[str, Any]:
    """Return all that was measured, for people and programs."""
    tables = Run(str(run)).tables()
    wall = sum(found.wall.values())
    records = records_in(tables)
    documents = next(table.rows for table in tables if table.stage == "extract")
    cpu = {stage: {role: found.cpu[stage, role] for role in (JVM, DRIVER, WORKERS)} for stage in found.wall}
    memory: dict[str, dict[str, float]] = {}
    for (whose, measure), size in sorted(found.peaks.items()):
        memory.setdefault(whose, {})[measure] = size / MIB
    return {
        "wall_seconds": wall,
        "cpu_seconds": sum(found.cpu.values()),
        "records": records,
        "documents_extracted": documents,
        "records_per_second": records / wall,
        "documents_per_second": documents / wall,
        "stages": {stage: {"wall": found.wall[stage], **roles} for stage, roles in cpu.items()},
        "peak_memory_mib": memory,
        "text_mib": {stage: size / MIB for stage, size in text_bytes(run).items()},
    }


def markdown(found: dict[str, Any]) -> list[str]:
    """Return the figures as two tables."""
    summary = (
        f"{found['records']:,} records in, {found['documents_extracted']:,} documents extracted, in"
        f" {found['wall_seconds']:.1f} s: {found['records_per_second']:.1f} records/s,"
        f" {found['documents_per_second']:.1f} documents/s; {found['cpu_seconds']:.1f} CPU s; load before"
        f" {found['load_before']:.2f}"
    )
    lines = [
        summary,
        "",
        f"| stage | wall s | CPU s: {JVM} | {DRIVER} | {WORKERS} | all |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    total: Counter[str] = Counter()
    for stage, row in found["stages"].items():
        total.update(row)
        lines.append(_cpu_line(stage, row))
    lines += [_cpu_line("**all**", total), "", "| peak memory, MiB | RSS | PSS | USS |", "|---|---:|---:|---:|"]
    for whose, sizes in found["peak_memory_mib"].items():
        lines.append(f"| {whose} | " + " | ".join(f"{sizes[name]:,.0f}" for name in ("rss", "pss", "uss")) + " |")
    texts = found["text_mib"]
    if texts:
        copies = sum(texts.values()) / texts["extract"]
        by_stage = ", ".join(f"{stage} {size:.1f}" for stage, size in texts.items())
        lines += ["", f"texts on disk, MiB: {by_stage}; {copies:.2f} × one copy"]
    return lines


def _cpu_line(stage: str, row: Any) -> str:
    roles = [row[role] for role in (JVM, DRIVER, WORKERS)]
    return f"| {stage} | " + " | ".join(f"{value:.1f}" for value in (row["wall"], *roles, sum(roles))) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.profile_run", description=__doc__)
    parser.add_argument("--input", nargs="+", required=True, metavar="WARC", help="as for jobs/curate.py")
    parser.add_argument("--master", default="local[2,4]")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as directory:
        run = Path(directory) / "run"
        inputs = [one if one.startswith("@") or "://" in one else str(Path(one).absolute()) for one in asked.input]
        result = {"load_before": load, **figures(profile(inputs, asked.master, run), run)}
    print("\n".join(markdown(result)))
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
