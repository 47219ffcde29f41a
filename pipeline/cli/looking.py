"""Commands that look at a run: the story of a page, how it is read, and where tables lie."""

import argparse
import sys

from pipeline.cli.command import Command, print_json, print_lines, run_path


def _explain_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=run_path, help="the run directory")
    parser.add_argument("url", help="URL as crawled or canonical, WARC-Record-ID, or doc_id")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _explain(options: argparse.Namespace, _parser: argparse.ArgumentParser) -> None:
    from pipeline.results.explain import explain, story_values

    if options.json:
        print_json({"records": story_values(options.run, options.url)})
    else:
        print_lines(explain(options.run, options.url))


EXPLAIN = Command("explain", "Tell a page's whole story in a run.", _explain_arguments, _explain)


def _locate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=run_path, help="the run directory")
    parser.add_argument("what", help="decisions, inputs or release, or a stage")


def _locate(options: argparse.Namespace, _parser: argparse.ArgumentParser) -> None:
    from pipeline.results.export import exported
    from pipeline.results.locations import RESULTS, locate
    from pipeline.runs.run import Run
    from pipeline.spark.session import start_session

    run = Run(options.run)
    what = run.current_name(options.what)
    if what in RESULTS or what not in run.stages:
        print_lines([locate(options.run, what)])
        return
    directory, is_new = exported(start_session, options.run, what)
    if is_new:
        print(f"written: the table of '{what}'", file=sys.stderr)  # noqa: T201
    print_lines([directory])


LOCATE = Command(
    "locate",
    "Print the directory of decisions, inputs or release. For a stage, write its table into RUN/exports first, where\n"
    "it is not there already.",
    _locate_arguments,
    _locate,
    starts_spark=True,
)


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=run_path, help="the run directory")
    parser.add_argument("stage", help="a committed stage")
    parser.add_argument("directory", type=run_path, help="a new directory (local or fsspec URL)")


def _export(options: argparse.Namespace, _parser: argparse.ArgumentParser) -> None:
    from pipeline.results.export import export
    from pipeline.runs.run import Run
    from pipeline.spark.session import start_session

    stage = Run(options.run).current_name(options.stage)
    rows = export(start_session(), options.run, stage, options.directory)
    print_lines([f"{rows:,} rows of '{stage}' in {options.directory}"])


EXPORT = Command(
    "export",
    "Write the table of a stage, as it left it, into a new directory: Parquet for any reader.",
    _export_arguments,
    _export,
    starts_spark=True,
)


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("page", help="a file of HTML, or - for standard input; with --run a URL, record ID or doc_id")
    parser.add_argument("--run", type=run_path, metavar="RUN", help=(
        "take the page out of a run, from where its input still is"))  # fmt: skip
    parser.add_argument("--url", help="the address of the page in the file")
    parser.add_argument("--engine", choices=["blocks", "trafilatura"], help="default: blocks; with --run the run's own")
    parser.add_argument("--rejected", default="20", metavar="N", help="blocks to show of those left out, or all")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _show(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    if options.rejected != "all" and not options.rejected.isdecimal():
        parser.error(f"--rejected is a number or all, not {options.rejected}")
    if options.run and options.url:
        parser.error("--url goes without --run, which knows the address")
    most = None if options.rejected == "all" else int(options.rejected)
    from pipeline.inspection.show import page_of_file, page_of_run, show

    if options.run:
        source = page_of_run(options.run, options.page, options.engine)
    else:
        source = page_of_file(options.page, options.url, options.engine)
    shown = show(source)
    if options.json:
        print_json(shown.as_values(most))
    else:
        print_lines(shown.lines(most))


SHOW = Command(
    "show",
    "Show how a page is read: what it declares, its text with headings, tables, code and math marked, and what was\n"
    "left out, with what speaks against it.",
    _show_arguments,
    _show,
)
