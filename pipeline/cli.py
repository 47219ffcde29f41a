"""The command lines of the jobs: arguments in, one call, an exit code out."""

import argparse
import json
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from pipeline.errors import CurationError, DifferenceError, EvidenceError, NothingReadError, ReleaseError
from pipeline.spark.failures import told
from pipeline.spark.session import stop_session
from pipeline.terminal import safe

_CURATE = """\
Turn a web crawl into pre-training shards: WARC files in, de-duplicated and filtered plain text out, in the target mix.

examples
  spark-submit jobs/curate.py --input 'warcs/*.warc.gz' --output runs/first
  spark-submit jobs/curate.py --input @warc.paths.gz --output s3://bucket/run --config mine.yaml
  spark-submit jobs/curate.py --output runs/first --set heuristics.min_words=30
  spark-submit jobs/curate.py --output runs/first --only dedup_line --dry-run

A second run does only what is not done yet: stages whose parameters, code and input are unchanged are skipped.
"""


DIFFERENT, REFUSED, TOO_LITTLE, INTERRUPTED = 1, 2, 3, 130


def run(job: Callable[[Sequence[str]], None]) -> NoReturn:
    """Run a job as a process of its own, and end it."""
    signal.signal(signal.SIGINT, _interrupt)
    code = REFUSED
    try:
        code = main(job)
    finally:
        if code != INTERRUPTED:  # else the JVM was interrupted too, and whoever speaks to it hears a traceback
            stop_session()
    sys.stdout.flush()
    if code == INTERRUPTED:
        os._exit(code)
    sys.exit(code)


_interrupts: list[object] = []
"""The interrupt that came: its exception may get lost, where it meets the end of an object, say."""


def _interrupt(*signals: object) -> NoReturn:
    _interrupts.extend(signals[:1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what has to be let go of takes a second
    logging.disable()  # py4j has a traceback to tell
    raise KeyboardInterrupt


def main(job: Callable[[Sequence[str]], None], arguments: Sequence[str] | None = None) -> int:
    """Run a job; print what a user can act on as a line or two, without a traceback.

    Returns:
        0; 1 where two runs differ by more than was allowed; 2 where the job refused or failed; 3 where there is too
        little to go by: inputs without a page or row, or proxies that do not tell mixes apart; 130 where it was
        interrupted.
    """
    try:
        job(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        _complain("interrupted: run again to go on")
        return INTERRUPTED
    except Exception as error:
        if _interrupts:  # the JVM was interrupted too, and this is what its end looks like
            _complain("interrupted: run again to go on")
            return INTERRUPTED
        line = told(error)
        if line is None:
            raise
        _complain(f"error: {line}")
        if not isinstance(error, CurationError | OSError) and (log := _keep_traceback(error)):
            _complain(f"more of it: {log}")
        return _code(error)
    return 0


def _code(error: Exception) -> int:
    if isinstance(error, DifferenceError):
        return DIFFERENT
    return TOO_LITTLE if isinstance(error, NothingReadError | EvidenceError) else REFUSED


def _complain(text: str) -> None:
    for line in text.split("\n"):
        print(safe(line), file=sys.stderr)  # noqa: T201


def _keep_traceback(error: Exception) -> str:
    """Add an error, whole, to a file beside Spark's log; return its path, nothing where it cannot be written."""
    path = Path(os.environ.get("GRISTMILL_LOG_DIR", "logs")) / "errors.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.writelines(traceback.format_exception(error))
    except OSError:
        return ""
    return str(path)


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
    parser.add_argument("--warn-over", type=_share, default=0.5, metavar="SHARE", help=(
        "tell at the end which stage lost more of its rows to one reason, copies and the mix's budget aside;"
        " default 0.5"))  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="end the run where an input file is damaged")
    options = parser.parse_args(list(arguments))
    if options.only and (options.first or options.last):
        parser.error("--only goes without --from and --to")
    if not (options.output or options.show_config):
        parser.error("name the run directory with --output")
    from pipeline.curate import Request, curate  # noqa: PLC0415  (--help needs none of it)

    if options.show_config:
        from pipeline.inspection.parameters import show_config  # noqa: PLC0415

        print(show_config(options.config, options.set, options.stages or ""), end="")  # noqa: T201
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
        )
    )


def _share(text: str) -> float:
    """Return a share, 0 to 1.

    Raises:
        ValueError: It is none; argparse says so.
    """
    share = float(text)
    if not 0 <= share <= 1:
        raise ValueError(text)
    return share


