"""Mixture experiments: fits on RegMix's public swarms, and a planted corpus by the n-gram proxy.

python -m tests.benchmarks.mixture [FOLDER OF REGMIX'S CSV FILES]
"""

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import EvidenceError
from pipeline.experiments.prior import find_prior
from pipeline.experiments.ranks import spearman
from pipeline.experiments.regressors import FITS, choose
from pipeline.experiments.space import space_of
from tests.planted_mixture import BEST, NAMES, WORDS, dealt, encode, planted

_ONE = "pile_cc"


def _read(path: Path) -> Any:
    return np.genfromtxt(path, delimiter=",", skip_header=1)[:, 1:]


def regmix_correlations(folder: Path, runs: int, draws: int, kind: str = "") -> tuple[float, float]:
    """Return Spearman's correlations at 1B of fits to 1M runs: of Pile-CC, and of the mean of the standardised targets.

    Args:
        folder: Of the CSV files.
        runs: Proxies that are fitted.
        draws: Means are over these.
        kind: Of fit; empty for the one that cross-validation chooses.
    """
    mixes, losses = _read(folder / "train_mixture_1m.csv"), _read(folder / "train_pile_loss_1m.csv")
    large, measured = _read(folder / "test_mixture_1B.csv"), _read(folder / "test_pile_loss_1B.csv")
    header = (folder / "train_pile_loss_1m.csv").read_text().split("\n", 1)[0].split(",")[1:]
    one = next(number for number, name in enumerate(header) if _ONE in name)
    scores = []
    for draw in range(draws):
        rows = np.random.default_rng(draw).permutation(len(mixes))[:runs]
        some, own = mixes[rows], losses[rows]
        kinds = {kind: (FITS[kind],) * losses.shape[1]} if kind else None
        single = {kind: (FITS[kind],)} if kind else None
        predicted = choose(some, own, draw, kinds).fit(some, own)(large)
        alone = choose(some, own[:, [one]], draw, single).fit(some, own[:, [one]])(large)[:, 0]
        scale = own.std(axis=0)
        every = spearman((predicted / scale).mean(axis=1), (measured / scale).mean(axis=1))
        scores.append((spearman(alone, measured[:, one]), every))
    first, second = np.array(scores).mean(axis=0)
    return float(first), float(second)


def _planted_errors() -> None:
    print("\n| planted corpus, natural shares | largest error | gain, bits per byte | s |\n|---|---:|---:|---:|")
    for millions in ((1, 1, 1, 1), (8, 1, 0.5, 0.5)):
        corpus, start = planted(millions), time.perf_counter()
        space = space_of(NAMES, [cell.tokens for cell in corpus.cells], corpus.target_tokens, corpus.max_epochs)
        prior = find_prior(corpus, space, encode, WORDS, 0)
        error = np.abs(prior.mix - BEST).max()
        print(f"| {millions} | {error:.3f} | {prior.answer.gain} | {time.perf_counter() - start:.1f} |")
    for millions in ((1, 1, 1, 1), (8, 1, 0.5, 0.5)):
        corpus = dealt(millions)
        space = space_of(NAMES, [cell.tokens for cell in corpus.cells], corpus.target_tokens, corpus.max_epochs)
        try:
            find_prior(corpus, space, encode, WORDS, 0)
            print(f"one chain in four cells of {millions}: NOT REFUSED")
        except EvidenceError as error:
            print(f"one chain in four cells of {millions}: {str(error).splitlines()[0]}")


def main() -> None:
    """Print the tables."""
    if len(sys.argv) > 1:
        print("| 1M runs fitted | fit | Pile-CC at 1B | 13 targets at 1B |\n|---:|---|---:|---:|")
        for runs in (24, 51, 85):
            for kind in ("", *FITS):
                one, every = regmix_correlations(Path(sys.argv[1]), runs, 10, kind)
                print(f"| {runs} | {kind or 'chosen by cross-validation'} | {one:.3f} | {every:.3f} |", flush=True)
    _planted_errors()


if __name__ == "__main__":
    main()
