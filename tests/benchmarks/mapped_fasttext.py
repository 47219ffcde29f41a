"""Measures what a large fastText model costs several processes: `python -m tests.benchmarks.mapped_fasttext [--gib N]`.

Makes a model file of the given size (made-up words, random weights), opens it in several processes, lets each score
made-up texts, and prints the proportional memory (PSS) of all of them: a page that four share counts a quarter for
each. `--reader library` does the same with fastText's own loader. Linux alone tells a process's PSS.
"""

import argparse
import multiprocessing
import re
import struct
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from classifiers.fasttext_files.format import MAGIC, VERSION

WORDS, DIM = 200_000, 256
TEXTS, LENGTH = 200, 400


def write_model(path: Path, gib: float) -> None:
    """Write a supervised softmax model of 1- and 2-grams with two labels, of about that many GiB."""
    buckets = max(1000, int(gib * 2**30 / (4 * DIM)) - WORDS)
    rows = WORDS + buckets
    random = np.random.default_rng(0)
    block = (random.standard_normal((1 << 14, DIM)) / DIM).astype("<f4").tobytes()
    with path.open("wb") as file:
        file.write(struct.pack("<14i", MAGIC, VERSION, DIM, 5, 5, 1, 5, 2, 3, 3, buckets, 0, 0, 100))
        file.write(struct.pack("<d3i2q", 1e-4, WORDS + 2, WORDS, 2, WORDS, -1))
        for name in [*(f"word{number}" for number in range(WORDS)), "__label__hq", "__label__cc"]:
            file.write(name.encode() + b"\0" + struct.pack("<qb", 1, name.startswith("__label__")))
        file.write(struct.pack("<?2q", False, rows, DIM))
        for start in range(0, rows * DIM * 4, len(block)):
            file.write(block[: rows * DIM * 4 - start])
        file.write(struct.pack("<?2q", False, 2, DIM) + block[: 2 * DIM * 4])


def proportional_kib() -> int:
    """Return this process's proportional share of the memory that it has mapped, in KiB."""
    match = re.search(r"^Pss: +(\d+)", Path("/proc/self/smaps_rollup").read_text(encoding="ascii"), re.MULTILINE)
    assert match is not None, "this kernel tells no PSS"
    return int(match[1])


def _worker(channel: Connection, path: str, reader: str, seed: int) -> None:
    """Tell the memory before the model is opened, after it has scored, and after each of its pages was read."""
    from classifiers.fasttext_files.mapped import MappedFastText
    from classifiers.fasttext_files.model import open_reader

    channel.send(proportional_kib())
    channel.recv()
    start = time.perf_counter()
    _, score = open_reader(Path(path), reader)
    opened = time.perf_counter() - start
    random = np.random.default_rng(seed)
    lines = [" ".join(f"word{number}" for number in random.integers(0, 2 * WORDS, LENGTH)) for _ in range(TEXTS)]
    start = time.process_time()
    score(lines)
    channel.send((opened, TEXTS / (time.process_time() - start)))
    channel.recv()
    channel.send(proportional_kib())
    channel.recv()
    model: Any = getattr(score, "__self__", None)
    if isinstance(model, MappedFastText):
        model._file[:: 1 << 12].max()
    channel.send(0)
    channel.recv()
    channel.send(proportional_kib())
    channel.recv()


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=2.0, help="size of the made-up file")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--reader", choices=("mapped", "library"), default="mapped")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.bin"
        write_model(path, options.gib)
        context = multiprocessing.get_context("spawn")
        pairs = [context.Pipe() for _ in range(options.processes)]
        workers = [
            context.Process(target=_worker, args=(theirs, str(path), options.reader, seed))
            for seed, (_, theirs) in enumerate(pairs)
        ]
        for worker in workers:
            worker.start()
        answers: list[list[Any]] = []
        for _ in range(5):
            answers.append([ours.recv() for ours, _ in pairs])
            for ours, _ in pairs:
                ours.send(None)
        for worker in workers:
            worker.join()
        before, speeds, scored, _, touched = answers
        size = path.stat().st_size / 2**20
    print(
        f"{options.reader}: a file of {size:.0f} MiB in {options.processes} processes, MiB of PSS for the model in all"
    )
    print(f"  after {TEXTS} texts each: {(sum(scored) - sum(before)) / 1024:.0f}")
    print(f"  after every page was read: {(sum(touched) - sum(before)) / 1024:.0f}")
    print(f"  the processes without it: {sum(before) / 1024:.0f}")
    slowest, rate = max(opened for opened, _ in speeds), min(rate for _, rate in speeds)
    print(f"  opened within {slowest:.1f} s, {rate:.0f} texts of {LENGTH} words a second of CPU time")


if __name__ == "__main__":
    main()
