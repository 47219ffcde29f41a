"""The command lines of the jobs: arguments in, one call, an exit code out."""

import argparse
import sys
from collections.abc import Callable, Sequence

from pipeline.errors import CurationError

_CURATE = """\
Turn a web crawl into pre-training shards: WARC files in, de-duplicated and filtered plain text out, in the target mix.

examples
  spark-submit jobs/curate.py --input 'warcs/*.warc.gz' --output runs/first
  spark-submit jobs/curate.py --input @warc.paths.gz --output s3://bucket/run --config mine.yaml
  spark-submit jobs/curate.py --output runs/first --set heuristics.min_words=30
  spark-submit jobs/curate.py --output runs/first --only dedup_line --dry-run

A second run does only what is not done yet: stages whose parameters, code and input are unchanged are skipped.
"""


def main(job: Callable[[Sequence[str]], None], arguments: Sequence[str] | None = None) -> int:
    """Run a job; print what a user can act on as one line, without a traceback.

    Returns:
        0, or 2 where the job refused.
    """
    try:
        job(sys.argv[1:] if arguments is None else arguments)
    except (CurationError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


def curate_job(arguments: Sequence[str]) -> None:
    """Parse the main job's arguments and run it."""
    parser = argparse.ArgumentParser(
        prog="curate.py", description=_CURATE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--input", nargs="+", action="extend", default=[], metavar="FILE", help=(
        "WARC files, or Parquet or JSON lines with a URL column and text or html: paths, globs, folders, fsspec URLs,"
        " or @LISTING (one path a line, .gz allowed); default: those of the run's last time"))  # fmt: skip
    parser.add_argument("--output", metavar="RUN", help="the run directory (local or fsspec URL)")
    parser.add_argument("--config", nargs="+", action="extend", default=[], metavar="FILE", help=(
        "YAML files with a section for each stage; later files win"))  # fmt: skip
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="STAGE.KEY=VALUE", help=(
        "a parameter, dedup_line.max_occurrences=6 say; wins over files"))  # fmt: skip
    parser.add_argument("--from", dest="first", metavar="STAGE", help="start from this stage")
    parser.add_argument("--to", dest="last", metavar="STAGE", help="end with this stage")
    parser.add_argument("--only", metavar="STAGE", help="run this stage alone")
    parser.add_argument("--dry-run", action="store_true", help="print each stage, whether it would run, and why")
    parser.add_argument("--show-config", action="store_true", help=(
        "print every parameter as YAML, with what it means, and end"))  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="end the run where an input file is damaged")
    found = parser.parse_args(list(arguments))
    if found.only and (found.first or found.last):
        parser.error("--only goes without --from and --to")
    if not (found.output or found.show_config):
        parser.error("name the run directory with --output")
    from pipeline.curate import Request, curate, show_config  # noqa: PLC0415  (--help needs none of it)

    if found.show_config:
        print(show_config(found.config, found.set), end="")  # noqa: T201
        return
    curate(
        Request(
            output=found.output.rstrip("/"),
            inputs=tuple(found.input),
            configs=tuple(found.config),
            assignments=tuple(found.set),
            first=found.only or found.first,
            last=found.only or found.last,
            dry_run=found.dry_run,
            strict=found.strict,
        )
    )


def explain_job(arguments: Sequence[str]) -> None:
    """Parse arguments and tell a page's story."""
    parser = argparse.ArgumentParser(prog="python -m jobs.explain", description="Tell a page's whole story in a run.")
    parser.add_argument("run", help="the run directory")
    parser.add_argument("url", help="URL as crawled or canonical, WARC-Record-ID, or doc_id")
    found = parser.parse_args(list(arguments))
    from pipeline.ledger import explain  # noqa: PLC0415

    for line in explain(found.run.rstrip("/"), found.url):
        print(line)  # noqa: T201


def locate_job(arguments: Sequence[str]) -> None:
    """Parse arguments and print a directory."""
    parser = argparse.ArgumentParser(
        prog="python -m jobs.locate", description="Print the directory of a stage's committed table."
    )
    parser.add_argument("run", help="the run directory")
    parser.add_argument("stage", help="a stage, or decisions, inputs, release")
    found = parser.parse_args(list(arguments))
    from pipeline.ledger import locate  # noqa: PLC0415

    print(locate(found.run.rstrip("/"), found.stage))  # noqa: T201
