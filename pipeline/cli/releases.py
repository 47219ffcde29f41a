"""Commands about releases: checking one, and taking pages out of it."""

import argparse

from pipeline.cli.command import Command, print_json, print_lines, run_path


def _verify_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", help="the folder with manifest.json, its data/, or the run directory")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _verify(options: argparse.Namespace, _parser: argparse.ArgumentParser) -> None:
    from pipeline.errors import ReleaseError
    from pipeline.release.verify import verify

    said: list[str] = []
    wrong = verify(options.release, said.append if options.json else lambda line: print_lines([line]))
    if options.json:
        print_json({"release": options.release, "wrong": wrong, "lines": said})
    if wrong:
        raise ReleaseError(f"{options.release}: {wrong:,} things are wrong with the release")


VERIFY = Command(
    "verify",
    "Check a release without Spark: the hash of every file, rows, tokens and shares, that no document stands in it\n"
    "twice in one epoch, and that no site of the validation split is in another one.",
    _verify_arguments,
    _verify,
)


def _takedown_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", help="the folder with manifest.json, its data/, or the run directory")
    parser.add_argument("--urls", metavar="FILE", help="addresses of pages, one per line")
    parser.add_argument("--hosts", metavar="FILE", help="hosts, each with all below it, one per line")
    parser.add_argument("--doc-ids", metavar="FILE", help="doc_ids of documents, one per line")
    parser.add_argument("--run", type=run_path, metavar="RUN", help=(
        "purge the tables and indexes of this run too, and keep the lists for its later runs"))  # fmt: skip
    parser.add_argument("--with-copies", action="store_true", help=(
        "take out, too, what the run kept in place of listed pages, or dropped in favour of them"))  # fmt: skip
    parser.add_argument("--later", action="store_true", help="leave the run's tables to its next run")
    parser.add_argument("--dry-run", action="store_true", help="print what would go, and change nothing")
    parser.add_argument("--config", nargs="+", action="extend", default=[], metavar="FILE", help=(
        "with --run: the YAML files that the run was made with"))  # fmt: skip
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="STAGE.KEY=VALUE", help=(
        "with --run: the parameters that the run was made with"))  # fmt: skip


def _takedown(options: argparse.Namespace, _parser: argparse.ArgumentParser) -> None:
    from pipeline.takedown import Takedown, take_down

    asked = Takedown(
        release=options.release,
        urls=options.urls,
        hosts=options.hosts,
        doc_ids=options.doc_ids,
        run=options.run,
        with_copies=options.with_copies,
        later=options.later,
        dry_run=options.dry_run,
        configs=tuple(options.config),
        assignments=tuple(options.set),
    )
    take_down(asked, lambda line: print_lines([line]))


TAKEDOWN = Command(
    "takedown",
    "Take pages out of a release: files that hold them are written anew, nothing else is touched, and a receipt says\n"
    "what was asked for, found and removed. After an interruption run it again.",
    _takedown_arguments,
    _takedown,
    starts_spark=True,
)
