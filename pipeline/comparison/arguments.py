"""The arguments of the job."""

import argparse

from pipeline.argument_types import count_or_zero, share
from pipeline.comparison.compare import Request


def add_arguments(made: argparse.ArgumentParser) -> None:
    """Add the arguments to a parser."""
    made.add_argument("first", metavar="RUN", help="the run directory to compare with")
    made.add_argument("second", metavar="RUN2", help="the run directory that is compared")
    made.add_argument("--sample", type=count_or_zero, default=5, metavar="N", help="documents of each kind; default 5")
    made.add_argument("--fail-over", type=share, metavar="SHARE", help=(
        "exit code 1 where more of the records of either run were gained, lost or changed, or were kept and are in one"
        " input alone: 0.5%% or .005"))  # fmt: skip
    made.add_argument("--json", action="store_true", help="print one JSON object")


def request_of(given: argparse.Namespace) -> Request:
    """Return what parsed arguments ask for."""
    return Request((given.first.rstrip("/"), given.second.rstrip("/")), given.sample, given.fail_over, given.json)
