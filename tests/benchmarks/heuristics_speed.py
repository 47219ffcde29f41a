"""What the measures of heuristics cost on one core, with datatrove's four filters on the same texts beside them.

`python -m tests.benchmarks.heuristics_speed --input 'TEXTS.jsonl.gz' [--python DIR/bin/python]`: texts of some 2.6 KB,
which are the first bytes of the longer ones of the input. CPU time of one process. datatrove (see `datatrove_peer` for
how to install it) stops at the first filter that drops a text; the four together are timed.
"""

import argparse
import time
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from classifiers.tokenizers import load_encoder
from pipeline.heuristics.datatrove_verdicts import verdicts
from pipeline.kernels.log_lines.find import find_log_lines
from pipeline.kernels.signals.dirty_words import BUNDLED, word_lists
from pipeline.kernels.signals.measure import measure_signals
from pipeline.kernels.signals.phrases import number_lists
from pipeline.kernels.tokens.divergence import count_tokens, divergences, log_shares
from schemas.columns import SPAN_TYPE
from schemas.signals import SIGNALS
from tests.benchmarks.datatrove_agreement import ask_peer, read_texts

BYTES = 2600
_AT_ONCE = 1024


def seconds_of(work: Callable[[list[str]], Any], texts: list[str]) -> float:
    """Return the CPU seconds of a piece of work on texts, after a first batch that compiles and loads."""
    work(texts[:64])
    start = time.process_time()
    for at in range(0, len(texts), _AT_ONCE):
        work(texts[at : at + _AT_ONCE])
    return time.process_time() - start


def main() -> None:
    """Print a row per measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", nargs="+", required=True)
    parser.add_argument("--documents", type=int, default=3000)
    parser.add_argument("--python", help="an interpreter that has datatrove")
    asked = parser.parse_args()
    longer = (text for text in read_texts(asked.input) if len(text.encode()) >= BYTES)
    texts = [text.encode()[:BYTES].decode(errors="ignore") for text in islice(longer, asked.documents)]
    dirty = number_lists(word_lists(BUNDLED))
    encoder = load_encoder("tekken")
    logs = log_shares(np.arange(9), np.ones(9), encoder.vocabulary)
    none = pa.array([[]] * _AT_ONCE, pa.list_(SPAN_TYPE))

    def diverge(some: list[str]) -> object:
        tokens = encoder.tokens(some)
        counted = count_tokens(tokens.offsets, tokens.ids)
        return divergences(counted, np.array([len(text) for text in some]), logs)

    work: dict[str, Callable[[list[str]], Any]] = {
        f"all {len(SIGNALS)} signals, dirty words of 28 languages among them": lambda some: measure_signals(
            pa.array(some), None, ["en"] * len(some), dirty
        ),
        "divergence: tokens, counts, three measures": diverge,
        "repeated lines": lambda some: find_log_lines(pa.array(some), none[: len(some)], none[: len(some)]),
        "definition: datatrove, all signals and verdicts": verdicts,
    }
    print(
        f"{len(texts):,} documents of {BYTES:,} bytes\n| measure | µs per document | documents/s/core |\n"
        "|---|---:|---:|"
    )
    for name, one in work.items():
        each = seconds_of(one, texts) / len(texts)
        print(f"| {name} | {each * 1e6:.0f} | {1 / each:,.0f} |")
    if asked.python:
        each = ask_peer(asked.python, texts)["seconds"] / len(texts)
        print(f"| datatrove's four filters, one after the other | {each * 1e6:.0f} | {1 / each:,.0f} |")


if __name__ == "__main__":
    main()
