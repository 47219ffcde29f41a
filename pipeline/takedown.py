"""Takedown: pages taken out of a release, out of the tables of its run, and kept out of what the run makes later."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from pipeline.curation import Request, curate, understand
from pipeline.errors import ConfigError
from pipeline.planning import Plan
from pipeline.release.journal import is_pending, recover
from pipeline.release.layout import release_of
from pipeline.release.takedown import Wanted, take_out
from pipeline.release.takedown_lists import taken_down_folder
from pipeline.results.copies import related_pages
from pipeline.runs.run import Run
from pipeline.stages.mix import mix
from pipeline.stages.url_screen import url_screen
from pipeline.stores import storage
from pipeline.stores.lock import run_lock
from pipeline.url_screen.taken_down import DOC_IDS, HOSTS, URLS, Lists, keep_lists, kept_lists, read_lists

_BY_LISTS = {"takedown", "takedown_digest"}
"""Parameters of `url_screen` that may be others than the run's last time."""


@dataclass(frozen=True)
class Takedown:
    """What the user asked for.

    Attributes:
        release: The release, its `data/`, or its run.
        urls: File of addresses; None for none.
        hosts: File of hosts.
        doc_ids: File of doc_ids.
        run: The run directory whose tables are purged too; None for the release alone.
        with_copies: Whether documents like those that are asked for go too; needs a run.
        later: Whether the run's tables are left to its next run.
        dry_run: Whether to say what would go, and no more.
        configs: YAML files, as the run was made with.
        assignments: `stage.key=value`, likewise.
    """

    release: str
    urls: str | None = None
    hosts: str | None = None
    doc_ids: str | None = None
    run: str | None = None
    with_copies: bool = False
    later: bool = False
    dry_run: bool = False
    configs: tuple[str, ...] = ()
    assignments: tuple[str, ...] = ()


def take_down(asked: Takedown, say: Callable[[str], None]) -> None:
    """Take pages down, or finish what an interrupted takedown had begun.

    Args:
        asked: What goes.
        say: Told what is there, what is not, and what was done.

    Raises:
        CurationError: What is wrong, where, and what to do.
    """
    lists = read_lists({URLS: asked.urls, HOSTS: asked.hosts, DOC_IDS: asked.doc_ids})
    release = release_of(asked.release)
    if not lists and not is_pending(release):
        raise ConfigError("name what is to be taken down with --urls, --hosts or --doc-ids")
    if asked.run is None and (asked.with_copies or asked.later):
        raise ConfigError("--with-copies and --later need --run: the run knows the copies")
    if asked.dry_run and is_pending(release):
        raise ConfigError(f"{release}: a takedown was interrupted; run without --dry-run, which finishes it")
    plan = None if asked.run is None or not lists else _plan(asked, asked.run)
    with _locked(release, asked.run, say):
        if not asked.dry_run:
            recover(release, say)
        if not lists:
            return
        wanted, of_run = _wanted(asked, lists, say)
        if asked.run is not None and not asked.dry_run:
            folder = taken_down_folder(asked.run)
            kept = kept_lists(folder)
            keep_lists(folder, kept.with_more(of_run))
            say(f"{folder}: later runs leave out what is listed there")
        take_out(release, wanted, say, dry_run=asked.dry_run)
    if asked.dry_run:
        say("nothing is changed: --dry-run")
    elif asked.run is None:
        run = _run_around(release)
        if run and not _leaves_out(run, lists):
            say(f"the run {run} still has these pages, and its next release may: --run {run} purges them")
    elif asked.later:
        say(f"tables of {asked.run} still hold these pages until it runs next (--later)")
    else:
        assert plan is not None
        curate(_purging(asked, asked.run, plan))
        say(f"{asked.run}: tables and indexes are purged; its release is mixed anew by its next run")


def _plan(asked: Takedown, run: str) -> Plan:
    """Return what the run was made by, and refuse what would make it another one.

    Raises:
        ConfigError: The run has no `url_screen`, or the parameters are others than those of the run.
    """
    opened = Run(run)
    if url_screen.name not in opened.stages:
        have = ", ".join(opened.stages) or "none"
        raise ConfigError(
            f"--run {run}: it has no committed '{url_screen.name}', which leaves listed pages out (it has: {have});"
            " take the pages out of its input, or run it from that stage"
        )
    plan = understand(Request(run, configs=asked.configs, assignments=asked.assignments))
    made = {table.stage: table.manifest.params for table in opened.tables()}
    for step in () if asked.later else plan.steps:
        if step.name == mix.name:  # the release that there is does not go by it
            break
        now, before = step.settings, made.get(step.name)
        changed = [] if before is None else [name for name in now if now[name] != before.get(name)]
        if differing := [name for name in changed if name not in _BY_LISTS]:
            name = differing[0]
            raise ConfigError(
                f"--run {run} was made with {step.name}.{name} = {before and before.get(name)!r}, not {now[name]!r}:"
                " give the --config and --set that it was made with, or leave its tables to its next run (--later)"
            )
    return plan


def _wanted(asked: Takedown, lists: Lists, say: Callable[[str], None]) -> tuple[Wanted, Lists]:
    """Return what goes out of the release, and what the run is to leave out from now on."""
    if asked.run is None:
        return Wanted(lists), lists
    related = related_pages(asked.run, lists)
    for line in related.elsewhere:
        say(line)
    of_run = lists.with_more(Lists(urls=related.urls))
    if asked.with_copies:
        of_run = of_run.with_more(Lists(urls=tuple(copy.url for copy in related.copies)))
    return Wanted(lists, related.copies, asked.with_copies), of_run


def _purging(asked: Takedown, run: str, plan: Plan) -> Request:
    """Return the run of all stages up to the mix, whose release is left to the next one."""
    names = [step.name for step in plan.steps]
    before = names[: names.index(mix.name)] if mix.name in names else names
    last = [name for name in before if name in plan.run.stages][-1]
    return Request(run, configs=asked.configs, assignments=asked.assignments, last=last)


@contextmanager
def _locked(release: str, run: str | None, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the release, the run that it lies in, and the one whose tables are to be purged."""
    runs = {storage.real(path) for path in (run, _run_around(release)) if path is not None}
    with ExitStack() as stack:
        for path in sorted(runs):
            stack.enter_context(run_lock(path, say))
        stack.enter_context(run_lock(storage.absolute(release), say))
        yield


def _leaves_out(run: str, lists: Lists) -> bool:
    """Tell whether the lists of a run have all entries of some lists."""
    kept = kept_lists(taken_down_folder(run))
    return kept.with_more(lists).known_by == kept.known_by


def _run_around(release: str) -> str | None:
    """Return the run that a release lies in, None for one that lies elsewhere."""
    parent = storage.absolute(release).rstrip("/").rpartition("/")[0]
    return parent if parent and storage.exists(storage.join(parent, "head.json")) else None