def explain_job(arguments: Sequence[str]) -> None:
    """Parse arguments and tell a page's story."""
    parser = argparse.ArgumentParser(prog="python -m jobs.explain", description="Tell a page's whole story in a run.")
    parser.add_argument("run", help="the run directory")
    parser.add_argument("url", help="URL as crawled or canonical, WARC-Record-ID, or doc_id")
    options = parser.parse_args(list(arguments))
    from pipeline.results.explain import explain  # noqa: PLC0415

    _print(explain(options.run.rstrip("/"), options.url))


def locate_job(arguments: Sequence[str]) -> None:
    """Parse arguments and print a directory."""
    parser = argparse.ArgumentParser(prog="python -m jobs.locate", description=(
        "Print the directory of decisions, inputs or release. For a stage, write its table into RUN/exports first,"
        " where it is not there already."))  # fmt: skip
    parser.add_argument("run", help="the run directory")
    parser.add_argument("what", help="decisions, inputs or release, or a stage")
    given = parser.parse_args(list(arguments))
    from pipeline.results.explain import RESULTS, locate  # noqa: PLC0415
    from pipeline.results.export import exported  # noqa: PLC0415
    from pipeline.runs.run import Run  # noqa: PLC0415
    from pipeline.spark.session import start_session  # noqa: PLC0415

    run = given.run.rstrip("/")
    if given.what in RESULTS or given.what not in Run(run).stages:
        print(locate(run, given.what))  # noqa: T201
        return
    directory, is_new = exported(start_session, run, given.what)
    if is_new:
        print(f"written: the table of '{given.what}'", file=sys.stderr)  # noqa: T201
    print(directory)  # noqa: T201


def verify_job(arguments: Sequence[str]) -> None:
    """Parse arguments and check a release."""
    parser = argparse.ArgumentParser(prog="python -m jobs.verify", description=(
        "Check a release without Spark: the hash of every file, rows, tokens and shares, that no document stands in it"
        " twice in one epoch, and that no site of the validation split is in another one."))  # fmt: skip
    parser.add_argument("release", help="the folder with manifest.json, its data/, or the run directory")
    given = parser.parse_args(list(arguments))
    from pipeline.release.verify import verify  # noqa: PLC0415

    wrong = verify(given.release, lambda line: _print([line]))
    if wrong:
        raise ReleaseError(f"{given.release}: {wrong:,} things are wrong with the release")


def takedown_job(arguments: Sequence[str]) -> None:
    """Parse arguments and take pages down."""
    parser = argparse.ArgumentParser(prog="python -m jobs.takedown", description=(
        "Take pages out of a release: files that hold them are written anew, nothing else is touched, and a receipt"
        " says what was asked for, found and removed. After an interruption run it again."))  # fmt: skip
    parser.add_argument("release", help="the folder with manifest.json, its data/, or the run directory")
    parser.add_argument("--urls", metavar="FILE", help="addresses of pages, one a line")
    parser.add_argument("--hosts", metavar="FILE", help="hosts, each with all below it, one a line")
    parser.add_argument("--doc-ids", metavar="FILE", help="doc_ids of documents, one a line")
    parser.add_argument("--run", metavar="RUN", help=(
        "purge the tables and indexes of this run too, and keep the lists for its later runs"))  # fmt: skip
    parser.add_argument("--with-copies", action="store_true", help=(
        "take out, too, what the run kept in place of listed pages, or dropped in favour of them"))  # fmt: skip
    parser.add_argument("--later", action="store_true", help="leave the run's tables to its next run")
    parser.add_argument("--dry-run", action="store_true", help="print what would go, and change nothing")
    parser.add_argument("--config", nargs="+", action="extend", default=[], metavar="FILE", help=(
        "with --run: the YAML files that the run was made with"))  # fmt: skip
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="STAGE.KEY=VALUE", help=(
        "with --run: the parameters that the run was made with"))  # fmt: skip
    given = parser.parse_args(list(arguments))
    from pipeline.takedown import Takedown, take_down  # noqa: PLC0415

    asked = Takedown(
        release=given.release,
        urls=given.urls,
        hosts=given.hosts,
        doc_ids=given.doc_ids,
        run=given.run and given.run.rstrip("/"),
        with_copies=given.with_copies,
        later=given.later,
        dry_run=given.dry_run,
        configs=tuple(given.config),
        assignments=tuple(given.set),
    )
    take_down(asked, lambda line: _print([line]))


