"""The command that shows a run to people: one page for any browser."""

import argparse

from pipeline.argument_types import count
from pipeline.cli.command import Command, print_lines, print_progress, run_path


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=run_path, help="the run directory")
    parser.add_argument("-o", "--output", default="report.html", metavar="FILE", help=(
        "the page to write (local or fsspec URL); default report.html"))  # fmt: skip
    parser.add_argument("--compare", type=run_path, metavar="RUN2", help="another run, shown beside this one")
    parser.add_argument("--sample", type=count, default=5, metavar="N", help="documents of each reason; default 5")
    parser.add_argument("--review", type=count, default=50, metavar="N", help=(
        "decisions of each stage to judge; default 50"))  # fmt: skip


def _report(options: argparse.Namespace, _parser: argparse.ArgumentParser) -> None:
    from pipeline.charts.words import sized
    from pipeline.report_page.report import Request, write_page

    request = Request(options.run, options.output, options.compare, options.sample, options.review)
    written = write_page(request, print_progress)
    print_lines([f"{options.output} ({sized(written)})"])


REPORT = Command(
    "report",
    "Write a run as one page of HTML for any browser: what stands out, charts, documents to search, decisions to\n"
    "judge. The page loads nothing and sends nothing.",
    _report_arguments,
    _report,
)
