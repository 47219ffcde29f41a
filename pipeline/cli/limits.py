"""Commands about limits: what others would do, which ones a run's own signals suggest, and what datatrove would say."""

import argparse
from dataclasses import asdict

from pipeline.cli.command import Command, print_json, print_lines, run_path


def _what_if_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=run_path, help="the run directory")
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="heuristics.KEY=VALUE", help="a limit")
    parser.add_argument("--config", nargs="+", action="extend", default=[], metavar="FILE", help="YAML files of limits")
    parser.add_argument("--sample", type=int, default=5, metavar="N", help="documents to show of each side; default 5")
    parser.add_argument("--chars", type=int, default=300, metavar="N", help="characters to show of each; default 300")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _what_if(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    if options.sample < 0 or options.chars < 0:
        parser.error("--sample and --chars count, and are not negative")
    from pipeline.inspection.whatif import answer_lines, what_if
    from pipeline.spark.session import start_session

    answer = what_if(start_session, options.run, options.config, options.set, options.sample)
    if options.json:
        print_json(asdict(answer))
    else:
        print_lines(answer_lines(answer, options.chars))


WHAT_IF = Command(
    "what-if",
    "Tell what other limits of heuristics would do to a run, from the signals that it stored: what is kept before and\n"
    "after by category and language, and a sample of the documents that change side. Nothing is measured or written.",
    _what_if_arguments,
    _what_if,
    starts_spark=True,
)


def _fit_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=run_path, help="the run directory")
    parser.add_argument("--output", required=True, metavar="FILE", help="the YAML file to write")
    parser.add_argument("--languages", nargs="+", default=[], metavar="LABEL", help="default: all but English")
    parser.add_argument("--drop", type=float, default=0.02, metavar="SHARE", help="share to drop; default 0.02")
    parser.add_argument("--drop-of", nargs="+", default=[], metavar="PARAMETER=SHARE", help="a limit's own share")
    parser.add_argument("--min-documents", type=int, default=1000, metavar="N", help="a language needs; default 1000")


def _fit(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    shares = {}
    for pair in options.drop_of:
        name, _, share = pair.partition("=")
        if not share.replace(".", "", 1).isdecimal():
            parser.error(f"--drop-of wants PARAMETER=SHARE, not {pair}")
        shares[name] = float(share)
    from pipeline.inspection.fit_limits import fit_limits, fit_yaml
    from pipeline.spark.session import start_session
    from pipeline.stores import storage

    fit = fit_limits(start_session, options.run, options.languages, options.drop, shares, options.min_documents)
    with storage.create(options.output) as stream:
        stream.write(fit_yaml(options.run, fit).encode())
    fitted = [f"{language}: {number:,} documents" for language, number in fit.documents.items()]
    too_few = ", ".join(f"{language} {number:,}" for language, number in fit.too_few.items())
    if too_few:
        fitted.append(f"no limits, for fewer than {options.min_documents:,} documents (--min-documents): {too_few}")
    if not fit.documents:
        fitted.append("nothing is fitted: the file is empty")
    print_lines([*fitted, options.output])


FIT_LIMITS = Command(
    "fit-limits",
    "Write limits of heuristics by language, from the signals that a run stored: each drops, taken alone, no more\n"
    "than a share of the language's documents. Name the file in heuristics.thresholds.",
    _fit_arguments,
    _fit,
    starts_spark=True,
)


def _datatrove_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=run_path, help="the run directory")
    parser.add_argument("--sample", type=int, default=5, metavar="N", help="documents to print; default 5")


def _datatrove(options: argparse.Namespace, _parser: argparse.ArgumentParser) -> None:
    from pipeline.inspection.disagreements import find_disagreements, report_lines
    from pipeline.spark.session import start_session

    print_lines(report_lines(find_disagreements(start_session(), options.run, options.sample)))


COMPARE_DATATROVE = Command(
    "compare-datatrove",
    "Judge a run's English documents by our definitions and by datatrove's, and list those on which the verdicts\n"
    "differ, with the signal and what it is by both: RUN/disagreements, a Parquet table.",
    _datatrove_arguments,
    _datatrove,
    starts_spark=True,
)