def export_job(arguments: Sequence[str]) -> None:
    """Parse arguments and write a stage's table out."""
    parser = argparse.ArgumentParser(prog="python -m jobs.export", description=(
        "Write the table of a stage, as it left it, into a new directory: Parquet for any reader."))  # fmt: skip
    parser.add_argument("run", help="the run directory")
    parser.add_argument("stage", help="a committed stage")
    parser.add_argument("directory", help="a new directory (local or fsspec URL)")
    given = parser.parse_args(list(arguments))
    from pipeline.results.export import export  # noqa: PLC0415
    from pipeline.spark.session import start_session  # noqa: PLC0415

    rows = export(start_session(), given.run.rstrip("/"), given.stage, given.directory.rstrip("/"))
    print(f"{rows:,} rows of '{given.stage}' in {given.directory}")  # noqa: T201


def show_job(arguments: Sequence[str]) -> None:
    """Parse arguments and show how a page is read."""
    parser = argparse.ArgumentParser(prog="python -m jobs.show", description=(
        "Show how a page is read: what it declares, its text with headings, tables, code and math marked, and what was"
        " left out, with what speaks against it."))  # fmt: skip
    parser.add_argument("page", help="a file of HTML, or - for standard input; with --run a URL, record ID or doc_id")
    parser.add_argument("--run", metavar="RUN", help="take the page out of a run, from where its input still is")
    parser.add_argument("--url", help="the address of the page in the file")
    parser.add_argument("--engine", choices=["blocks", "trafilatura"], help="default: blocks; with --run the run's own")
    parser.add_argument("--rejected", default="20", metavar="N", help="blocks to show of those left out, or all")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(list(arguments))
    if options.rejected != "all" and not options.rejected.isdecimal():
        parser.error(f"--rejected is a number or all, not {options.rejected}")
    if options.run and options.url:
        parser.error("--url goes without --run, which knows the address")
    most = None if options.rejected == "all" else int(options.rejected)
    from pipeline.inspection.show import page_of_file, page_of_run, show  # noqa: PLC0415

    if options.run:
        source = page_of_run(options.run.rstrip("/"), options.page, options.engine)
    else:
        source = page_of_file(options.page, options.url, options.engine)
    shown = show(source)
    lines = (
        json.dumps(shown.as_values(most), ensure_ascii=False, indent=1).split("\n")
        if options.json
        else shown.lines(most)
    )
    _print(lines)


def whatif_job(arguments: Sequence[str]) -> None:
    """Parse arguments and tell what other limits would do."""
    parser = argparse.ArgumentParser(prog="python -m jobs.whatif", description=(
        "Tell what other limits of heuristics would do to a run, from the signals that it stored: what is kept before"
        " and after by category and language, and a sample of the documents that change side. Nothing is measured or"
        " written."))  # fmt: skip
    parser.add_argument("run", help="the run directory")
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="heuristics.KEY=VALUE", help="a limit")
    parser.add_argument("--config", nargs="+", action="extend", default=[], metavar="FILE", help="YAML files of limits")
    parser.add_argument("--sample", type=int, default=5, metavar="N", help="documents to show of each side; default 5")
    parser.add_argument("--chars", type=int, default=300, metavar="N", help="characters to show of each; default 300")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(list(arguments))
    if options.sample < 0 or options.chars < 0:
        parser.error("--sample and --chars count, and are not negative")
    from pipeline.inspection.whatif import answer_lines, what_if  # noqa: PLC0415
    from pipeline.spark.session import start_session  # noqa: PLC0415

    answer = what_if(start_session, options.run.rstrip("/"), options.config, options.set, options.sample)
    if options.json:
        _print(json.dumps(asdict(answer), ensure_ascii=False, indent=1).split("\n"))
    else:
        _print(answer_lines(answer, options.chars))


