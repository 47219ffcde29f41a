"""The arguments of the job."""

import argparse
from dataclasses import dataclass, field

from pipeline.ablation.without import Settings
from pipeline.argument_types import count
from pipeline.experiments.run_cells import Wanted
from pipeline.runs.run import Run


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        run: The run directory.
        stage: What to leave out.
        output: The directory to write.
        wanted: Seed, bytes of a target, tokens of the proxies' sample.
        settings: What the run was made with, as far as its manifests do not say.
        tokens: Of each arm, at the most; None for as many as both have.
        proxy: `ngram`, `transformer` or `none`.
        targets: A YAML file of targets; "" for held-out domains.
        size: Of the transformers.
        seeds: Transformers an arm.
        vocabulary: Of the transformers' tokenizer.
    """

    run: str
    stage: str
    output: str
    wanted: Wanted
    settings: Settings = field(default_factory=Settings)
    tokens: int | None = None
    proxy: str = "ngram"
    targets: str = ""
    size: str = "1m"
    seeds: int = 3
    vocabulary: int = 8192


def add_arguments(made: argparse.ArgumentParser) -> None:
    """Add the arguments to a parser."""
    made.add_argument("run", help="the run directory")
    made.add_argument("--without", required=True, metavar="STAGE", help="the stage to leave out")
    made.add_argument("--output", metavar="DIR", help="default: RUN/ablations/without-STAGE")
    made.add_argument("--proxy", choices=["ngram", "transformer", "none"], default="ngram", help=(
        "ngram (default): a trigram model of each arm, minutes on a CPU, a prior; transformer: tiny models, wants the"
        " extra `train`; none: write the arms and the targets"))  # fmt: skip
    made.add_argument("--tokens", type=count, metavar="N", help="of each arm, at the most; default: what both have")
    made.add_argument("--targets", default="", metavar="FILE", help=(
        "YAML, name → {file, field, weight}; default: held-out domains, two targets per category"))  # fmt: skip
    made.add_argument("--dev-bytes", type=count, default=200_000, metavar="N", help="of each target; default 200000")
    made.add_argument("--sample-tokens", type=count, default=5_000_000, metavar="N", help=(
        "of each arm that a proxy is trained on; default 5000000"))  # fmt: skip
    made.add_argument("--size", default="1m", metavar="NAME", help="of the transformers: tiny, 1m, 2m, 4m, 15m, 30m")
    made.add_argument("--seeds", type=count, default=3, metavar="N", help="transformers per arm; default 3")
    made.add_argument("--vocabulary", type=count, default=8192, metavar="N", help="of the transformers; default 8192")
    made.add_argument("--seed", type=int, default=0, metavar="N", help="of all draws; default 0")
    made.add_argument("--config", nargs="+", action="extend", default=[], metavar="FILE", help=(
        "as the run was made with, where parameters name files"))  # fmt: skip
    made.add_argument("--set", nargs="+", action="extend", default=[], metavar="STAGE.KEY=VALUE", help="likewise")


def request_of(given: argparse.Namespace) -> Request:
    """Return what parsed arguments ask for."""
    run = given.run.rstrip("/")
    stage = Run(run).current_name(given.without)
    return Request(
        run=run,
        stage=stage,
        output=(given.output or f"{run}/ablations/without-{stage}").rstrip("/"),
        wanted=Wanted(seed=given.seed, sample_tokens=given.sample_tokens, dev_bytes=given.dev_bytes, least_tokens=1),
        settings=Settings(tuple(given.config), tuple(given.set)),
        tokens=given.tokens,
        proxy=given.proxy,
        targets=given.targets,
        size=given.size,
        seeds=given.seeds,
        vocabulary=given.vocabulary,
    )
