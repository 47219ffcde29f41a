"""Commands by which people judge: borderline decisions of a stage, and what two runs do differently."""

import argparse
import sys

from pipeline.cli.command import Command, print_lines


def _review_arguments(parser: argparse.ArgumentParser) -> None:
    from pipeline.review.arguments import add_arguments

    add_arguments(parser)


def _review(options: argparse.Namespace, _parser: argparse.ArgumentParser) -> None:
    from pipeline.review.arguments import request_of
    from pipeline.review.review import review

    review(request_of(options), sys.stdin, sys.stdout)


REVIEW = Command(
    "review",
    "Judge a stage's decisions, the closest to their limit first, and learn how precise they are and which limit the\n"
    "verdicts argue for. Verdicts are saved one by one; the same command goes on where it stopped.",
    _review_arguments,
    _review,
)


def _compare_arguments(parser: argparse.ArgumentParser) -> None:
    from pipeline.comparison.arguments import add_arguments

    add_arguments(parser)


def _compare(options: argparse.Namespace, _parser: argparse.ArgumentParser) -> None:
    from pipeline.comparison.arguments import request_of
    from pipeline.comparison.compare import compare
    from pipeline.spark.session import start_session

    compare(start_session, request_of(options), lambda line: print_lines([line]))


COMPARE = Command(
    "compare",
    "Tell what differs between two runs: documents gained, lost and changed, by stage, reason, language and host,\n"
    "with samples; parameters and code by stage. Exit code 1 where --fail-over is exceeded.",
    _compare_arguments,
    _compare,
    starts_spark=True,
)
