"""Commands that train small proxies: which mix suits held-out texts, and whether a stage helps."""

import argparse

from pipeline.cli.command import Command, print_lines, print_progress


def _mixture(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    from pipeline.experiments.arguments import request_of
    from pipeline.experiments.fit_mixture import fit_mixture
    from pipeline.spark.session import start_session

    print_lines(fit_mixture(start_session, request_of(options, parser), print_progress))


def _mixture_arguments(parser: argparse.ArgumentParser) -> None:
    from pipeline.experiments.arguments import add_arguments

    add_arguments(parser)


FIT_MIXTURE = Command(
    "fit-mixture",
    "Find shares of tokens that suit held-out texts, by small proxies, and write them as a file that --config of the\n"
    "main command takes. Exit code 3: the evidence is too weak, and nothing is written.",
    _mixture_arguments,
    _mixture,
    starts_spark=True,
)


def _ablate(options: argparse.Namespace, _parser: argparse.ArgumentParser) -> None:
    from pipeline.ablation.ablate import ablate
    from pipeline.ablation.arguments import request_of
    from pipeline.spark.session import start_session

    print_lines(ablate(start_session, request_of(options), print_progress))


def _ablate_arguments(parser: argparse.ArgumentParser) -> None:
    from pipeline.ablation.arguments import add_arguments

    add_arguments(parser)


ABLATE = Command(
    "ablate",
    "Tell whether a stage helps: make the run without it, draw as many tokens of both and a control that repeats half\n"
    "of its tokens, write the three as Parquet for any trainer, and judge them by a proxy.",
    _ablate_arguments,
    _ablate,
    starts_spark=True,
)
