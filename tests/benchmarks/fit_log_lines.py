"""Fits the net of `kernels.log_lines`: `python -m tests.benchmarks.fit_log_lines --hosts FILE… --out FILE`.

Hosts as for `planted_dumps`; the third of them that is held out takes no part. Examples are lines: of pages as they
are, and of pages with a dump of a known kind, and of an improvised one, planted. Lines beside a dump count more, for
there the cut must be. Needs the `train` extra.
"""

import argparse
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.kernels.log_lines import find as kernel
from pipeline.kernels.log_lines.runs import WINDOWS
from pipeline.kernels.log_lines.tokens import log_words
from pipeline.kernels.text.lines import span_arrays
from pipeline.kernels.text.prose import spans_of
from pipeline.kernels.text.words import decode, longest, tables, utf8
from schemas.columns import NO_PROSE, SPAN_TYPE
from tests.benchmarks.dump_generators import HELD_OUT, IMPROVISED, TUNED
from tests.benchmarks.planted_dumps import Host, plain_lines, plant, read_hosts

Array = np.ndarray[Any, np.dtype[Any]]
# shares of lines that are taken: beside a dump, of a dump, of a page as it is, elsewhere in a page with a dump
_TAKEN = (0.8, 0.3, 0.9, 0.08)


class Examples(NamedTuple):
    """Lines of one text: what the net sees, and which are a dump's; those in tables are left out of pages."""

    inputs: Array
    is_dump: Array
    is_table: Array


def facts_by_window(facts: Array) -> Array:
    """Return the mean facts of each line's windows, side by side."""
    sums = np.concatenate([np.zeros((1, facts.shape[1])), np.cumsum(facts, 0, dtype=np.float64)])
    lines = np.arange(len(facts))
    result = []
    for low, high in WINDOWS:
        first, last = np.clip(lines + low, 0, len(facts)), np.clip(lines + high, 0, len(facts))
        result.append((sums[last] - sums[first]) / np.maximum(last - first, 1)[:, None])
    inputs: Array = np.concatenate(result, 1).astype(np.float32)
    return inputs


def measured(text: str, spans: Iterable[Any]) -> tuple[Array, Array]:
    """Return the inputs of a text's lines, and the lines."""
    held, offsets = utf8(pa.array([text]))
    points = longest(offsets)
    length = decode(held, offsets[0], offsets[1], points)
    column = pa.array([[span._asdict() for span in spans]], pa.list_(SPAN_TYPE))
    code, marked = span_arrays(spans_of(column, NO_PROSE)), span_arrays(spans_of(column, ("table",)))
    at, rows = np.zeros(5, np.int64), min(text.count("\n") + 1, kernel.LINES_AT_ONCE)
    lines = kernel._next_lines(points, length, rows, tables().classes, 0, code, marked, at)
    facts = kernel._measure(points, lines, at[4], (tables(), log_words()))
    return facts_by_window(facts), lines


def taken(examples: Examples, is_planted: bool, seed: np.random.Generator) -> tuple[Array, Array]:
    """Return some of a text's lines, and whether each is a dump's."""
    dump = examples.is_dump
    padded = np.pad(dump, 3)
    near = np.any([padded[3 + by : 3 + by + len(dump)] for by in (-3, -2, -1, 1, 2, 3)], axis=0)
    share = np.where(dump, _TAKEN[1], np.where(near, _TAKEN[0], _TAKEN[3] if is_planted else _TAKEN[2]))
    chosen = (seed.random(len(dump)) < share) & ~examples.is_table
    return examples.inputs[chosen].astype(np.float16), dump[chosen]


def examples_of(hosts: list[Host], kinds: tuple[str, ...]) -> tuple[Array, Array]:
    """Return examples of pages as they are and with dumps."""
    rng, seed = random.Random(5), np.random.default_rng(0)
    result: list[tuple[Array, Array]] = []
    for host in hosts:
        inputs, lines = measured(host.text, host.spans)
        if len(lines):
            result.append(taken(Examples(inputs, np.zeros(len(lines), bool), lines[:, 4] > 0), False, seed))
        plain = plain_lines(host)
        for kind in (rng.choice(kinds), rng.choice(kinds), IMPROVISED, IMPROVISED):
            if 3 <= len(plain) <= 1000 and rng.random() < 0.7:
                planted = plant(plain, kind, rng)
                inputs, lines = measured("\n".join(planted.lines), ())
                is_dump = np.array(planted.is_dump)
                if len(lines) == len(is_dump):
                    result.append(taken(Examples(inputs, is_dump, lines[:, 4] > 0), True, seed))
    inputs = np.concatenate([some for some, _ in result]).astype(np.float32)
    return inputs, np.concatenate([labels for _, labels in result])


def fit(inputs: Array, labels: Array) -> dict[str, Array]:
    """Return the net: two small ones side by side, of which each has half the say."""
    from sklearn.neural_network import MLPClassifier

    mean, scale = inputs.mean(0), inputs.std(0) + 1e-6
    scaled = np.clip((inputs - mean) / scale, -4, 4)
    nets = []
    for seed, alpha in ((0, 0.1), (1, 0.2)):
        net = MLPClassifier((16,), alpha=alpha, max_iter=8, batch_size=500, random_state=seed)
        nets.append(net.fit(scaled, labels))
    return {
        "mean": mean,
        "scale": scale,
        "hidden": np.concatenate([net.coefs_[0] for net in nets], 1),
        "hidden_bias": np.concatenate([net.intercepts_[0] for net in nets]),
        "out": np.concatenate([net.coefs_[1][:, 0] for net in nets]) / len(nets),
        "bias": np.array([sum(net.intercepts_[1][0] for net in nets) / len(nets)]),
    }


def main() -> None:
    """Write the fitted net."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tuned-only", action="store_true", help="leave out the kinds that are held out")
    asked = parser.parse_args()
    # chats are logs, and pages of them no examples of what is none
    hosts = [host for host in read_hosts(asked.hosts) if not host.is_held_out and "irclog" not in host.url]
    inputs, labels = examples_of(hosts, TUNED if asked.tuned_only else TUNED + HELD_OUT)
    print(f"{len(hosts):,} texts, {len(labels):,} lines, {labels.mean():.1%} of dumps")
    net: dict[str, Any] = {name: value.astype(np.float32) for name, value in fit(inputs, labels).items()}
    np.savez(asked.out, **net)


if __name__ == "__main__":
    main()
