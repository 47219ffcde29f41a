"""The main command: from a crawl to shards."""

import argparse

from pipeline.argument_types import share
from pipeline.cli.command import Command

_DESCRIPTION = """\
Turn a web crawl into pre-training shards: WARC files in, de-duplicated and filtered plain text out, in the target mix.

examples
  gristmill curate --input 'warcs/*.warc.gz' --output runs/first
  gristmill curate --input @warc.paths.gz --output s3://bucket/run --config mine.yaml
  gristmill curate --input 'warcs/*.warc.gz' --output runs/fineweb --recipe fineweb
  gristmill curate --output runs/first --set heuristics.min_words=30
  gristmill curate --output runs/first --only dedup_line --dry-run
  spark-submit --master yarn jobs/curate.py --input @warc.paths.gz --output hdfs://namenode/run

A second run does only what is not done yet: stages whose parameters, code and input are unchanged are skipped.
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--input", nargs="+", action="extend", default=[], metavar="FILE", help=(
        "WARC files, or Parquet or JSON lines with a URL column and text or html: paths, globs, folders, fsspec URLs,"
        " or @LISTING (one path per line, .gz allowed); default: those of the run's last time"))  # fmt: skip
    parser.add_argument("--output", metavar="RUN", help="the run directory (local or fsspec URL)")
    parser.add_argument("--recipe", metavar="NAME", help=(
        "parameters of a published corpus, below --config and --set; `gristmill recipes` lists them. As with"
        " --config, a later run without it goes back to the defaults"))  # fmt: skip
    parser.add_argument("--config", nargs="+", action="extend", default=[], metavar="FILE", help=(
        "YAML files with a section for each stage; later files win"))  # fmt: skip
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="STAGE.KEY=VALUE", help=(
        "a parameter, dedup_line.max_occurrences=6 say; wins over files"))  # fmt: skip
    parser.add_argument("--from", dest="first", metavar="STAGE", help="start from this stage")
    parser.add_argument("--to", dest="last", metavar="STAGE", help="end with this stage")
    parser.add_argument("--only", metavar="STAGE", help="run this stage alone")
    parser.add_argument("--against", nargs="+", action="extend", metavar="RUN", help=(
        "earlier runs to de-duplicate against: a newer capture supersedes theirs, what is like a document of theirs or"
        " made of lines that are frequent with theirs goes; `--against none` for no run; default: those of the run's"
        " last time"))  # fmt: skip
    parser.add_argument("--stages", metavar="MODULE:NAME", help=(
        "stages of your own, my_package.plan:STAGES say; default: those of the run's last time"))  # fmt: skip
    parser.add_argument("--keep-results", nargs="+", action="extend", default=[], metavar="STAGE", help=(
        "go on with what these stages gave, though their code has changed"))  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="print each stage, whether it would run, and why")
    parser.add_argument("--show-config", action="store_true", help=(
        "print every parameter as YAML, with what it means, and end"))  # fmt: skip
    parser.add_argument("--verbose", action="store_true", help="end with every drop reason and all that stages report")
    parser.add_argument("--warn-over", type=share, default=0.5, metavar="SHARE", help=(
        "tell at the end which stage lost more of its rows to one reason, copies and the mix's budget aside;"
        " default 0.5"))  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="end the run where an input file is damaged")


def _run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    if options.only and (options.first or options.last):
        parser.error("--only goes without --from and --to")
    if not (options.output or options.show_config):
        parser.error("name the run directory with --output")
    from pipeline.curation import Request, curate
    from pipeline.inspection.parameters import show_config

    if options.show_config:
        print(show_config(options.config, options.set, options.stages or "", options.recipe), end="")  # noqa: T201
        return
    curate(
        Request(
            output=options.output.rstrip("/"),
            inputs=tuple(options.input),
            configs=tuple(options.config),
            assignments=tuple(options.set),
            first=options.only or options.first,
            last=options.only or options.last,
            dry_run=options.dry_run,
            strict=options.strict,
            verbose=options.verbose,
            warn_over=options.warn_over,
            against=None if options.against is None else tuple(run for run in options.against if run != "none"),
            stages=options.stages,
            kept=tuple(options.keep_results),
            recipe=options.recipe,
        )
    )


CURATE = Command("curate", _DESCRIPTION, _add_arguments, _run, starts_spark=True)
