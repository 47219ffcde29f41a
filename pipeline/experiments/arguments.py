"""The arguments of the job."""

import argparse

from pipeline.argument_types import count
from pipeline.errors import ConfigError
from pipeline.experiments.fit_mixture import Request
from pipeline.experiments.run_cells import Wanted, parse_by


def add_arguments(made: argparse.ArgumentParser) -> None:
    """Add the arguments to a parser."""
    made.add_argument("run", help="the run directory")
    made.add_argument("--output", default="mixture.yaml", metavar="FILE", help="default mixture.yaml")
    made.add_argument("--proxy", choices=["ngram", "transformer"], default="ngram", help=(
        "ngram (default): a model of three-token sequences per cell, minutes on a CPU, gives a prior; transformer: a"
        " swarm of tiny transformers, wants the extra `train`"))  # fmt: skip
    of_run = made.add_argument_group("cells and targets")
    of_run.add_argument("--cells", default="category", metavar="COLUMNS", help=(
        "category (default), category,topic, category,quality or category,topic,quality"))  # fmt: skip
    of_run.add_argument("--quality-from", default="0,10,15", metavar="BUCKETS", help=(
        "where ranges of quality buckets begin; default 0,10,15"))  # fmt: skip
    of_run.add_argument("--min-cell-tokens", type=count, default=100_000, metavar="N", help=(
        "smaller cells join their category's rest; default 100000"))  # fmt: skip
    of_run.add_argument("--targets", default="", metavar="FILE", help=(
        "YAML, name → {file, field, weight}; default: held-out domains, two targets per category"))  # fmt: skip
    of_run.add_argument("--dev-bytes", type=count, default=200_000, metavar="N", help="of each target; default 200000")
    of_run.add_argument("--target-tokens", type=count, metavar="N", help=(
        "of the corpus that the mix is for, from which caps follow; default: mix.target_tokens, or all"))  # fmt: skip
    of_run.add_argument("--sample-tokens", type=count, default=5_000_000, metavar="N", help=(
        "of each cell for the n-gram models, 50 million together at the most; default 5000000"))  # fmt: skip
    of_run.add_argument("--seed", type=int, default=0, metavar="N", help="of all draws; default 0")
    swarm = made.add_argument_group("a swarm")
    swarm.add_argument("--runs", type=count, metavar="N", help="mixes to draw; default: three per weight, 12 at least")
    swarm.add_argument("--seeds", type=count, default=3, metavar="N", help=(
        "times that the natural mix and the prior are run: what they differ by is noise; default 3"))  # fmt: skip
    swarm.add_argument("--sizes", default="1m", metavar="NAMES", help=(
        "tiny, 1m, 2m, 4m, 15m, 30m: the swarm has the smallest; default 1m"))  # fmt: skip
    swarm.add_argument("--proxy-tokens", type=count, default=10_000_000, metavar="N", help=(
        "that the largest proxy is trained on, smaller ones in proportion; default 10000000"))  # fmt: skip
    swarm.add_argument("--vocabulary", type=count, default=8192, metavar="N", help="of the proxies; default 8192")
    swarm.add_argument(
        "--emit-only", default="", metavar="DIR", help="write pools, targets and a configuration per run"
    )
    swarm.add_argument("--collect", default="", metavar="CSV", help=(
        "fit losses: columns run, target, loss, perhaps params and tokens"))  # fmt: skip
    swarm.add_argument("--index", default="", metavar="FILE", help="of --emit-only; default: beside the losses")
    swarm.add_argument("--predict-compute", type=float, metavar="FLOP", help=(
        "fit loss against compute over the sizes, three at least, and predict there"))  # fmt: skip
    again = made.add_argument_group("an earlier mixture")
    again.add_argument("--reuse", default="", metavar="FILE", help="keep the ratios of an earlier mixture")
    again.add_argument("--free", default="", metavar="CELLS", help="but for these cells or categories")


def request_of(given: argparse.Namespace, made: argparse.ArgumentParser) -> Request:
    """Return what parsed arguments ask for; what does not go together ends with the parser's usage.

    Raises:
        ConfigError: Buckets of quality are none.
    """
    if given.emit_only and given.collect:
        made.error("--emit-only writes a swarm, --collect reads its losses: one at a time")
    if bool(given.reuse) != bool(given.free):
        made.error("--reuse names an earlier mixture, --free what is weighed anew: both or none")
    if given.predict_compute is not None and not (given.collect or given.proxy == "transformer"):
        made.error("--predict-compute wants proxies of several sizes: --proxy transformer, or --collect")
    if given.predict_compute is not None and not given.predict_compute > 0:
        made.error("--predict-compute is a positive number of FLOP")
    is_swarm = bool(given.emit_only) or given.proxy == "transformer"
    wanted = Wanted(
        by=parse_by(given.cells),
        quality=_buckets(given.quality_from),
        seed=given.seed,
        sample_tokens=given.sample_tokens,
        least_tokens=given.min_cell_tokens,
        dev_bytes=given.dev_bytes,
        target_tokens=given.target_tokens,
        proxy_tokens=given.proxy_tokens if is_swarm and not given.collect else 0,
    )
    return Request(
        run=given.run.rstrip("/"),
        output=given.output,
        wanted=wanted,
        targets=given.targets,
        proxy=given.proxy,
        runs=given.runs,
        seeds=given.seeds,
        sizes=tuple(part.strip() for part in given.sizes.split(",")),
        vocabulary=given.vocabulary,
        emit=given.emit_only.rstrip("/"),
        collect=given.collect,
        index=given.index,
        compute=given.predict_compute,
        reuse=given.reuse,
        free=tuple(part.strip() for part in given.free.split(",") if part.strip()),
    )


def _buckets(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    numbers = tuple(int(part) for part in parts if part.isdecimal())
    if len(numbers) != len(parts) or numbers[0] != 0 or list(numbers) != sorted({*numbers}) or numbers[-1] > 19:
        raise ConfigError(f"--quality-from {text}: expected rising buckets from 0 to 19, the first of them 0")
    return numbers
