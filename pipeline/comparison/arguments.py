"""The arguments of the job."""

import argparse
import math

from pipeline.comparison.compare import Request


def add_arguments(made: argparse.ArgumentParser) -> None:
    """Add the arguments to a parser."""
    made.add_argument("first", metavar="RUN", help="the run directory to compare with")
    made.add_argument("second", metavar="RUN2", help="the run directory that is compared")
    made.add_argument("--sample", type=_count, default=5, metavar="N", help="documents of each kind; default 5")
    made.add_argument("--fail-over", type=share, metavar="SHARE", help=(
        "exit code 1 where more of the records of either run were gained, lost or changed: 0.5%% or .005"))  # fmt: skip
    made.add_argument("--json", action="store_true", help="print one JSON object")


def share(text: str) -> float:
    """Return a share, 0 to 1, of a number or a number with `%`.

    >>> share("0.5%"), share(".005")
    (0.005, 0.005)

    Raises:
        ValueError: It is none; argparse says so.
    """
    number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    if not 0 <= number <= 1 or math.isnan(number):
        raise ValueError(text)
    return number


def _count(text: str) -> int:
    """Return a number that is not negative; argparse says so where it is none."""
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def request_of(given: argparse.Namespace) -> Request:
    """Return what parsed arguments ask for."""
    return Request((given.first.rstrip("/"), given.second.rstrip("/")), given.sample, given.fail_over, given.json)