def thresholds_job(arguments: Sequence[str]) -> None:
    """Parse arguments and write limits of languages."""
    parser = argparse.ArgumentParser(prog="python -m jobs.fit_thresholds", description=(
        "Write limits of heuristics by language, from the signals that a run stored: each drops, taken alone, no more"
        " than a share of the language's documents. Name the file in heuristics.thresholds."))  # fmt: skip
    parser.add_argument("run", help="the run directory")
    parser.add_argument("--output", required=True, metavar="FILE", help="the YAML file to write")
    parser.add_argument("--languages", nargs="+", default=[], metavar="LABEL", help="default: all but English")
    parser.add_argument("--drop", type=float, default=0.02, metavar="SHARE", help="share to drop; default 0.02")
    parser.add_argument("--drop-of", nargs="+", default=[], metavar="PARAMETER=SHARE", help="a limit's own share")
    parser.add_argument("--min-documents", type=int, default=1000, metavar="N", help="a language needs; default 1000")
    options = parser.parse_args(list(arguments))
    shares = {}
    for pair in options.drop_of:
        name, _, share = pair.partition("=")
        if not share.replace(".", "", 1).isdecimal():
            parser.error(f"--drop-of wants PARAMETER=SHARE, not {pair}")
        shares[name] = float(share)
    from pipeline.inspection.fit_limits import fit_limits, fit_yaml  # noqa: PLC0415
    from pipeline.spark.session import start_session  # noqa: PLC0415
    from pipeline.stores import storage  # noqa: PLC0415

    run = options.run.rstrip("/")
    fit = fit_limits(start_session, run, options.languages, options.drop, shares, options.min_documents)
    with storage.create(options.output) as stream:
        stream.write(fit_yaml(run, fit).encode())
    fitted = [f"{language}: {number:,} documents" for language, number in fit.documents.items()]
    too_few = ", ".join(f"{language} {number:,}" for language, number in fit.too_few.items())
    if too_few:
        fitted.append(f"no limits, for fewer than {options.min_documents:,} documents (--min-documents): {too_few}")
    if not fit.documents:
        fitted.append("nothing is fitted: the file is empty")
    _print([*fitted, options.output])


def disagreements_job(arguments: Sequence[str]) -> None:
    """Parse arguments and tell where both definitions disagree."""
    parser = argparse.ArgumentParser(prog="python -m jobs.disagreements", description=(
        "Judge a run's English documents by our definitions and by datatrove's, and list those on which the verdicts"
        " differ, with the signal and what it is by both: RUN/disagreements, a Parquet table."))  # fmt: skip
    parser.add_argument("run", help="the run directory")
    parser.add_argument("--sample", type=int, default=5, metavar="N", help="documents to print; default 5")
    options = parser.parse_args(list(arguments))
    from pipeline.inspection.disagreements import find_disagreements, report_lines  # noqa: PLC0415
    from pipeline.spark.session import start_session  # noqa: PLC0415

    _print(report_lines(find_disagreements(start_session(), options.run.rstrip("/"), options.sample)))


def mixture_job(arguments: Sequence[str]) -> None:
    """Parse arguments, find a mix and write it."""
    from pipeline.experiments.arguments import request_of  # noqa: PLC0415
    from pipeline.experiments.fit_mixture import fit_mixture  # noqa: PLC0415
    from pipeline.spark.session import start_session  # noqa: PLC0415

    _print(fit_mixture(start_session, request_of(arguments), _progress))


def ablate_job(arguments: Sequence[str]) -> None:
    """Parse arguments and tell whether a stage helps."""
    from pipeline.ablation.ablate import ablate  # noqa: PLC0415
    from pipeline.ablation.arguments import request_of  # noqa: PLC0415
    from pipeline.spark.session import start_session  # noqa: PLC0415

    _print(ablate(start_session, request_of(arguments), _progress))


def compare_job(arguments: Sequence[str]) -> None:
    """Parse arguments and tell what differs between two runs."""
    from pipeline.comparison.arguments import request_of  # noqa: PLC0415
    from pipeline.comparison.compare import compare  # noqa: PLC0415
    from pipeline.spark.session import start_session  # noqa: PLC0415

    compare(start_session, request_of(arguments), lambda line: _print([line]))


def review_job(arguments: Sequence[str]) -> None:
    """Parse arguments and have decisions judged."""
    from pipeline.review.arguments import request_of  # noqa: PLC0415
    from pipeline.review.review import review  # noqa: PLC0415

    review(request_of(arguments), sys.stdin, sys.stdout)


def _progress(line: str) -> None:
    print(safe(line), file=sys.stderr, flush=True)  # noqa: T201


def _print(lines: Iterable[str]) -> None:
    """Print lines until whoever reads them has seen enough."""
    try:
        for line in lines:
            print(safe(line))  # noqa: T201
        sys.stdout.flush()
    except BrokenPipeError:  # `| head`: what is still to be flushed goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
