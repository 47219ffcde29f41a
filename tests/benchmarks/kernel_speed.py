"""Measures the compiled kernels on generated texts: `python -m tests.benchmarks.kernel_speed [--documents N]`.

Texts have 460 words drawn by Zipf's law from 50,000 made-up ones, in lines of some 12 words. One core, CPU time.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.kernels.near_duplicates.minhash import band_keys, sketch
from pipeline.kernels.signals.measure import measure_signals
from pipeline.kernels.text.lines import find_lines
from pipeline.kernels.urls.addresses import canonical_url
from schemas.columns import SPAN_TYPE
from schemas.signals import SIGNALS

WORDS = 460


def made_texts(count: int) -> pa.Array:
    """Return texts of 460 words, the same each time."""
    random = np.random.default_rng(0)
    letters = np.array(list("etaoinshrdlucmfwypvbgkjqxz"))
    vocabulary = np.array(["".join(random.choice(letters[:18], random.integers(2, 10))) for _ in range(50_000)])
    drawn = vocabulary[np.minimum(random.zipf(1.3, (count, WORDS)) - 1, len(vocabulary) - 1)]
    return pa.array(["\n".join(" ".join(row[at : at + 12]) + "." for at in range(0, WORDS, 12)) for row in drawn])


def seconds_of(work: Callable[[], Any]) -> float:
    """Return the CPU seconds of a piece of work, after one run that compiles."""
    work()
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print a row per kernel."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=5000)
    count = parser.parse_args().documents
    texts = made_texts(count)
    spans = pa.array([[]] * count, pa.list_(SPAN_TYPE))
    signatures, groups = sketch(texts).signatures, np.zeros(count, np.int64)
    urls = [f"https://www.host{n % 97}.example/path/{n}?b=2&a={n}&utm_source=x#top" for n in range(count)]
    work: dict[str, Callable[[], Any]] = {
        "shingles + MinHash(128)": lambda: sketch(texts),
        "band keys (16 × 8)": lambda: band_keys(signatures, 16, groups),
        "lines found, normalised, hashed": lambda: find_lines(texts, spans),
        f"all {len(SIGNALS)} signals": lambda: measure_signals(texts),
        "canonical URL": lambda: [canonical_url(url) for url in urls],
    }
    size = sum(len(text) for text in texts.to_pylist()) / count
    print(f"{count:,} documents of {size:,.0f} characters")
    print("| kernel | µs per document | documents/s/core |\n|---|---:|---:|")
    for name, one in work.items():
        each = seconds_of(one) / count
        print(f"| {name} | {each * 1e6:.1f} | {1 / each:,.0f} |")


if __name__ == "__main__":
    main()
