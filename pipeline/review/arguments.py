"""The arguments of the job."""

import argparse

from pipeline.argument_types import count
from pipeline.review.intervals import METHODS
from pipeline.review.review import Request


def add_arguments(made: argparse.ArgumentParser) -> None:
    """Add the arguments to a parser."""
    made.add_argument("run", help="the run directory")
    made.add_argument("--stage", required=True, metavar="STAGE", help="a stage that compares something with a limit")
    which = made.add_mutually_exclusive_group()
    which.add_argument("--borderline", type=count, default=50, metavar="N", help=(
        "the closest decisions, half of them drops; default 50"))  # fmt: skip
    which.add_argument("--random", type=count, metavar="N", help="instead a random sample of the stage's drops")
    made.add_argument("--seed", type=int, default=0, metavar="N", help="of the random sample; default 0")
    made.add_argument("--verdicts", metavar="FILE", help="where verdicts are kept; default verdicts-STAGE.jsonl")
    made.add_argument("--reviewer", default="", metavar="NAME", help="who judges; default: nobody in particular")
    made.add_argument("--interval", choices=METHODS, default="exact", help=(
        "exact (default): Clopper and Pearson's; wilson: Wilson's"))  # fmt: skip
    made.add_argument("--agree", metavar="FILE", help="compare --verdicts with another reviewer's file, and end")
    made.add_argument("--chars", type=count, default=1200, metavar="N", help="characters shown of a text; default 1200")
    made.add_argument("--json", action="store_true", help="print one JSON object, and ask nothing")


def request_of(given: argparse.Namespace) -> Request:
    """Return what parsed arguments ask for."""
    return Request(
        run=given.run.rstrip("/"),
        stage=given.stage,
        borderline=given.borderline,
        random=given.random,
        seed=given.seed,
        verdicts=given.verdicts or f"verdicts-{given.stage}.jsonl",
        reviewer=given.reviewer,
        interval=given.interval,
        agree=given.agree,
        chars=given.chars,
        as_json=given.json,
    )
