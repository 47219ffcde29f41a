"""What `dedup_line.spare` spares: lines that the paper's rule removes and ours does not, and the other way round.

`python -m tests.benchmarks.line_rules RUN [--sample 100]`: the texts of a run as `dedup_document` left them, all
documents of a language in one bucket. Prints counts, and a sample of each kind with how often either rule saw the line.
"""

import argparse
import random
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds

from pipeline.dedup.candidates import language_numbers
from pipeline.kernels.text.headings import spared_headings
from pipeline.kernels.text.lines import Lines, find_lines, keyed
from pipeline.kernels.text.prose import spans_of
from pipeline.results.export import export
from pipeline.spark.session import start_session
from pipeline.stages.dedup_line import DedupLineParams
from schemas.columns import LANGUAGE, SPANS, TEXT

Array = np.ndarray[Any, np.dtype[Any]]
_KINDS = ("code", "math")
_SHOWN = 100


class Seen(NamedTuple):
    """Lines, and how often each was seen."""

    lines: Lines
    counts: Array

    @property
    def frequent(self) -> Array:
        """Whether each is removed."""
        frequent: Array = self.counts > DedupLineParams().max_occurrences
        return frequent


def seen_by(table: pa.Table, *, numbers: bool) -> Seen:
    """Count the lines outside code and math, by language."""
    texts, spans = table[TEXT.name].combine_chunks(), table[SPANS.name].combine_chunks()
    lines = find_lines(texts, spans_of(spans, _KINDS), numbers=numbers)
    keys = keyed(lines, language_numbers(table[LANGUAGE.name].combine_chunks()))
    _, places, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return Seen(lines, counts[places])


def show(title: str, chosen: Array, table: pa.Table, as_zeros: Seen, with_digits: Seen, sample: int) -> None:
    """Print how many lines are chosen, and some of them, of those that begin alike three at most."""
    numbers = np.flatnonzero(chosen).tolist()
    print(f"\n{title}: {len(numbers):,} lines")
    random.Random(1).shuffle(numbers)
    begun: dict[str, int] = {}
    lines = as_zeros.lines
    for number in numbers:
        text = table[TEXT.name][int(lines.text[number])].as_py()
        line = text[lines.start[number] : lines.end[number]].strip()
        begun[line[:6]] = begun.get(line[:6], 0) + 1
        if sample and begun[line[:6]] <= 3:
            sample -= 1
            print(f"  {as_zeros.counts[number]:>6} {with_digits.counts[number]:>6}  {line[:_SHOWN]!r}")


def main() -> None:
    """Print both rules' differences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("--sample", type=int, default=100)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        texts = str(Path(folder, "texts"))
        export(start_session(), given.run.rstrip("/"), "dedup_document", texts)
        names = [TEXT.name, SPANS.name, LANGUAGE.name]
        table = ds.dataset(texts, format="parquet").to_table(columns=names).combine_chunks()
    as_zeros, with_digits = seen_by(table, numbers=False), seen_by(table, numbers=True)
    spans = table[SPANS.name].combine_chunks()
    headings = spared_headings(spans, with_digits.lines, with_digits.frequent, _KINDS) & with_digits.frequent
    total, before, after = len(as_zeros.counts), as_zeros.frequent.sum(), (with_digits.frequent & ~headings).sum()
    print(f"{table.num_rows:,} texts, {total:,} lines: the paper's rule removes {before:,}, ours {after:,}")
    rules = (as_zeros, with_digits, given.sample)
    show("numbers that ours spares", as_zeros.frequent & ~with_digits.frequent, table, *rules)
    show("headings that ours spares", headings, table, *rules)
    show("lines that ours alone removes", with_digits.frequent & ~as_zeros.frequent, table, *rules)


if __name__ == "__main__":
    main()
