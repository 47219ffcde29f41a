"""What the extract stage in Spark costs beside its kernel: CPU seconds of the Python workers, by what they went into.

`python -m tests.benchmarks.stage_overhead --input WARC [WARC …] [--json FILE]`

The stage runs as the pipeline runs it, on `local[1]`, twice: what the frame takes in the first pass beyond the second
is what workers cost once. The kernel's time is measured in the worker itself, page by page: from bytes to text, the
charset included.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import psutil

from pipeline.cells.parts import BatchStream, Part
from pipeline.curation import Request, curate
from pipeline.engine.recipes import Step
from pipeline.engine.stage_run import StageRun
from pipeline.engine.tables import FittedTables
from pipeline.inputs import pages
from pipeline.kernels import extraction
from pipeline.kernels.warc.charset import to_utf_8
from pipeline.runs.run import Run
from pipeline.spark.session import start_session, stop_session
from pipeline.stages.extract import ExtractParams, extract, measure_extract
from tests.benchmarks.profile_run import JVM, WORKERS, role_of

ONCE, READING, CHARSET, TEXT = "once", "records read", "charset", "text"
ROWS, WATCHDOG = "rows in and out, Parquet, deciding", "watchdog"
FRAME: Final = (ROWS, WATCHDOG)
NOTES: Final = "GRISTMILL_STAGE_OVERHEAD"
# Shortly after its last row a worker may still be at work.
_SETTLED: Final = 1.0


class Clock:
    """CPU seconds of this process by what they went into, and how often it was done."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys((READING, CHARSET, TEXT), 0.0)
        self.pages = 0

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same and is timed."""

        def done(*arguments: Any, **named: Any) -> Any:
            start = time.process_time()
            try:
                return work(*arguments, **named)
            finally:
                self.seconds[name] += time.process_time() - start
                self.pages += name == TEXT

        return done

    def read_pages(self, part: Part, wanted: set[int]) -> Iterator[pages.Page]:
        """Yield the pages of a part; finding their charset is counted for itself."""
        result = pages.warc_pages(part, wanted)
        following = self.timed(READING, lambda: next(result, None))
        while True:
            charset = self.seconds[CHARSET]
            page = following()
            self.seconds[READING] -= self.seconds[CHARSET] - charset
            if page is None:
                return
            yield page


def measure_timed(rows: BatchStream, params: ExtractParams, fitted: FittedTables) -> BatchStream:
    """Measure as the stage does, in a worker, and leave a note of what the kernel took."""
    clock = Clock()
    list(measure_extract(iter(()), params, fitted))  # imports, compiled code, the model: they are no page's cost
    with ExitStack() as stack:
        stack.enter_context(patch.object(pages, "to_utf_8", clock.timed(CHARSET, to_utf_8)))
        stack.enter_context(patch.object(extraction, "extract", clock.timed(TEXT, extraction.extract)))
        yield from measure_extract(rows, params, fitted, clock.read_pages)
    note = {"pages": clock.pages, **clock.seconds}
    (Path(os.environ[NOTES]) / f"{fitted.part.name}.json").write_text(json.dumps(note))


def seconds_by_process() -> dict[psutil.Process, float]:
    """Return the CPU seconds of every process that Spark has started below this one."""
    result: dict[psutil.Process, float] = {}
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has ended
            times = process.cpu_times()
            result[process] = times.user + times.system
    return result


def part_of(process: psutil.Process) -> str:
    """Return what a process of Spark's does for the stage."""
    if role_of(process) == WORKERS:
        return ROWS
    return WATCHDOG if any(role_of(one) == WORKERS for one in process.parents()) else JVM


def run_stage(output: str, notes: Path, number: int) -> dict[str, float]:
    """Run the stage on a run whose chain ends before it, and return the CPU seconds of all that took part."""
    read = Run(output).tables()[-1]
    params = ExtractParams(model_digest=f"pass {number}")  # so that no part of the pass before is linked
    step = Step(replace(extract, measure=measure_timed), params)
    spark = start_session()
    before = seconds_by_process()
    StageRun(spark, output, step, read, f"pass-{number}").run((), lambda: None)
    time.sleep(_SETTLED)
    after = seconds_by_process()
    parts = [json.loads(note.read_text()) for note in sorted(notes.iterdir())]
    result = {name: sum(part[name] for part in parts) for name in parts[0]} | dict.fromkeys((*FRAME, JVM), 0.0)
    for process, seconds in after.items():
        result[part_of(process)] += seconds - before.get(process, 0.0)
    result[ROWS] -= result[READING] + result[CHARSET] + result[TEXT]
    return result


def figures(inputs: tuple[str, ...]) -> dict[str, float]:
    """Run the pipeline up to the stage and then the stage, and return what it took."""
    with tempfile.TemporaryDirectory() as directory:
        output, notes = str(Path(directory) / "run"), Path(directory) / "notes"
        notes.mkdir()
        os.environ[NOTES] = str(notes)
        os.environ["PYSPARK_SUBMIT_ARGS"] = "--master local[1] pyspark-shell"
        os.environ.setdefault("CI", "true")
        try:
            curate(Request(output=output, inputs=inputs, last="opt_out"))
            first, second = (run_stage(output, notes, number) for number in range(2))
        finally:
            stop_session()
    return second | {ONCE: sum(first[name] - second[name] for name in FRAME)}


def markdown(found: dict[str, float]) -> list[str]:
    """Return the figures as a table."""
    kernel, frame = found[CHARSET] + found[TEXT], sum(found[name] for name in FRAME)
    rows = {
        "the kernel: charset and text": kernel,
        "reading and unpacking the records": found[READING],
        **{f"frame: {name}": found[name] for name in FRAME},
        "**Python workers, all**": kernel + found[READING] + frame,
        "beside them: the driver JVM": found[JVM],
        "once: workers started, code and model loaded": found[ONCE],
    }
    share, load = f"{frame / kernel:.1%}", f"{found['load_before']:.2f}"
    lines = [
        f"{found['pages']:,.0f} pages; load before {load}. The frame adds {share} to the kernel's own time.",
        "",
        "| extract on local[1] | CPU s | ms per page | of the kernel |",
        "|---|---:|---:|---:|",
    ]
    return lines + [
        f"| {what} | {seconds:.2f} | {1000 * seconds / found['pages']:.2f} | {seconds / kernel:.1%} |"
        for what, seconds in rows.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.stage_overhead", description=__doc__)
    parser.add_argument("--input", nargs="+", required=True, metavar="WARC")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    result = {"load_before": load, **figures(tuple(asked.input))}
    print("\n".join(markdown(result)))
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
