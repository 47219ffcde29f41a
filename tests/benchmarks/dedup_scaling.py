"""What the three levels of de-duplication cost, by number of documents, and beside datatrove.

`python -m tests.benchmarks.dedup_scaling [--documents 50000 100000 200000 400000] [--peer] [--peer-python PYTHON]
[--master 'local[2]'] [--conf KEY=VALUE …] [--keep DIR] [--json FILE]`

Each size is a run of its own, in processes of its own, on a corpus of `synthetic_corpus`. Seconds of a level are those
that the run prints; bytes are those that all tasks of a level wrote into shuffles, as Spark's event log has them;
peaks are the kernel's own high-water marks of resident memory, where it has them. With `--peer`, datatrove reads what
passed `dedup_url` at the smallest size, with as many workers as the run has cores; `datatrove_peer` says how it is set
up and installed. A small run goes first, which is not shown: it compiles the kernels where their sources have changed.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any, Final

import psutil

from pipeline.runs.run import Run
from tests.benchmarks import datatrove_peer
from tests.benchmarks.profile_run import DRIVER, JVM, MIB, ROOT, SUBMIT, WORKERS
from tests.benchmarks.synthetic_corpus import write_corpus

LEVELS: Final = ("dedup_url", "dedup_document", "dedup_line")
TIMED: Final = ("ingest", *LEVELS)
_SECONDS: Final = 0.2
_WARM_UP: Final = 500
_TOOK = re.compile(r"\s+([\d.]+) s\b")
_HIGH_WATER = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


@dataclass
class Watched:
    """What was seen of a process tree.

    Attributes:
        wall: Seconds from beginning to end.
        seconds: Stage → seconds that it says it took.
        peaks: Role → largest peak of one process in it, in bytes.
        said: The lines that it printed.
    """

    wall: float = 0.0
    seconds: dict[str, float] = field(default_factory=dict)
    peaks: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)
    _stage: str = ""

    def hear(self, lines: Iterable[str]) -> None:
        """Follow what it prints."""
        for line in lines:
            print(line, end="", file=sys.stderr, flush=True)
            self.said.append(line.rstrip("\n"))
            if self.said[-1].endswith(" …"):
                self._stage = self.said[-1].removesuffix(" …")
            elif took := _TOOK.match(line):
                self.seconds[self._stage] = float(took[1])

    def look(self, process: psutil.Process, role: Callable[[psutil.Process], str]) -> None:
        """Note the peaks of a process and of what it has started."""
        with suppress(psutil.Error):
            for one in (process, *process.children(recursive=True)):
                with suppress(psutil.Error, OSError):  # it has ended
                    name = role(one)
                    self.peaks[name] = max(self.peaks[name], peak_of(one))


def role_of(process: psutil.Process) -> str:
    """Return whose process it is, whatever module Spark forks its workers from."""
    program, *words = process.cmdline() or ["java"]
    if Path(program).name in ("java", "bash"):
        return JVM
    return DRIVER if any(word.endswith("curate.py") for word in words) else WORKERS


def peak_of(process: psutil.Process) -> int:
    """Return the most memory a process has had resident; where the system does not keep it, what it has now."""
    status = Path(f"/proc/{process.pid}/status")
    result = _HIGH_WATER.search(status.read_text()) if status.exists() else None
    return int(result[1]) << 10 if result else int(process.memory_info().rss)


def watch(command: list[str], directory: Path, role: Callable[[psutil.Process], str], log: Path) -> Watched:
    """Run a command to its end and return what was seen of it; what it writes to stderr goes into a file."""
    result, start = Watched(), time.monotonic()
    with log.open("w") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, "CI": "true"}, cwd=directory
        )
        assert process.stdout is not None
        ear = Thread(target=result.hear, args=(process.stdout,), daemon=True)
        ear.start()
        tree = psutil.Process(process.pid)
        while process.poll() is None:
            result.look(tree, role)
            time.sleep(_SECONDS)
    result.wall = time.monotonic() - start
    ear.join()
    if process.returncode:
        sys.exit(f"{log.read_text()[-3000:]}\n{command[0]} ended with {process.returncode}")
    return result


def shuffled_bytes(log: Path) -> Counter[str]:
    """Return the bytes that successful tasks wrote into shuffles, by stage of the pipeline.

    The pipeline names its stages as job groups. Spark itself names the jobs of a broadcast: they belong to the stage
    whose jobs were submitted last.
    """
    groups: dict[int, str] = {}
    current = ""
    result: Counter[str] = Counter()
    with log.open() as lines:
        for line in lines:
            event = json.loads(line)
            kind = event["Event"]
            if kind == "SparkListenerStageSubmitted":
                group = (event.get("Properties") or {}).get("spark.jobGroup.id", "")
                current = group if re.fullmatch(r"\w+(, \w+)*", group) else current
                groups[event["Stage Info"]["Stage ID"]] = current
            elif kind == "SparkListenerTaskEnd" and event["Task End Reason"]["Reason"] == "Success":
                metrics = event.get("Task Metrics") or {}
                written = metrics.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
                result[groups[event["Stage ID"]]] += written
    return result


def measure(directory: Path, documents: int, master: str, conf: list[str]) -> dict[str, Any]:
    """Write a corpus, run the three levels on it, and return what they cost."""
    corpus, run, events = (directory / name for name in ("corpus", "run", "events"))
    events.mkdir(parents=True)
    write_corpus(corpus, documents)
    log = {"enabled": "true", "dir": events.absolute().as_uri(), "compress": "false", "rolling.enabled": "false"}
    settings = [*(f"spark.eventLog.{key}={value}" for key, value in log.items()), *conf]
    command = [str(SUBMIT), "--master", master, *(word for one in settings for word in ("--conf", one))]
    command += [str(ROOT / "jobs" / "curate.py"), "--input", str(corpus), "--output", str(run), "--to", LEVELS[-1]]
    load = os.getloadavg()[0]
    seen = watch(command, directory, role_of, directory / "run.log")
    tables = {table.stage: table for table in Run(str(run)).tables()}
    return {
        "documents": documents,
        "load_before": load,
        "seconds": seen.wall,
        "stage_seconds": {stage: seen.seconds[stage] for stage in TIMED},
        "other_seconds": seen.wall - sum(seen.seconds.values()),
        "shuffle_bytes": dict(shuffled_bytes(next(events.iterdir()))),
        "peak_mib": {role: seen.peaks[role] / MIB for role in (DRIVER, JVM, WORKERS)},
        "dropped": {level: sum(tables[level].manifest.dropped().values()) for level in LEVELS},
        "threshold": tables["dedup_document"].manifest.params["threshold"],
    }


def measure_peer(directory: Path, python: str, workers: int, threshold: float) -> dict[str, Any]:
    """Let datatrove remove near duplicates from what passed `dedup_url`, and return what it cost and chose."""
    texts, work, run = (directory / name for name in ("texts", "peer", "run"))
    table = directory / "dedup_url"
    job = [sys.executable, "-m", "jobs.export", str(run), "dedup_url", str(table)]
    subprocess.run(job, cwd=ROOT, check=True, stdout=sys.stderr)
    datatrove_peer.write_texts(map(str, sorted(table.glob("*.parquet"))), texts)
    command = [python, "-I", datatrove_peer.__file__, str(texts), str(work), "--workers", str(workers)]
    seen = watch(command, directory, lambda _: "largest", directory / "peer.log")
    lines, result = datatrove_peer.compare(run / "decisions", texts, work, threshold)
    cost = {"seconds": seen.wall, "steps": json.loads(seen.said[-1]), "peak_mib": seen.peaks["largest"] / MIB}
    return {**cost, "lines": lines, **result}


def markdown(found: list[dict[str, Any]]) -> list[str]:
    """Return the figures as a table, a size a column."""
    rows: dict[str, list[str]] = {"load before": [f"{one['load_before']:.2f}" for one in found]}
    rows["seconds"] = [f"{one['seconds']:.1f}" for one in found]
    for stage in TIMED:
        rows[f"… {stage}"] = [f"{one['stage_seconds'][stage]:.1f}" for one in found]
    rows["… start, decisions"] = [f"{one['other_seconds']:.1f}" for one in found]
    rows["documents/s"] = [f"{one['documents'] / one['seconds']:,.0f}" for one in found]
    for level in LEVELS:
        written = [one["shuffle_bytes"].get(level, 0) / one["documents"] for one in found]
        rows[f"shuffle bytes per document, {level}"] = [f"{value:,.1f}" for value in written]
    for role in (DRIVER, JVM, WORKERS):
        name = f"peak MiB, {role}" + (", the largest" if role == WORKERS else "")
        rows[name] = [f"{one['peak_mib'][role]:,.0f}" for one in found]
    for level in LEVELS:
        rows[f"dropped by {level}"] = [f"{one['dropped'][level]:,}" for one in found]
    rows |= _peer_rows([one.get("peer") for one in found])
    lines = ["| documents | " + " | ".join(f"{one['documents']:,}" for one in found) + " |"]
    lines.append("|---|" + "---:|" * len(found))
    lines += [f"| {name} | " + " | ".join(values) + " |" for name, values in rows.items()]
    return [*lines, "", "seconds per document, largest to smallest size: " + ", ".join(ratios(found))]


def _peer_rows(peers: list[dict[str, Any] | None]) -> dict[str, list[str]]:
    """Return what datatrove cost where it ran."""
    costs = [
        {"seconds": peer["seconds"], **peer["steps"], "peak MiB": peer["peak_mib"]} if peer else {} for peer in peers
    ]
    names = next((list(cost) for cost in costs if cost), [])
    return {f"datatrove, {name}": [f"{cost[name]:.1f}" if cost else "" for cost in costs] for name in names}


def ratios(found: list[dict[str, Any]]) -> list[str]:
    """Return how much longer a document takes at the largest size than at the smallest, whole and by level."""
    first, *_, last = sorted(found * 2, key=lambda one: one["documents"])
    size = last["documents"] / first["documents"]
    values = {"whole": last["seconds"] / first["seconds"]}
    values |= {level: last["stage_seconds"][level] / first["stage_seconds"][level] for level in LEVELS}
    return [f"{name} {value / size:.2f}" for name, value in values.items()]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.dedup_scaling", description=__doc__)
    parser.add_argument("--documents", nargs="+", type=int, default=[50_000, 100_000, 200_000, 400_000])
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--conf", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="settings of Spark")
    parser.add_argument("--peer", action="store_true", help="run datatrove beside the smallest size")
    parser.add_argument("--peer-python", default=sys.executable, help="the interpreter that has datatrove")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave corpora, runs and event logs here")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    asked = parser.parse_args()
    if asked.peer:
        subprocess.run([asked.peer_python, "-c", "import datatrove.pipeline.dedup, spacy, pyarrow, orjson"], check=True)
    cores = re.match(r"local\[(\d+)", asked.master)
    result: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        measure(Path(scratch), _WARM_UP, asked.master, asked.conf)
    for documents in asked.documents:
        with tempfile.TemporaryDirectory() as scratch:
            directory = (asked.keep or Path(scratch)).absolute() / f"documents-{documents}"
            shutil.rmtree(directory, ignore_errors=True)
            result.append(measure(directory, documents, asked.master, asked.conf))
            if asked.peer and documents == min(asked.documents):
                workers = int(cores[1]) if cores else os.cpu_count() or 1
                result[-1]["peer"] = measure_peer(directory, asked.peer_python, workers, result[-1]["threshold"])
    print("\n".join(markdown(result)))
    for one in result:
        if "peer" in one:
            print("\n".join(["", f"### {one['documents']:,} documents", "", *one["peer"]["lines"]]))
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
