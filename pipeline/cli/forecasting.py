"""The command that says what more pages would take."""

import argparse
from dataclasses import asdict

from pipeline.argument_types import pages
from pipeline.cli.command import Command, print_json, print_lines, run_path


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="+", type=run_path, help="run directories of different sizes, or one that grew")
    parser.add_argument("--pages", type=pages, required=True, metavar="N", help="pages of the crawl, 3e9 say")
    parser.add_argument("--price", type=float, metavar="MONEY", help="of an hour of a core, .04 say")
    parser.add_argument("--storage-price", type=float, metavar="MONEY", help="of a terabyte for a month, 23 say")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _forecast(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    for name in ("price", "storage_price"):
        if (price := getattr(options, name)) is not None and not price >= 0:
            parser.error(f"--{name.replace('_', '-')} is not negative")
    from pipeline.results.forecast import forecast, forecast_lines

    made = forecast(options.run, options.pages)
    if options.json:
        totals = {name: asdict(getattr(made, name)) for name in ("cpu_seconds", "core_hours", "stored_bytes")}
        money = {} if options.price is None else {"money": asdict(made.core_hours.times(options.price))}
        print_json(asdict(made) | totals | money)
    else:
        print_lines(forecast_lines(made, options.price, options.storage_price))


FORECAST = Command(
    "forecast",
    "Tell what more pages would take: CPU and core hours, storage, memory and money, from what the stages of runs\n"
    "cost. Two sizes tell what a run costs once from what each page adds.",
    _add_arguments,
    _forecast,
)
